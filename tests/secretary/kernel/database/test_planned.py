"""Statements of pages that are planned once for each connection of a process that answers pages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import DataError, connection, transaction
from django.db.backends.signals import connection_created

from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.prepared import MOST, PlanningCursor, plan_once, planned

pytestmark = pytest.mark.django_db(transaction=True)
SUM = planned("SELECT %(a)s::int + %(b)s::int, %(a)s::int, 7 %% 4")


@pytest.fixture(autouse=True)
def web() -> Iterator[None]:
    """A connection as a process has it that answers pages."""
    connection.close()
    connection.ensure_connection()
    connection.connection.cursor_factory = PlanningCursor
    yield
    connection.close()


def asked(statement: str, values: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def total(a: int, b: int) -> Any:
    return asked(SUM, {"b": b, "a": a})


def plans(name: str = SUM.name) -> tuple[int, int] | None:
    """How often it was planned for its values, and executed by the plan for all; None where it is not prepared."""
    found: tuple[int, int] | None = asked(
        "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE name = %s", [name]
    )
    return found


def test_it_is_planned_once_and_its_text_is_what_wrappers_see() -> None:
    seen = []

    def look(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        assert [total(1, 2), total(3, 4), total(5, 6)] == [(3, 1, 3), (7, 3, 3), (11, 5, 3)]
    assert seen == [SUM] * 3
    assert plans() == (0, 3)
    connection.close()
    assert total(3, 4) == (7, 3, 3)


def test_within_a_transaction_it_is_sent_as_it_is() -> None:
    with transaction.atomic():
        assert total(1, 2) == (3, 1, 3)
    assert plans() is None


def test_what_the_session_has_lost_or_refuses_is_sent_as_it_is_and_prepared_again() -> None:
    rows = planned("SELECT * FROM short_lived")
    asked("CREATE TEMPORARY TABLE short_lived AS SELECT 1 AS number; SELECT 1")
    assert asked(rows) == (1,)
    asked("ALTER TABLE short_lived ALTER number TYPE text; SELECT 1")
    assert asked(rows) == ("1",)
    assert plans(rows.name) is None
    assert asked(rows) == ("1",)
    assert plans(rows.name) == (0, 1)
    total(1, 2)
    asked("DISCARD PLANS; DEALLOCATE ALL; SELECT 1")
    assert total(3, 4) == (7, 3, 3)
    assert plans() is None
    assert total(3, 4) == (7, 3, 3)
    assert plans() == (0, 1)


def test_a_first_time_that_fails_spoils_no_second_one() -> None:
    share = planned("SELECT 1 / %s::int")
    for _ in range(2):
        with pytest.raises(Exception, match="division by zero"):
            asked(share, [0])
    assert asked(share, [1]) == (1,)
    assert plans(share.name) is not None


def test_a_number_beyond_the_type_of_its_column_is_compared_all_the_same() -> None:
    below = planned("SELECT count(*) > 0, count(*) FILTER (WHERE id = %(one)s) FROM auth_permission WHERE id < %(end)s")
    for _ in range(2):
        assert asked(below, {"one": 10**30, "end": 2**63}) == (True, 0)
    assert plans(below.name) is not None
    total(1, 2)
    with pytest.raises(DataError, match="out of range"):
        total(2**31 - 1, 1)


def test_a_connection_knows_a_limited_number() -> None:
    for number in range(MOST + 2):
        assert asked(planned(f"SELECT {number}")) == (number,)
    assert asked("SELECT count(*) FROM pg_prepared_statements") == (MOST,)


def test_a_percent_sign_without_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match="percent"):
        planned("SELECT 7 % 4")


def test_a_kept_query_is_one_statement_for_lists_of_any_length() -> None:
    kept = KeptQuery(lambda names: Permission.objects.filter(codename__in=names, pk__gte=0).order_by("codename"))
    names = sorted(set(Permission.objects.values_list("codename", flat=True)))[:5]
    for wanted in (names[:1], names[1:4], names, []):
        assert sorted({row.codename for row in kept.rows(names=wanted)}) == wanted
    assert asked("SELECT sum(custom_plans), sum(generic_plans), count(*) FROM pg_prepared_statements") == (0, 3, 1)


@pytest.mark.parametrize("pooled", [True, False])
def test_behind_a_pooler_that_shares_by_transaction_nothing_is_prepared(settings: Any, pooled: bool) -> None:
    settings.DATABASE_POOLED = pooled
    connection_created.disconnect(dispatch_uid="planned")  # where a test of the web process has run before
    plan_once()
    try:
        connection.close()
        total(1, 2)
        assert plans() == (None if pooled else (0, 1))
    finally:
        connection_created.disconnect(dispatch_uid="planned")
