"""Several records of one case, in any order, re-opened, corrected, of two agencies: one charge for each debt."""

from itertools import permutations
from typing import Any

import pytest
from django.db.models.functions import Now

from notifications.models import Alarm, Record
from payments.bills.follow_records import follow_records
from payments.checkout.poll_payments import poll_payments
from payments.models import AgencyPosting, Bill, LedgerEntry, Payment, Refund, Settlement
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.refusals import Refused
from payments.web.bill_view import view_bill, view_bills
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, make_feed, record
from tests.payments.cast import begin, confirm, correct, make_fine, owe, states
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
CASE = {"case_number": "2026-77"}


@pytest.fixture
def alice(far: Far) -> Citizen:
    far.at(MORNING)
    return enrol(1, make_fine(), channels=["sms"])


def total(far: Any) -> int:
    return sum(bank.total() for bank in far.banks.values())


def reload(bill: Bill) -> tuple[str, str]:
    bill.refresh_from_db()
    return bill.state, bill.reason


def test_a_record_of_a_case_that_is_paid_is_opened_as_settled(far: Far, alice: Citizen) -> None:
    """BREAKS, K2: paid by KakaoPay; then the agency sends another record with the same case, and calls it open."""
    first = owe(alice, fields=CASE)
    confirm(alice, begin(alice, first, provider="kakaopay"), far.banks["kakaopay"])
    second = owe(alice, fields=CASE)
    shown = view_bill(citizen=alice, bill_id=second.pk, language="ko", now=MORNING)
    assert (shown.state, shown.reason, shown.payable) == ("closed", "sibling", False)  # at once, on its page
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    assert reload(second) == ("closed", "sibling")
    assert Record.objects.get(pk=second.record_id).state == "paid"  # its reminders are off
    with pytest.raises(Refused, match="sibling"):
        begin(alice, second)
    assert (total(far), LedgerEntry.objects.count()) == (40000, 2)


def test_a_record_that_comes_to_a_person_with_a_case_that_is_paid_is_settled_with_it(far: Far, alice: Citizen) -> None:
    """It was another person's, whose bill is still open, and no part of the case until now."""
    first = owe(alice, fields=CASE)
    bob = enrol(2, first.record.data_type, name="밥")
    his = owe(bob, 2)
    confirm(alice, begin(alice, first), far.bank)
    correct(his, subject={"ci": ci_of(1)}, fields=CASE)
    shown = {each.record_id: each for each in view_bills(citizen=alice, language="ko", now=MORNING)}[his.record_id]
    assert (shown.state, shown.reason, shown.payable) == ("closed", "sibling", False)
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (2, 0)
    assert reload(Bill.objects.get(pk=shown.bill_id)) == ("closed", "sibling")
    assert reload(his) == ("closed", "another_person")
    assert Record.objects.get(pk=his.record_id).state == "paid"  # its reminders are off
    assert total(far) == 40000


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_however_three_records_of_a_case_come_in_one_is_paid(far: Far, alice: Citizen, order: Any) -> None:
    """One comes in and is paid; the others before, after, or while its payment is being checked."""
    bills: dict[int, Bill] = {}
    for step in order:
        if step == 0:
            bills[0] = owe(alice, fields=CASE)
            far.bank.faults["confirm"].append("taken_lost")
            assert confirm(alice, begin(alice, bills[0]), far.bank).state == "unknown"
        elif step == 1:
            bills[1] = owe(alice, fields=CASE)
        else:
            Payment.objects.update(ask_at=Now())
            poll_payments(now=MORNING)
    bills[2] = owe(alice, fields=CASE)
    Payment.objects.update(ask_at=Now())
    poll_payments(now=MORNING)
    follow_records(now=MORNING)
    for bill in bills.values():
        if reload(bill)[0] != "paid":
            with pytest.raises(Refused, match="sibling"):
                begin(alice, bill)
    assert (total(far), Settlement.objects.filter(surplus=False).count()) == (40000, 1)


