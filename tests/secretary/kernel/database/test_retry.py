"""Retries of what another transaction has blocked, with the real codes of PostgreSQL."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from secretary.kernel.database import retry
from secretary.kernel.database.retry import TRIES, Busy, is_busy, retried
from secretary.kernel.models import ScheduledRun
from tests.subscriptions.cast import NOW

TRANSIENT = ["40P01", "40001", "23505"]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry.time, "sleep", lambda _seconds: None)  # type: ignore[attr-defined]


def raise_in_database(code: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'blocked' USING ERRCODE = '{code}'; END $$")


class Deed:
    """Writes a row, is called back on commit, and fails with this code the first `failures` times."""

    def __init__(self, code: Any, failures: Any) -> None:
        self.code, self.failures = code, failures
        self.tries = self.notified = 0
        self.run = retried(transaction.atomic(self._do))

    def _do(self) -> Any:
        self.tries += 1
        ScheduledRun.objects.create(name="deed", due_at=NOW, started_at=NOW)
        transaction.on_commit(self._report)
        if self.tries <= self.failures:
            raise_in_database(self.code)
        return "done"

    def _report(self) -> None:
        self.notified += 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", TRANSIENT)
def test_it_is_tried_again_and_its_side_effects_happen_once(code: Any) -> None:
    deed = Deed(code, failures=2)
    assert deed.run() == "done"
    assert (deed.tries, deed.notified, ScheduledRun.objects.count()) == (3, 1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", TRANSIENT)
def test_when_the_tries_are_used_up_it_is_busy_and_nothing_is_written(code: Any) -> None:
    deed = Deed(code, failures=TRIES)
    with pytest.raises(Busy):
        deed.run()
    assert (deed.tries, deed.notified, ScheduledRun.objects.count()) == (TRIES, 0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["55P03", "57014"])
def test_what_has_waited_too_long_is_not_made_to_wait_again(code: Any) -> None:
    deed = Deed(code, failures=1)
    with pytest.raises(Busy):
        deed.run()
    assert deed.tries == 1


@pytest.mark.django_db(transaction=True)
def test_another_error_is_raised_as_it_is() -> None:
    deed = Deed("22012", failures=1)
    with pytest.raises(DatabaseError) as raised:
        deed.run()
    assert (deed.tries, is_busy(raised.value)) == (1, False)


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_only_that_one_can_be_tried_again() -> None:
    deed = Deed("40P01", failures=1)
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        deed.run()
    assert (deed.tries, is_busy(raised.value)) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_what_is_in_a_row_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL's message about a unique violation holds the values; the constraint's name does not."""
    ScheduledRun.objects.create(name="홍길동 010-0000-0001", due_at=NOW, started_at=NOW)
    again = retried(
        transaction.atomic(lambda: ScheduledRun.objects.create(name="홍길동 010-0000-0001", due_at=NOW, started_at=NOW))
    )
    with caplog.at_level("INFO"), pytest.raises(Busy):
        again()
    assert "tick_once" in caplog.text
    assert "홍길동" not in caplog.text
