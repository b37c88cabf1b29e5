"""Rows apart: one that raises is reported and passed over; only what no row could survive ends the loop."""

from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from secretary.kernel.database.each import for_each_apart, is_passing

pytestmark = pytest.mark.django_db(transaction=True)


def loop(rows: list[Any], do: Any) -> tuple[int, list[tuple[Any, str]]]:
    failed: list[tuple[Any, str]] = []
    done = for_each_apart(
        rows, do, what="test", on_failure=lambda row, error: failed.append((row, type(error).__name__))
    )
    return done, failed


def test_each_row_is_done_and_one_that_raised_is_reported() -> None:
    assert loop([2, 0, 1], lambda row: 1 / row) == (2, [(0, "ZeroDivisionError")])


def test_what_a_row_had_written_in_an_open_transaction_is_undone_and_nothing_else() -> None:
    def make(name: str) -> None:
        User.objects.create(username=f"{name}-1")
        User.objects.create(username="taken")

    with transaction.atomic():
        assert loop(["a", "b"], make) == (1, [("b", "IntegrityError")])
    assert set(User.objects.values_list("username", flat=True)) == {"a-1", "taken"}


def test_outside_of_a_transaction_none_is_opened_so_that_no_connection_is_held_over_a_call() -> None:
    assert loop([1], lambda _: None if not connection.in_atomic_block else 1 / 0) == (1, [])


@pytest.mark.parametrize(
    "error", [SoftTimeLimitExceeded(), InterfaceError("connection already closed"), OperationalError("gone")]
)
def test_an_outage_and_the_end_of_the_tasks_time_end_the_loop(error: Any) -> None:
    tried: list[int] = []

    def do(row: int) -> None:
        tried.append(row)
        raise error

    with pytest.raises(type(error)):
        loop([1, 2], do)
    assert tried == [1]


def test_the_log_says_what_and_where_and_not_about_whom(caplog: pytest.LogCaptureFixture) -> None:
    def do(_: int) -> None:
        raise ValueError("홍길동, 010-0000-0001")

    loop([1], do)
    assert "ValueError at test_each.py:" in caplog.text and "홍길동" not in caplog.text


def test_a_lock_that_was_not_got_is_passing_and_a_broken_constraint_is_not() -> None:
    with connection.cursor() as cursor, pytest.raises(OperationalError) as late, transaction.atomic():
        cursor.execute("SET LOCAL statement_timeout = 5; SELECT pg_sleep(5)")
    User.objects.create(username="taken")
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        User.objects.create(username="taken")
    assert is_passing(late.value) and not is_passing(broken.value)