def test_a_second_record_while_the_first_is_being_confirmed_cannot_be_paid(far: Far, alice: Citizen) -> None:
    first = owe(alice, fields=CASE)
    second: list[Bill] = []
    far.bank.at_confirm = lambda: second.append(owe(alice, fields=CASE))
    confirm(alice, begin(alice, first), far.bank)
    assert reload(second[0]) == ("closed", "sibling")


def test_money_for_a_record_whose_case_is_paid_is_surplus_whatever_its_bill_says(far: Far, alice: Citizen) -> None:
    """Should anything open its bill again: the debt decides, and not the bill."""
    first, second = owe(alice, fields=CASE), owe(alice, fields=CASE)
    begun = begin(alice, second)
    confirm(alice, begin(alice, first), far.bank)
    Bill.objects.filter(pk=second.pk).update(state="open", reason="")
    Record.objects.filter(pk=second.record_id).update(state="open")
    Payment.objects.filter(pk=begun.pk)._raw_delete("default")
    Payment.objects.bulk_create([Payment(**{**kept(begun), "state": "unknown", "ask_at": Now()})])
    far.bank.capture_unseen(begun.order_id)
    poll_payments(now=MORNING)
    begun.refresh_from_db()
    assert (begun.state, begun.reason, Refund.objects.get().amount) == ("surplus", "sibling", 40000)
    assert Alarm.objects.get(kind="payment_surplus").subject == begun.order_id


def kept(payment: Payment) -> dict[str, Any]:
    return {field.attname: getattr(payment, field.attname) for field in Payment._meta.concrete_fields}


def test_a_case_that_was_refunded_can_be_paid_once_more_by_either_record(
    far: Far, alice: Citizen, django_user_model: Any
) -> None:
    first, second = owe(alice, fields=CASE), owe(alice, fields=CASE)
    paid = confirm(alice, begin(alice, first), far.bank)
    clerk, chief = (django_user_model.objects.create(username=name) for name in ("clerk", "chief"))
    refund = request_refund(payment_id=paid.pk, amount=40000, requested_by=clerk, reason="mercy", now=MORNING)
    approve_refund(refund_id=refund.pk, approved_by=chief, reason="yes", now=MORNING)
    carry_out_refunds(now=MORNING)
    correct(first, fields=CASE)
    correct(second, fields=CASE)
    follow_records(now=MORNING)
    assert (reload(first)[0], reload(second)[0]) == ("open", "open")
    confirm(alice, begin(alice, second), far.bank)
    assert reload(first) == ("closed", "sibling")
    assert far.bank.total() == 40000


def test_a_case_that_a_correction_adds_makes_two_bills_one_debt(far: Far, alice: Citizen) -> None:
    first, second = owe(alice, fields=CASE), owe(alice)
    confirm(alice, begin(alice, first), far.bank)
    correct(second, fields=CASE)
    with pytest.raises(Refused, match="sibling"):
        begin(alice, second)
    assert reload(second) == ("closed", "sibling")


def test_a_case_that_a_correction_adds_to_what_is_paid_makes_the_other_bill_settled(far: Far, alice: Citizen) -> None:
    first, second = owe(alice), owe(alice, fields=CASE)
    confirm(alice, begin(alice, first), far.bank)
    correct(first, fields=CASE)
    follow_records(now=MORNING)
    with pytest.raises(Refused, match="sibling"):
        begin(alice, second)


def test_a_case_that_a_correction_changes_between_begin_and_confirm_takes_nothing_twice(
    far: Far, alice: Citizen
) -> None:
    first, second = owe(alice, fields=CASE), owe(alice, fields={"case_number": "another"})
    begun = begin(alice, second)
    confirm(alice, begin(alice, first), far.bank)
    correct(second, fields=CASE)
    with pytest.raises(Refused, match="sibling"):
        confirm(alice, begun, far.bank)
    assert far.bank.total() == 40000


