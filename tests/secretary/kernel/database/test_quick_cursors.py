"""Cursors in few steps do what Django's do."""

from typing import Any

import psycopg2
import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import InterfaceError
from psycopg2.extensions import encodings

from secretary.kernel.database.quick_cursors import QuickCursor, quick_cursor, read_names_at_once
from subscriptions.models import Agency

pytestmark = pytest.mark.django_db


def test_rows_are_read_and_the_cursor_is_closed() -> None:
    with quick_cursor(connection) as cursor:
        cursor.execute("SELECT %s, now() FROM generate_series(1, 2)", [1])
        assert isinstance(cursor, QuickCursor)
        one, at = cursor.fetchone() or (0, None)
        assert (one, at and at.tzinfo) == (1, connection.timezone)
        assert len(cursor.fetchall()) == 1 and cursor.fetchone() is None
        cursor.execute("SELECT '100%'")
        assert [*cursor] == [("100%",)]
    assert cursor.cursor.closed


@pytest.mark.parametrize(
    ("sql", "kind"), [("SELECT nothing", ProgrammingError), ("SELECT 1 / 0", DataError), ("SELECT %s", IntegrityError)]
)
def test_errors_are_djangos_and_end_the_transaction(sql: str, kind: type[Exception]) -> None:
    code = Agency.objects.create(code="twice", name_ko="기관", name_en="agency").code if "%s" in sql else ""
    sql = sql.replace("SELECT %s", f"UPDATE subscriptions_agency SET id = NULL WHERE code = '{code}'")
    with pytest.raises(kind) as found, transaction.atomic(), quick_cursor(connection) as cursor:
        cursor.execute(sql)
    assert isinstance(found.value.__cause__, psycopg2.Error)
    with pytest.raises(ProgrammingError), quick_cursor(connection) as cursor:
        cursor.fetchone()
    with pytest.raises(ProgrammingError), quick_cursor(connection) as cursor:
        cursor.fetchall()


def test_a_transaction_that_is_broken_takes_no_statement() -> None:
    with transaction.atomic(), quick_cursor(connection) as cursor:
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            cursor.execute("SELECT 1")
        transaction.set_rollback(False)


def test_who_counts_statements_sees_each_of_them() -> None:
    seen: list[tuple[str, Any]] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count), quick_cursor(connection) as cursor:
        cursor.execute("SELECT %s", [1])
        assert cursor.fetchall() == [(1,)]
    assert seen == [("SELECT %s", [1])]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_not_open_is_opened_and_one_that_was_closed_is_an_error() -> None:
    connection.close()
    with quick_cursor(connection) as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    connection.connection.close()
    with pytest.raises(InterfaceError):
        quick_cursor(connection)
    connection.close()


def test_names_of_columns_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UTF8", "UNICODE"):
        monkeypatch.setitem(encodings, name, encodings[name])
    read_names_at_once()
    session = psycopg2.connect(**connection.get_connection_params())
    with session, session.cursor() as cursor:
        cursor.execute("SELECT '값' || %s AS \"이름\"", ["어"])
        assert [column.name for column in cursor.description] == ["이름"] and cursor.fetchone() == ("값어",)
    session.close()
