"""What is scheduled finds what a lost message would have started."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.models import Alarm
from payments import tasks
from payments.checkout.sweep import Waiting, find_waiting
from payments.models import AgencyPosting, Payment, ReconcileRun
from secretary.kernel.time import database_clock
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, correct, let_time_pass, states
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(tasks, "enqueue", names.append)
    return names


def test_nothing_is_enqueued_while_there_is_nothing_to_do(enqueued: list[str], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):  # the database's clock, and what waits
        tasks.sweep()
    assert enqueued == []


def test_the_sweeper_finds_payments_to_poll_and_postings_to_send(far: Far, enqueued: list[str]) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, bill), far.bank)
    let_time_pass()
    assert find_waiting() == Waiting(poll=True, refund=False, post=False)
    tasks.sweep()
    tasks.poll()
    tasks.sweep()
    tasks.post()
    assert enqueued == ["payments.ask", "payments.post"]
    assert (states(), AgencyPosting.objects.get().state) == (["paid"], "acknowledged")
    assert find_waiting() == Waiting(poll=False, refund=False, post=False)


def test_the_watch_follows_the_feeds(far: Far) -> None:
    alice, bill = alice_owes()
    begin(alice, bill)
    correct(bill, state="paid")
    tasks.watch()
    assert states() == ["abandoned"]


@pytest.mark.parametrize(
    ("party", "call", "fault", "kind"),
    [("bank", "confirm", "taken_lost", "payment_unknown"), ("biller", "report", "down", "unposted")],
)
def test_the_watch_raises_alarms_about_what_takes_too_long(
    far: Far, monkeypatch: pytest.MonkeyPatch, party: Any, call: Any, fault: Any, kind: Any
) -> None:
    far.at(MORNING)
    monkeypatch.setattr(database_clock, "now", lambda: MORNING)
    alice, bill = alice_owes()
    getattr(far, party).faults[call].append(fault)
    confirm(alice, begin(alice, bill), far.bank)
    Payment.objects.update(confirmed_at=MORNING)
    tasks.watch()
    assert not Alarm.objects.exists()
    monkeypatch.setattr(database_clock, "now", lambda: MORNING + timedelta(minutes=61))
    tasks.watch()
    assert [alarm.kind for alarm in Alarm.objects.all()] == [kind]


def test_two_schedulers_reconcile_once(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bill = alice_owes()
    begin(alice, bill)
    monkeypatch.setattr(database_clock, "now", lambda: MORNING + timedelta(days=1))
    tasks.reconcile()
    ran_at = ReconcileRun.objects.get().ran_at
    monkeypatch.setattr(database_clock, "now", lambda: MORNING + timedelta(days=1, minutes=1))
    tasks.reconcile()
    assert ReconcileRun.objects.get().ran_at == ran_at
