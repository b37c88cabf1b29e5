"""Statements that are planned once for each connection."""

from typing import Any

import pytest
from django.db import connection, transaction

from secretary.kernel.database.prepared import Prepared

pytestmark = pytest.mark.django_db(transaction=True)
SUM = Prepared("test_sum", "SELECT %(a)s + %(b)s, %(a)s, 7 %% 4", {"a": "int", "b": "int"})


def total(**values: int) -> Any:
    with connection.cursor() as cursor:
        SUM.execute(cursor, values)
        return cursor.fetchone()


def test_parameters_go_where_their_names_are() -> None:
    assert total(b=1, a=2) == (3, 2, 3)


def test_it_is_prepared_once_for_a_connection(django_assert_num_queries: Any) -> None:
    total(a=1, b=2)
    with django_assert_num_queries(1):
        assert total(a=3, b=4) == (7, 3, 3)


def test_a_new_connection_learns_it_anew() -> None:
    total(a=1, b=2)
    connection.close()
    assert total(a=3, b=4) == (7, 3, 3)
    connection.close()


def test_it_survives_a_transaction_that_is_rolled_back() -> None:
    connection.close()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        total(a=1, b=2)
        raise ZeroDivisionError
    assert total(a=3, b=4) == (7, 3, 3)


@pytest.mark.parametrize("first", ["committed", "rolled back"])
def test_it_is_planned_once_whatever_becomes_of_the_first_transaction(first: str) -> None:
    connection.close()
    with transaction.atomic():
        total(a=1, b=2)
        transaction.set_rollback(first == "rolled back")
    for number in range(5):
        total(a=number, b=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE name = %s", [SUM.name])
        assert cursor.fetchone() == (0, 6)


def test_behind_a_pooler_any_session_will_do(settings: Any) -> None:
    settings.DATABASE_POOLED = True
    assert total(a=1, b=2) == (3, 1, 3)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as a session is that the pooler has just opened
    assert total(a=3, b=4) == (7, 3, 3)
    connection.close()
    assert total(a=3, b=5) == (8, 3, 3)
    assert total(a=3, b=6) == (9, 3, 3)
    with connection.cursor() as cursor:  # the session knew it, whichever client of the pooler had prepared it
        cursor.execute("SELECT generic_plans FROM pg_prepared_statements WHERE name = %s", [SUM.name])
        assert cursor.fetchone() == (2,)


def test_another_text_under_the_same_name_is_another_statement() -> None:
    assert SUM.name != Prepared("test_sum", "SELECT %(a)s", {"a": "int", "b": "int"}).name
