"""What is kept of the offer from page to page is what is in force at that moment."""

from typing import Any

import pytest
from django.db import transaction

from subscriptions.data_types.offer import offer
from subscriptions.models import Agency, ConsentText, DataType, DataTypeVersion
from tests.subscriptions import cast
from tests.support.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def offered(db: None) -> None:
    cast.offer_all()


def shown() -> list[tuple[str, str, str, str]]:
    return [
        (kind.code, version.name_ko, kind.agency.name_ko, version.consent_text.purpose_ko)
        for kind in offer().kinds
        if (version := present(kind.live_version))
    ]


def in_force() -> list[tuple[str, str, str, str]]:
    names = ("code", "live_version__name_ko", "agency__name_ko", "live_version__consent_text__purpose_ko")
    return list(DataType.objects.live().values_list(*names))


def test_each_change_is_in_the_very_next_page_also_one_that_is_taken_back() -> None:
    assert shown() == in_force() != []
    version = present(DataType.objects.live()[0].live_version)
    for changed in (
        lambda: DataTypeVersion.objects.filter(pk=version.pk).update(name_ko="다른 이름"),
        lambda: Agency.objects.update(name_ko="다른 기관"),
        lambda: ConsentText.objects.filter(pk=version.consent_text_id).update(purpose_ko="다른 목적"),
        lambda: DataType.objects.filter(live_version=version).update(position=999),
        lambda: cast.offer("fine_two", group="traffic"),
        lambda: DataType.objects.filter(code="fine_two").update(live_version=None),
    ):
        before = shown()
        point = transaction.savepoint()
        changed()
        assert shown() == in_force() != before
        transaction.savepoint_rollback(point)
        assert shown() == in_force() == before
        changed()
        assert shown() == in_force() != before


def test_what_has_not_changed_takes_one_statement(django_assert_num_queries: Any) -> None:
    offer()
    with django_assert_num_queries(1):
        assert shown()
