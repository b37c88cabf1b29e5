"""Two devices, double clicks, a webhook's worker: real threads, real commits, one charge."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now

from payments.bills.follow_records import follow_records
from payments.checkout.poll_payments import poll_payments
from payments.models import Bill, Payment, Refund, Settlement
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.refusals import Refused
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, owe, states
from tests.payments.conftest import Far
from tests.support.at_once import outcomes_at_once

pytestmark = pytest.mark.django_db(transaction=True)
DEVICES = 4


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each returned or was refused with."""
    ended = outcomes_at_once(*deeds)
    assert [each for each in ended if isinstance(each, BaseException) and not isinstance(each, Refused)] == []
    return [each.code if isinstance(each, Refused) else each for each in ended]


def test_devices_that_confirm_at_once_charge_once(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    meet = threading.Barrier(DEVICES)
    far.biller.at_poll = lambda: meet.wait(60)  # all of them have queried the agency before one may claim
    seen = at_once(*[lambda: confirm(alice, payment, far.bank)] * DEVICES)
    assert {item.state for item in seen} <= {"paid", "confirming"}
    assert (far.bank.calls.count("confirm"), Settlement.objects.count(), far.bank.total()) == (1, 1, 40000)
    assert states() == ["paid"]


def test_devices_that_begin_at_once_leave_one_live_payment(far: Far) -> None:
    alice, bill = alice_owes()
    names = ["toss_payments", "kakaopay", "naverpay", "toss_payments"]
    at_once(*[lambda name=name: begin(alice, bill, provider=name) for name in names])
    assert sorted(states()).count("opened") == 1
    live = Payment.objects.get(state="opened")
    others = Payment.objects.exclude(pk=live.pk)
    assert set(others.values_list("reason", flat=True)) <= {"replaced"}
    bank = far.banks[live.provider]
    assert confirm(alice, live, bank).state == "paid"


def test_a_confirm_and_a_switch_to_another_provider_at_once_charge_once(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    at_once(lambda: confirm(alice, payment, far.bank), lambda: begin(alice, bill, provider="kakaopay"))
    total = sum(bank.total() for bank in far.banks.values())
    assert (total, Settlement.objects.count()) in [(40000, 1), (0, 0)]
    if not total:  # the switch was first
        confirm(alice, Payment.objects.get(state="opened"), far.banks["kakaopay"])
    assert Settlement.objects.get().amount == 40000


def test_an_answer_and_questions_that_come_at_once_settle_once(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, bill), far.bank)
    Payment.objects.update(ask_at=Now())
    far.bank.faults["poll"].clear()
    at_once(*[lambda: poll_payments(now=MORNING)] * DEVICES)
    assert (Settlement.objects.count(), states()) == (1, ["paid"])


def test_workers_that_carry_out_a_refund_at_once_give_it_back_once(far: Far, django_user_model: Any) -> None:
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    first, second = (django_user_model.objects.create(username=name) for name in ("a", "b"))
    refund = request_refund(payment_id=payment.pk, amount=40000, requested_by=first, reason="because", now=MORNING)
    approve_refund(refund_id=refund.pk, approved_by=second, reason="because", now=MORNING)
    at_once(*[lambda: carry_out_refunds(now=MORNING)] * DEVICES)
    assert (far.bank.calls.count("refund"), far.bank.total(), Refund.objects.get().state) == (1, 0, "done")
    payment.refresh_from_db()
    assert (payment.state, payment.bill.state) == ("refunded", "refunded")


def test_devices_that_pay_two_records_of_one_case_at_once_charge_once(far: Far) -> None:
    """Fault row 17. Both are with their providers; each queries the agency, which knows records and not cases."""
    case = {"case_number": "C-1"}
    alice, first = alice_owes(fields=case)
    second = owe(alice, fields=case)
    at_once(
        lambda: confirm(alice, begin(alice, first), far.bank),
        lambda: confirm(alice, begin(alice, second, provider="kakaopay"), far.banks["kakaopay"]),
    )
    if not Settlement.objects.exists():  # each has ended the other's attempt
        confirm(alice, begin(alice, second), far.bank)
    assert sum(bank.total() for bank in far.banks.values()) == Settlement.objects.get().amount == 40000


def test_a_record_that_comes_in_while_its_case_is_being_paid_is_not_paid_again(far: Far) -> None:
    """Fault row 17. Its bill is opened in the very instant in which the other one is settled."""
    case = {"case_number": "C-1"}
    alice, first = alice_owes(fields=case)
    payment = begin(alice, first)
    meet = threading.Barrier(2)
    far.bank.at_confirm = lambda: meet.wait(60)

    def another() -> Bill:
        meet.wait(60)
        return owe(alice, fields=case)

    _, second = at_once(lambda: confirm(alice, payment, far.bank), another)
    assert begin_is_refused(alice, second) in ("sibling", "under_way")
    follow_records(now=MORNING)
    second.refresh_from_db()
    assert (second.state, second.reason, far.bank.total()) == ("closed", "sibling", 40000)


def begin_is_refused(alice: Citizen, bill: Bill) -> str:
    with pytest.raises(Refused) as refused:
        begin(alice, bill)
    return refused.value.code


def test_a_payment_that_times_out_after_the_capture_and_a_second_device_charge_once(far: Far) -> None:
    """Fault row 17, whole: the answer is lost, another device begins anew, workers poll at once."""
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, bill), far.bank)
    Payment.objects.update(ask_at=Now())
    seen = at_once(
        lambda: begin(alice, bill, provider="kakaopay"),
        lambda: poll_payments(now=MORNING),
        lambda: poll_payments(now=MORNING),
        lambda: begin(alice, bill, provider="naverpay"),
    )
    assert {seen[0], seen[3]} <= {"under_way", "already_paid"}
    assert (states(), far.bank.total(), Settlement.objects.count()) == (["paid"], 40000, 1)
