"""Queries whose text is composed once: their rows are those of the query set itself, with any values."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model, QuerySet

from payments.models import Bill, Payment
from secretary.kernel.database.kept_queries import KeptQuery, KeptText, Together, along, put_along
from subscriptions.models import CitizenKey

pytestmark = pytest.mark.django_db


def named(names: list[str]) -> QuerySet[Permission]:
    found = Permission.objects.filter(codename__in=names).select_related("content_type")
    return found.defer("content_type__model").order_by("codename")


def some_names() -> list[str]:
    return sorted(set(Permission.objects.values_list("codename", flat=True)))[:5]


def test_rows_are_those_of_the_query_set(django_assert_num_queries: Any) -> None:
    kept, names = KeptQuery(named), some_names()
    assert len(names) == 5
    for wanted in (names[:2], names[2:4], names[:5], names[:1], []):
        expected = list(named(wanted))
        found = kept.rows(names=wanted)
        assert found == expected
        with django_assert_num_queries(0):
            assert [row.content_type.app_label for row in found] == [row.content_type.app_label for row in expected]
        for row in found:
            assert row.content_type.get_deferred_fields() == {"model"}


def test_what_several_rows_belong_to_is_one_instance_of_this_reading_alone() -> None:
    kept = KeptQuery(lambda names: named(names).exclude(content_type=None))
    names = list(Permission.objects.filter(content_type__model="citizen").values_list("codename", flat=True)[:3])
    one, other, third = kept.rows(names=names)
    assert one.content_type is other.content_type is third.content_type
    again = kept.rows(names=names)[0].content_type
    assert again == one.content_type and again is not one.content_type


def test_an_instance_has_all_that_django_puts_into_one() -> None:
    expected = list(named(some_names()))
    found = KeptQuery(named).rows(names=some_names())
    for one, other in zip(found, expected, strict=True):
        assert type(one) is type(other)
        assert _all_of(one) == _all_of(other)
        assert _all_of(one.content_type) == _all_of(other.content_type)
        assert (one._state.adding, one._state.db) == (other._state.adding, other._state.db)


def _all_of(row: Model) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_a_text_is_composed_once_for_lists_of_any_length() -> None:
    names, composed = some_names(), []

    def compose(names: list[str]) -> QuerySet[Permission]:
        composed.append(len(names))
        return named(names)

    kept = KeptQuery(compose)
    for wanted in (names[:2], names[2:4], names[1:3], names[:3], names[2:5]):
        assert [row.codename for row in kept.rows(names=wanted)] == wanted
    assert len(composed) == 1


def test_values_of_each_type_and_ends_of_slices() -> None:
    first, other = UUID(int=1), UUID(int=2)
    values: dict[str, Any] = {
        "citizen": first,
        "hashes": [b"a" * 32, b"b" * 32],
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }

    def compose(end: int, citizen: UUID, hashes: list[bytes], at: datetime) -> QuerySet[CitizenKey]:
        return CitizenKey.objects.filter(key_hash__in=hashes, citizen=citizen, citizen__created_at__lt=at)[:end]

    kept = KeptQuery(compose)
    assert kept.rows(3, **values) == [] == kept.rows(7, **values | {"citizen": other})
    dated = KeptQuery(lambda day: Bill.objects.filter(quotes__day=day).values_list("pk", flat=True))
    assert dated.rows(day=date(2026, 1, 1)) == []
    assert KeptQuery(lambda: Permission.objects.values_list("pk", flat=True)[:1]).first() is not None


def test_a_value_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="citizen"):
        KeptQuery(lambda **_citizen: Bill.objects.order_by("-id")).rows(citizen=UUID(int=1))
    with pytest.raises(TypeError):
        KeptQuery(lambda of: Bill.objects.filter(pk=of)).rows(of=object())


def test_queries_read_together_have_the_rows_that_each_has_alone(django_assert_num_queries: Any) -> None:
    """In its order, with what it reads along, and with the values that it takes."""
    last = KeptQuery(lambda app: Permission.objects.filter(content_type__app_label=app).order_by("-codename")[:4])
    none = KeptQuery(lambda app: Permission.objects.filter(codename=app))
    doubled = KeptText("SELECT app, app || '%%' FROM unnest(%s) app ORDER BY app DESC", "apps")
    together = Together(named=KeptQuery(named), last=last, none=none, doubled=doubled)
    names = some_names()
    for app, wanted in (("payments", names), ("subscriptions", names[:2]), ("payments", names[1:3])):
        with django_assert_num_queries(1):
            found = together.rows(names=wanted, app=app, apps=[app, "an app"])
            assert [row.content_type.app_label for row in found["named"]]
        assert found["named"] == list(named(wanted))
        assert found["last"] == last.rows(app=app) and len(found["last"]) == 4
        assert found["none"] == []
        assert found["doubled"] == [(app, f"{app}%"), ("an app", "an app%")]


def test_lists_of_a_text_of_our_own_may_be_empty() -> None:
    together = Together(
        of=KeptText("SELECT app FROM unnest(%s::text[]) app", "apps"), on=KeptQuery(Permission.objects.all)
    )
    assert together.rows(apps=[])["of"] == []


def test_no_thread_gets_another_ones_connection(django_assert_num_queries: Any) -> None:
    kept = KeptQuery(lambda: Permission.objects.order_by("pk").values_list("pk", flat=True))
    mine = kept.rows()

    def elsewhere() -> list[Any]:
        try:
            return kept.rows()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, django_assert_num_queries(0):  # of this thread's connection
        assert pool.submit(elsewhere).result() == mine


def test_rows_put_along_are_found_without_a_statement(django_assert_num_queries: Any) -> None:
    bills = [Bill(pk=1), Bill(pk=2)]
    payments = [Payment(pk=5, bill_id=2), Payment(pk=4, bill_id=2)]
    put_along(bills, "payments", payments, of="bill")
    with django_assert_num_queries(0):
        assert [along(bill, "payments") for bill in bills] == [[], payments]
        assert all(payment.bill is bills[1] for payment in payments)
