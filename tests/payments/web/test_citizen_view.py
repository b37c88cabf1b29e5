"""What the citizens' pages are given: amounts, days, words, and never another person's."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.bills.bills import NoSuchBill
from payments.bills.object_to_bill import raise_objection, take_back_objection
from payments.bills.quote_bill import Change
from payments.checkout.pay_bill import NoSuchPayment
from payments.models import Payment
from payments.web.bill_view import view_bill, view_bills, view_payments
from payments.web.payment_view import receipt_of, view_payment, view_providers
from subscriptions.events import announce_merged
from subscriptions.models import Citizen, CitizenKey
from tests.notifications.cast import MORNING, enrol
from tests.payments.cast import alice_owes, begin, confirm, correct, owe
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
REDUCED = {"reduced_amount": 32000, "reduction_ends_on": "2026-03-23", "due_on": "2026-05-29"}


def shown(citizen: Any, language: str = "ko", days: int = 0) -> Any:
    return view_bills(citizen=citizen, language=language, now=MORNING + timedelta(days=days))  # type: ignore[arg-type]


def test_the_price_clock_says_now_until_when_what_next_and_what_waiting_costs(far: Far) -> None:
    alice, _ = alice_owes(fields=REDUCED)
    [bill] = shown(alice)
    clock = bill.clock
    assert (clock.amount, clock.until, clock.next, clock.cost_of_waiting) == (
        32000,
        date(2026, 3, 23),
        Change(date(2026, 3, 24), 40000),
        8000,
    )
    assert clock.after_next.on == date(2026, 5, 30) and clock.after_next.amount == 41200
    assert sum(line.amount for line in clock.lines) == clock.amount
    assert clock.ends_procedure and clock.valid_until == MORNING.replace(day=23, hour=15)
    assert bill.payable and (bill.agency, bill.fields["violation"]) == ("경찰청", "신호위반")


def test_it_is_notified_in_the_language_of_the_person(far: Far) -> None:
    alice, _ = alice_owes(fields=REDUCED)
    assert shown(alice)[0].clock.lines[0].words == "과태료"
    assert shown(alice, "en")[0].clock.lines[0].words == "Fine"
    assert [item.title for item in view_providers(language="ko")] == ["토스페이"] * 3


def test_a_payment_is_shown_from_its_beginning_to_its_receipt(far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    [before] = view_payments(citizen=alice, language="ko", now=MORNING)
    assert (before.state, before.live, before.pending, before.captured) == ("opened", True, False, False)
    confirm(alice, payment, far.bank)
    after = view_payment(citizen=alice, order_id=payment.order_id, language="ko")
    assert (after.state, after.live, after.captured, after.captured_amount) == ("paid", False, True, 40000)
    receipt = receipt_of(citizen=alice, order_id=payment.order_id, language="ko")
    assert (receipt.number, receipt.paid_on, receipt.posted_at) == (after.receipt_number, date(2026, 3, 10), None)
    [bill_view] = shown(alice)
    assert (bill_view.state, bill_view.payable, bill_view.clock) == ("paid", False, None)


def test_an_unknown_outcome_is_neither_paid_nor_unpaid(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, payment, far.bank)
    seen = view_payment(citizen=alice, order_id=payment.order_id, language="ko")
    assert (seen.pending, seen.captured, seen.receipt_number) == (True, False, "")
    assert "중복" in seen.state_words
    assert shown(alice)[0].under_way == replace(seen, fields=bill.record.payload)  # a payment alone has none of them


def test_an_outsider_sees_nothing(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    mallory = enrol(9)
    for look in (
        lambda: view_bill(citizen=mallory, bill_id=bill.pk, language="ko", now=MORNING),
        lambda: begin(mallory, bill),
        lambda: raise_objection(citizen=mallory, bill_id=bill.pk, now=MORNING),
    ):
        with pytest.raises(NoSuchBill):
            look()
    with pytest.raises(NoSuchPayment):
        confirm(mallory, payment, far.bank)
    with pytest.raises(NoSuchPayment):
        receipt_of(citizen=alice, order_id=payment.order_id, language="ko")  # nothing was paid yet
    assert shown(mallory) == view_payments(citizen=mallory, language="ko", now=MORNING) == []
    assert far.bank.total() == 0


def test_looking_at_many_bills_takes_no_statement_for_each(far: Far) -> None:
    alice, _ = alice_owes()
    for _ in range(4):
        owe(alice)
    shown(alice)
    with CaptureQueriesContext(connection) as five:
        assert len(shown(alice)) == 5
    owe(alice)
    shown(alice)
    with CaptureQueriesContext(connection) as six:
        assert len(shown(alice)) == 6
    assert len(six) == len(five) == 4


def test_news_of_the_agency_show_at_once(far: Far) -> None:
    alice, bill = alice_owes()
    correct(bill, state="paid")
    [seen] = shown(alice)
    assert (seen.state, seen.reason, seen.payable) == ("closed", "paid_elsewhere", False)
    assert "다른 곳" in seen.reason_words


def test_an_objection_shows_its_reason_and_still_the_deadlines(far: Far) -> None:
    alice, bill = alice_owes(fields=REDUCED)
    raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    [seen] = shown(alice)
    assert (seen.state, seen.reason, seen.payable) == ("closed", "objection", False)
    assert seen.clock.until == date(2026, 3, 23)
    take_back_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    assert shown(alice)[0].payable
    assert Payment.objects.count() == 0


def test_bills_and_their_payments_move_with_the_persons_key_and_not_before(far: Far) -> None:
    alice, bill = alice_owes()
    paid = confirm(alice, begin(alice, bill), far.bank)
    same_person = Citizen.objects.get(pk=enrol(2).pk)
    assert shown(same_person) == []
    CitizenKey.objects.filter(citizen=alice).update(citizen=same_person)
    announce_merged(former_id=alice.pk, citizen_id=same_person.pk, now=MORNING)
    assert [item.bill_id for item in shown(same_person)] == [bill.pk]
    assert [item.order_id for item in view_payments(citizen=same_person, language="ko", now=MORNING)] == [paid.order_id]
    assert shown(alice) == []