def test_two_payments_that_a_correction_makes_one_debt_are_captured_once(far: Far, alice: Citizen) -> None:
    """Both are with their providers when the agency reports that it is one case."""
    first, second = owe(alice, fields=CASE), owe(alice)
    far.bank.faults["confirm"].append("taken_lost")
    one = confirm(alice, begin(alice, first), far.bank)
    two = begin(alice, second, provider="kakaopay")
    correct(second, fields=CASE)
    with pytest.raises(Refused, match="under_way"):
        confirm(alice, two, far.banks["kakaopay"])
    Payment.objects.filter(pk=one.pk).update(ask_at=Now())
    poll_payments(now=MORNING)
    assert (total(far), Payment.objects.get(pk=one.pk).state) == (40000, "paid")


def test_two_payments_under_way_that_a_correction_makes_one_debt_settle_it_once(far: Far, alice: Citizen) -> None:
    first, second = owe(alice, fields=CASE), owe(alice)
    for bank in ("toss_payments", "kakaopay"):
        far.banks[bank].faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, first), far.bank)
    confirm(alice, begin(alice, second, provider="kakaopay"), far.banks["kakaopay"])
    correct(second, fields=CASE)
    Payment.objects.update(ask_at=Now())
    poll_payments(now=MORNING)
    assert sorted(states()) == ["paid", "surplus"]
    assert Refund.objects.get().payment.state == "surplus"


def test_of_two_paid_debts_that_a_correction_makes_one_a_single_refund_is_requested(far: Far, alice: Citizen) -> None:
    first, second = owe(alice, fields=CASE), owe(alice)
    confirm(alice, begin(alice, first), far.bank)
    twice = confirm(alice, begin(alice, second), far.bank)
    correct(second, fields=CASE)
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    refund = Refund.objects.get()
    assert (refund.payment, refund.reason, refund.state) == (twice, "paid_twice", "requested")
    assert Alarm.objects.get(kind="paid_twice").subject == twice.order_id


def test_a_record_that_leaves_a_paid_case_counts_by_its_own_word_again(far: Far, alice: Citizen) -> None:
    first, second = owe(alice, fields=CASE), owe(alice, fields=CASE)
    confirm(alice, begin(alice, first), far.bank)
    correct(second, fields={"case_number": "another"})
    follow_records(now=MORNING)
    assert Alarm.objects.filter(kind="case_changed").exists()
    correct(second, fields={"case_number": "another"})
    follow_records(now=MORNING)
    assert confirm(alice, begin(alice, second), far.bank).state == "paid"
    assert far.bank.total() == 80000


def test_the_same_case_number_of_two_agencies_is_two_debts(far: Far, alice: Citizen) -> None:
    bob = enrol(2, make_fine("seoul_fine", "seoul"))
    feed = make_feed("seoul-push", agency="seoul")
    ingest(record(2, data_type="seoul_fine", external_id="S-1", fields=CASE), feed=feed)
    (found,) = view_bills(citizen=bob, language="ko", now=MORNING)
    mine = owe(alice, fields=CASE)
    theirs = Bill.objects.get(pk=found.bill_id)
    assert mine.debt != theirs.debt
    confirm(alice, begin(alice, mine), far.bank)
    assert reload(theirs) == ("open", "")
    confirm(bob, begin(bob, theirs), far.bank)
    assert far.bank.total() == 80000


def test_the_ledger_and_the_agencys_list_hold_one_payment_of_a_case(far: Far, alice: Citizen) -> None:
    bills = [owe(alice, fields=CASE) for _ in range(3)]
    confirm(alice, begin(alice, bills[1]), far.bank)
    assert AgencyPosting.objects.count() == Settlement.objects.count() == 1
    assert sorted(reload(bill) for bill in bills) == [("closed", "sibling"), ("closed", "sibling"), ("paid", "")]
