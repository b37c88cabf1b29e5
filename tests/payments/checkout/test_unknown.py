"""Answers that are lost, workers that vanish, providers that are down: polled until it is known; one charge."""

from typing import Any

import pytest
from django.db.models.functions import Now

from notifications.models import Alarm
from payments.checkout.poll_payments import alarm_about_unknown, poll_payments
from payments.models import AgencyPosting, LedgerEntry, Payment, Settlement
from payments.refusals import Refused
from tests.notifications.cast import MORNING
from tests.payments.bank import Killed
from tests.payments.cast import alice_owes, begin, confirm, let_time_pass, states
from tests.payments.conftest import Far
from tests.support.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def far_clock(far: Far) -> None:
    far.at(MORNING)


def poll(*, dropped: bool = False) -> None:
    let_time_pass(dropped=dropped)
    poll_payments(now=MORNING)


def one_charge(far: Any) -> None:
    """One charge there, one settlement and one booking here, of the same amount."""
    assert far.bank.total() == Settlement.objects.get().amount == 40000
    assert sorted(LedgerEntry.objects.values_list("amount", flat=True)) == [-40000, 40000]
    assert AgencyPosting.objects.count() == 1


def test_a_charge_whose_answer_was_lost_is_found_by_polling(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    assert confirm(alice, begin(alice, bill), far.bank).state == "unknown"
    assert Settlement.objects.count() == 0
    far.bank.faults["poll"].append("silent")
    poll()
    assert states() == ["unknown"]
    poll()
    assert states() == ["paid"]
    one_charge(far)


def test_a_confirm_that_never_arrived_stays_unknown_until_the_provider_has_dropped_the_order(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("lost")
    payment = confirm(alice, begin(alice, bill), far.bank)
    poll()
    assert states() == ["unknown"]  # it may be on its way
    with pytest.raises(Refused, match="under_way"):
        begin(alice, bill)
    poll(dropped=True)
    assert states() == ["expired"]
    with pytest.raises(Refused, match="too_late"):
        confirm(alice, payment, far.bank)
    confirm(alice, begin(alice, bill), far.bank)
    one_charge(far)


@pytest.mark.parametrize(("dies", "ends"), [("killed_before", "expired"), ("killed_after", "paid")])
def test_a_worker_that_dies_at_the_call_leaves_a_claim_that_is_polled(far: Far, dies: Any, ends: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append(dies)
    with pytest.raises(Killed):
        confirm(alice, payment, far.bank)
    assert states() == ["confirming"]
    assert confirm(alice, payment, far.bank).state == "confirming"  # the citizen loads the page again: nothing is sent
    poll()
    poll(dropped=True)
    assert states() == [ends]
    assert far.bank.calls.count("confirm") == 1
    if ends == "expired":
        confirm(alice, begin(alice, bill), far.bank)
    one_charge(far)


def test_a_claim_whose_lease_runs_is_left_alone(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("killed_before")
    with pytest.raises(Killed):
        confirm(alice, payment, far.bank)
    Payment.objects.update(ask_at=Now())
    poll_payments(now=MORNING)
    assert states() == ["confirming"]


@pytest.mark.parametrize(("late", "ends"), [("lost", "expired"), ("down", "expired"), ("declined", "declined")])
def test_the_late_answer_of_a_claim_that_has_a_successor_changes_nothing(far: Far, late: Any, ends: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.at_confirm = lambda: poll(dropped=True)  # while we wait for the answer, we count as vanished
    far.bank.faults["confirm"].append(late)
    assert confirm(alice, payment, far.bank).state == "unknown"
    poll(dropped=True)
    assert states() == [ends]


def test_a_provider_that_is_not_reached_at_all_took_nothing_and_may_be_tried_again(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("down")
    with pytest.raises(Refused, match="not_taken"):
        confirm(alice, payment, far.bank)
    assert confirm(alice, payment, far.bank).state == "paid"
    one_charge(far)


def test_a_provider_that_is_down_for_an_hour_charges_once(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    far.bank.faults["poll"].extend(["silent"] * 6)
    confirm(alice, begin(alice, bill), far.bank)
    for _ in range(6):
        poll()
    assert states() == ["unknown"]
    Payment.objects.update(confirmed_at=MORNING.replace(hour=0))
    assert alarm_about_unknown(now=MORNING.replace(hour=2)) == 1
    assert Alarm.objects.filter(kind="payment_unknown").exists()
    poll()
    one_charge(far)


def test_pauses_between_questions_grow(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("lost")
    confirm(alice, begin(alice, bill), far.bank)
    assert poll_payments(now=MORNING) == 0  # not yet
    waits = []
    for _ in range(9):
        let_time_pass()
        poll_payments(now=MORNING)
        payment = Payment.objects.annotate(clock=Now()).get()
        waits.append(round((present(payment.ask_at) - payment.clock).total_seconds()))
    assert waits[:4] == [10, 20, 40, 80] and waits[-1] == 900


def test_an_abandoned_page_is_closed(far: Far) -> None:
    alice, bill = alice_owes()
    begin(alice, bill)
    poll()
    assert states() == ["opened"]  # polled because of a callback, for example: too early to close it
    poll(dropped=True)
    assert states() == ["expired"]


def test_a_begin_whose_worker_died_is_closed_as_well(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    Payment.objects.all()._raw_delete("default")
    payment.state = "created"
    payment.save(force_insert=True)
    far.bank.accounts.clear()
    poll(dropped=True)
    assert states() == ["expired"]


def test_an_abandoned_page_is_closed_though_its_provider_does_not_answer(far: Far) -> None:
    begin(*alice_owes())
    far.bank.faults["poll"].append("silent")
    poll(dropped=True)
    assert states() == ["expired"]


@pytest.mark.parametrize("ended", ["abandoned", "expired", "declined"])
def test_money_that_was_captured_with_an_ended_payment_is_booked_and_refunded(far: Far, ended: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    Payment.objects.filter(pk=payment.pk).update(state=ended, ask_at=Now())
    far.bank.capture_unseen(payment.order_id)
    poll_payments(now=MORNING)
    payment.refresh_from_db()
    assert (payment.state, payment.reason) == ("surplus", f"after_{ended}")
    assert payment.refunds.get().amount == 40000
    bill.refresh_from_db()
    assert bill.state == "open"
    assert Alarm.objects.get(kind="payment_surplus").subject == payment.order_id


def test_a_second_charge_for_a_paid_bill_is_written_down_and_goes_back(far: Far) -> None:
    alice, bill = alice_owes()
    first = begin(alice, bill)
    confirm(alice, begin(alice, bill, provider="kakaopay"), far.banks["kakaopay"])
    far.bank.capture_unseen(first.order_id)
    Payment.objects.filter(pk=first.pk).update(ask_at=Now())
    poll_payments(now=MORNING)
    poll()
    assert states() == ["surplus", "paid"]
    assert Settlement.objects.filter(surplus=True).count() == AgencyPosting.objects.count() == 1


def test_an_answer_about_another_order_proves_nothing(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("lost")
    confirm(alice, payment, far.bank)
    far.bank.capture_unseen(payment.order_id)
    reported = far.bank.poll(order_id=payment.order_id, vendor_id="")
    monkeypatch.setattr(
        far.bank, "poll", lambda **_: type(reported)(reported.verdict, "ps-another", amount=reported.amount)
    )
    poll()
    assert states() == ["unknown"]
    assert Alarm.objects.filter(kind="payment_answer").exists()


def test_a_question_that_is_answered_declined_while_the_confirm_is_out_ends_nothing(far: Far) -> None:
    """A callback triggers a poll; the provider has no charge yet and reports declined; then it captures the money."""
    alice, bill = alice_owes()
    payment = begin(alice, bill)

    def asked_meanwhile() -> None:
        account = far.bank.accounts[payment.order_id]
        account.declined = True
        Payment.objects.update(ask_at=Now())
        poll_payments(now=MORNING)
        account.declined = False

    far.bank.at_confirm = asked_meanwhile
    assert confirm(alice, payment, far.bank).state == "paid"
    one_charge(far)
