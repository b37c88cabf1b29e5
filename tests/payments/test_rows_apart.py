"""One row that raises stops no loop: the others are done, it has an alarm and a pause, and is tried again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import override_settings

from notifications.models import Alarm, Record
from payments import tasks
from payments.adapters import NotOffered
from payments.bills import follow_records
from payments.bills.bills import open_bills
from payments.checkout import poll_payments, post_to_agency
from payments.models import AgencyPosting, Bill, Payment, ReconcileRun, Refund
from payments.reconciliation import reconcile
from payments.refunds import carry_out_refund
from payments.refunds.request_refund import approve_refund, request_refund
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, correct, owe
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=1)


@dataclass
class Loop:
    """Three rows are due and the first is poisoned. `done`: how many are done; `again`: makes everything due anew."""

    run: Callable[[], object]
    done: Callable[[], int]
    again: Callable[[], object]
    alarm: str


def three_bills() -> tuple[Any, list[Bill]]:
    alice, first = alice_owes()
    return alice, [first, owe(alice), owe(alice)]


def poison(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, first: Callable[..., bool]) -> None:
    """That function raises for the first row only."""
    real = getattr(module, name)

    def poisoned(*args: Any, **kwargs: Any) -> Any:
        if first(*args, **kwargs):
            raise TypeError("poisoned: 홍길동")
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, poisoned)


def asking(far: Any, monkeypatch: pytest.MonkeyPatch) -> Loop:
    alice, bills = three_bills()
    for bill in bills:
        far.bank.faults["confirm"].append("taken_lost")
        confirm(alice, begin(alice, bill), far.bank)
    first = Payment.objects.order_by("pk")[0].pk
    unknown = Payment.objects.filter(state="unknown")
    unknown.update(ask_at=Now())
    poison(monkeypatch, poll_payments, "take_outcome", lambda **given: given["payment_id"] == first)
    paid = Payment.objects.filter(state="paid")
    return Loop(
        lambda: poll_payments.poll_payments(now=MORNING),
        paid.count,
        lambda: unknown.update(ask_at=Now()),
        "polls of payments",
    )


def refunding(far: Any, monkeypatch: pytest.MonkeyPatch) -> Loop:
    alice, bills = three_bills()
    clerk, chief = (User.objects.create(username=name) for name in ("clerk", "chief"))
    for bill in bills:
        paid = confirm(alice, begin(alice, bill), far.bank)
        refund = request_refund(payment_id=paid.pk, amount=40000, requested_by=clerk, reason="why", now=MORNING)
        approve_refund(refund_id=refund.pk, approved_by=chief, reason="yes", now=MORNING)
    first = Payment.objects.order_by("pk")[0].order_id
    poison(monkeypatch, far.bank, "refund", lambda **given: given["order_id"] == first)
    poison(monkeypatch, far.bank, "poll", lambda **given: given["order_id"] == first)
    return Loop(
        lambda: carry_out_refund.carry_out_refunds(now=MORNING),
        Refund.objects.filter(state="done").count,
        lambda: Refund.objects.filter(ask_at__isnull=False).update(ask_at=Now()),
        "refunds",
    )


def posting(far: Any, monkeypatch: pytest.MonkeyPatch) -> Loop:
    alice, bills = three_bills()
    for bill in bills:
        confirm(alice, begin(alice, bill), far.bank)
    first = AgencyPosting.objects.order_by("pk")[0].posting_id
    poison(monkeypatch, far.biller, "report", lambda reported: reported.posting_id == first)
    return Loop(
        lambda: post_to_agency.post_to_agencies(now=MORNING),
        AgencyPosting.objects.filter(state="acknowledged").count,
        lambda: AgencyPosting.objects.update(next_at=Now()),
        "postings to agencies",
    )


def following(far: Any, monkeypatch: pytest.MonkeyPatch) -> Loop:
    _, bills = three_bills()
    for bill in bills:
        correct(bill, state="withdrawn")
    poison(monkeypatch, follow_records, "follow_record", lambda **given: given["bill"].pk == bills[0].pk)
    return Loop(
        lambda: follow_records.follow_records(now=MORNING),
        Bill.objects.filter(state="closed").count,
        lambda: Bill.objects.filter(follow_at__isnull=False).update(follow_at=Now()),
        "bills that follow their records",
    )


LOOPS = [asking, refunding, posting, following]


@pytest.mark.parametrize("make", LOOPS)
def test_the_others_are_done_and_the_poisoned_one_waits_and_is_tried_again(
    far: Far, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, make: Any
) -> None:
    far.at(MORNING)
    with monkeypatch.context() as poisoned:
        loop = make(far, poisoned)
        loop.run()
        assert loop.done() == 2
        alarm = Alarm.objects.get(kind="row_failed", subject=loop.alarm)
        assert "TypeError" in alarm.message and "홍길동" not in alarm.message + caplog.text
        loop.run()  # it has its pause
        assert Alarm.objects.get(pk=alarm.pk).times == 1
        loop.again()
        loop.run()
        assert (loop.done(), Alarm.objects.get(pk=alarm.pk).times) == (2, 2)
    loop.again()
    loop.run()
    assert loop.done() == 3


def test_a_refund_whose_provider_is_not_offered_any_more_keeps_no_other_back(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.at(MORNING)
    alice, bills = three_bills()
    clerk, chief = (User.objects.create(username=name) for name in ("clerk", "chief"))
    for bill, name in zip(bills, ("kakaopay", "toss_payments", "toss_payments"), strict=True):
        paid = confirm(alice, begin(alice, bill, provider=name), far.banks[name])
        refund = request_refund(payment_id=paid.pk, amount=40000, requested_by=clerk, reason="why", now=MORNING)
        approve_refund(refund_id=refund.pk, approved_by=chief, reason="yes", now=MORNING)
    gone = far.banks.pop("kakaopay")
    with pytest.raises(NotOffered):
        far.provider("kakaopay")
    carry_out_refund.carry_out_refunds(now=MORNING)
    assert list(Refund.objects.order_by("pk").values_list("state", flat=True)) == ["sending", "done", "done"]
    assert "NotOffered" in Alarm.objects.get(kind="row_failed", subject="refunds").message
    far.banks["kakaopay"] = gone  # it is back
    Refund.objects.filter(ask_at__isnull=False).update(ask_at=Now())
    carry_out_refund.carry_out_refunds(now=MORNING)
    assert (Refund.objects.filter(state="done").count(), gone.total()) == (3, 0)


def test_the_alarms_are_raised_though_the_bills_cannot_be_followed(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    AgencyPosting.objects.update(created_at=MORNING - timedelta(days=1))
    monkeypatch.setattr(follow_records, "BEHIND", "SELECT nonsense")
    tasks.watch()
    assert set(Alarm.objects.values_list("kind", flat=True)) == {"row_failed", "unposted"}


def test_a_record_that_cannot_be_read_keeps_no_other_bill_from_being_opened(far: Far) -> None:
    alice, first = alice_owes()
    second = owe(alice)
    Bill.objects.all().delete()
    Record.objects.filter(pk=first.record_id).update(payload_encrypted=b"\x01\x02k1")
    assert open_bills(citizen=alice, now=MORNING) == 1
    assert Bill.objects.get().record_id == second.record_id
    assert Alarm.objects.filter(kind="record_unreadable").exists()


@override_settings(PAYMENT_PROVIDERS=["toss_payments", "kakaopay"], PAYMENT_BILLERS={"knpa": "memory"})
@pytest.mark.parametrize("place", ["file", "order", "list"])
def test_a_provider_or_agency_whose_list_cannot_be_read_counts_as_silent(
    far: Far, monkeypatch: pytest.MonkeyPatch, place: Any
) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    confirm(alice, begin(alice, owe(alice)), far.bank)
    first = Payment.objects.order_by("pk")[0].order_id
    if place == "file":
        poison(monkeypatch, far.bank, "settlements", lambda _: True)
    elif place == "list":
        poison(monkeypatch, far.biller, "posted", lambda _: True)
    else:
        far.bank.faults["settlements"].append("not_published")
        poison(monkeypatch, far.bank, "poll", lambda **given: given["order_id"] == first)
    before = far.bank.calls.count("poll")
    reconcile.reconcile(day=MORNING.date(), now=LATER)
    assert ReconcileRun.objects.get().complete is False
    assert Alarm.objects.filter(kind="row_failed").exists()
    assert far.bank.calls.count("poll") - before == (1 if place == "order" else 0)  # the other order was polled


@override_settings(PAYMENT_PROVIDERS=["toss_payments"], PAYMENT_BILLERS={"knpa": "memory"})
def test_a_day_that_cannot_be_reconciled_keeps_no_other_day_back(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    poison(monkeypatch, reconcile, "_write", lambda day, *_: day == MORNING.date())
    later = MORNING + timedelta(days=2)
    far.at(later)
    assert reconcile.reconcile_due(now=later) == 2
    assert ReconcileRun.objects.count() == 1


def test_each_task_is_enqueued_though_one_cannot_be(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    Payment.objects.update(ask_at=Now())
    enqueued: list[str] = []

    def enqueue(name: str) -> None:
        if name == "payments.ask":
            raise TypeError
        enqueued.append(name)

    monkeypatch.setattr(tasks, "enqueue", enqueue)
    tasks.sweep()
    assert enqueued == ["payments.post"]
