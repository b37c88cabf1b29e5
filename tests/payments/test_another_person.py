"""The agency corrects whom its record is about: the former person neither sees nor pays it any more, the other does."""

import importlib
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications.models import Alarm, Record
from payments.bills.bills import open_bills
from payments.bills.follow_records import follow_records
from payments.bills.object_to_bill import raise_objection
from payments.bills.quote_bill import Unquotable, quote_bill
from payments.checkout.poll_payments import poll_payments
from payments.models import Bill, Payment, Refund, Settlement
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, reject_refund
from payments.refusals import Refused
from payments.web.bill_view import view_bill, view_bills, view_payments
from payments.web.payment_view import receipt_of, view_payment
from subscriptions.events import announce_merged
from subscriptions.models import Citizen, CitizenKey
from tests.notifications.cast import MORNING, ci_of, enrol
from tests.payments.cast import begin, confirm, correct, let_time_pass, make_fine, owe, states
from tests.payments.conftest import Far
from tests.support.present import present

pytestmark = pytest.mark.django_db
left_behind = importlib.import_module("payments.migrations.0009_bills_left_behind")
OF_ALICE = {"amount": 99000, "violation": "앨리스의 위반", "plate": "99허9999"}


@pytest.fixture
def people(far: Far) -> tuple[Citizen, Citizen, Bill]:
    """Bob, who owes; and Alice, whom the agency will have meant."""
    far.at(MORNING)
    fine = make_fine()
    bob, alice = enrol(2, fine, name="밥"), enrol(1, fine, name="앨리스")
    return bob, alice, owe(bob, 2)


def move(bill: Bill, to: int = 1, **values: Any) -> None:
    correct(bill, subject={"ci": ci_of(to)}, fields=OF_ALICE | values.pop("fields", {}), **values)


def seen_by(person: Citizen) -> str:
    found = view_bills(citizen=person, language="ko", now=MORNING)
    return repr((found, view_payments(citizen=person, language="ko", now=MORNING)))


def reload(bill: Bill) -> tuple[str, str]:
    bill.refresh_from_db()
    return bill.state, bill.reason


def test_the_former_person_sees_a_closed_bill_and_nothing_of_the_other(people: tuple[Citizen, Citizen, Bill]) -> None:
    bob, _, bill = people
    move(bill)
    text = seen_by(bob)
    assert all(trace not in text for trace in ("99000", "99,000", "99허", "앨리스"))
    (found,) = view_bills(citizen=bob, language="ko", now=MORNING)
    assert (found.state, found.reason, found.payable, found.clock, found.fields) == (
        *("closed", "another_person", False, None),
        {},
    )
    one = view_bill(citizen=bob, bill_id=bill.pk, language="ko", now=MORNING)
    assert "앨리스" not in repr(one)


def test_the_other_person_gets_a_bill_of_their_own(people: tuple[Citizen, Citizen, Bill]) -> None:
    bob, alice, bill = people
    move(bill)
    (found,) = view_bills(citizen=alice, language="ko", now=MORNING)
    assert (found.payable, present(found.clock).amount, found.bill_id != bill.pk) == (True, 99000, True)
    hers = Bill.objects.get(pk=found.bill_id)
    assert begin(alice, hers).amount == 99000
    assert (reload(hers), reload(bill)) == (("open", ""), ("closed", "another_person"))  # although Bob has not looked
    assert "9900" not in seen_by(bob)


def test_the_other_persons_bill_is_open_once_the_records_are_followed(people: tuple[Citizen, Citizen, Bill]) -> None:
    _, alice, bill = people
    move(bill)
    (found,) = view_bills(citizen=alice, language="ko", now=MORNING)
    follow_records(now=MORNING)
    assert reload(Bill.objects.get(pk=found.bill_id)) == ("open", "")
    assert reload(bill) == ("closed", "another_person")
    assert [found] == view_bills(citizen=alice, language="ko", now=MORNING)  # what was shown is what it came to
    assert follow_records(now=MORNING) == 0


def test_it_is_neither_quotable_nor_payable_nor_to_be_objected_to(people: tuple[Citizen, Citizen, Bill]) -> None:
    bob, _, bill = people
    move(bill)
    with pytest.raises(Unquotable):
        quote_bill(bill=Bill.objects.select_related("record__agency").get(pk=bill.pk), now=MORNING)
    with pytest.raises(Refused, match="another_person"):
        raise_objection(citizen=bob, bill_id=bill.pk, now=MORNING)
    with pytest.raises(Refused, match="another_person"):
        begin(bob, bill)
    assert reload(bill) == ("closed", "another_person")


@pytest.mark.parametrize("at", ["before the return", "while the agency is asked"])
def test_a_record_that_moves_between_begin_and_confirm_is_refused_with_nothing_captured(
    far: Far, people: tuple[Citizen, Citizen, Bill], at: Any
) -> None:
    bob, _, bill = people
    payment = begin(bob, bill)
    if at == "before the return":
        move(bill)
    else:
        far.biller.at_poll = lambda: move(bill)
    with pytest.raises(Refused, match="another_person") as refused:
        confirm(bob, payment, far.bank)
    assert refused.value.quote is None
    assert (far.bank.calls.count("confirm"), far.bank.total(), states()) == (0, 0, ["abandoned"])


def test_what_was_captured_while_it_moved_is_surplus_and_is_refunded(
    far: Far, people: tuple[Citizen, Citizen, Bill]
) -> None:
    bob, alice, bill = people
    payment = begin(bob, bill)
    far.bank.at_confirm = lambda: move(bill)
    captured = confirm(bob, payment, far.bank)
    assert (captured.state, captured.reason, Settlement.objects.get().surplus) == ("surplus", "another_person", True)
    assert Refund.objects.get().amount == 40000
    (found,) = view_bills(citizen=alice, language="ko", now=MORNING)
    assert found.payable and not found.payments


def test_an_unknown_payment_of_a_record_that_has_moved_is_polled_and_refunded(
    far: Far, people: tuple[Citizen, Citizen, Bill]
) -> None:
    bob, _, bill = people
    far.bank.faults["confirm"].append("taken_lost")
    confirm(bob, begin(bob, bill), far.bank)
    move(bill)
    follow_records(now=MORNING)
    let_time_pass()
    poll_payments(now=MORNING)
    assert (states(), Refund.objects.get().reason) == (["surplus"], "another_person")


def test_what_the_former_person_had_paid_is_to_be_refunded_once_and_hidden_from_the_other(
    far: Far, people: tuple[Citizen, Citizen, Bill]
) -> None:
    bob, alice, bill = people
    paid = confirm(bob, begin(bob, bill), far.bank)
    move(bill)
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    refund = Refund.objects.get()
    assert (refund.state, refund.reason, refund.amount) == ("requested", "another_person", 40000)
    assert Alarm.objects.get(kind="paid_for_another").subject == paid.order_id
    record = Record.objects.select_related("agency").get()
    assert record.told_encrypted is None and "receipt_number" not in record.payload
    assert paid.order_id not in seen_by(alice) and paid.settlement.receipt_number not in seen_by(alice)
    text = seen_by(bob)  # his money stays his to see
    assert paid.settlement.receipt_number in text and "앨리스" not in text
    assert receipt_of(citizen=bob, order_id=paid.order_id, language="ko").amount == 40000


def test_what_a_person_has_decided_about_that_refund_is_not_requested_again(
    far: Far, people: tuple[Citizen, Citizen, Bill], django_user_model: Any
) -> None:
    bob, _, bill = people
    confirm(bob, begin(bob, bill), far.bank)
    move(bill)
    follow_records(now=MORNING)
    reject_refund(refund_id=Refund.objects.get().pk, actor="staff:1", reason="the agency keeps it", now=MORNING)
    assert follow_records(now=MORNING) == 0
    assert Refund.objects.count() == 1


def test_once_the_money_has_gone_back_the_other_person_can_pay(
    far: Far, people: tuple[Citizen, Citizen, Bill], django_user_model: Any
) -> None:
    bob, alice, bill = people
    confirm(bob, begin(bob, bill), far.bank)
    move(bill)
    follow_records(now=MORNING)
    correct(bill, subject={"ci": ci_of(1)}, fields=OF_ALICE)  # the agency's own word counts again: it is open
    (blocked,) = view_bills(citizen=alice, language="ko", now=MORNING)
    assert (blocked.payable, blocked.reason) == (False, "sibling")  # one charge per debt, while Bob's money is there
    chief = django_user_model.objects.create(username="chief")
    approve_refund(refund_id=Refund.objects.get().pk, approved_by=chief, reason="yes", now=MORNING)
    carry_out_refunds(now=MORNING)
    correct(bill, subject={"ci": ci_of(1)}, fields=OF_ALICE)
    hers = Bill.objects.get(citizen=alice)
    assert confirm(alice, begin(alice, hers), far.bank).state == "paid"
    assert far.bank.total() == 99000


def test_a_record_that_comes_back_opens_the_same_bill_again(far: Far, people: tuple[Citizen, Citizen, Bill]) -> None:
    bob, alice, bill = people
    move(bill)
    open_bills(citizen=alice, now=MORNING)
    correct(bill, subject={"ci": ci_of(2)})
    (found,) = view_bills(citizen=bob, language="ko", now=MORNING)
    assert (found.bill_id, found.payable, present(found.clock).amount) == (bill.pk, True, 40000)
    (hers,) = view_bills(citizen=alice, language="ko", now=MORNING)
    assert (hers.state, hers.reason, hers.fields) == ("closed", "another_person", {})
    assert confirm(bob, begin(bob, bill), far.bank).state == "paid"


def test_an_objection_of_the_former_person_holds_no_reminder_of_the_other(
    people: tuple[Citizen, Citizen, Bill],
) -> None:
    bob, _, bill = people
    raise_objection(citizen=bob, bill_id=bill.pk, now=MORNING)
    move(bill)
    follow_records(now=MORNING)
    assert reload(bill) == ("closed", "another_person")
    assert Record.objects.get().objected_at is None


def test_a_row_of_the_same_person_still_takes_its_bills_along(far: Far, people: tuple[Citizen, Citizen, Bill]) -> None:
    """An official had registered Bob; now he has signed up himself, and his key moves to his own row."""
    bob, _, bill = people
    paid = confirm(bob, begin(bob, bill), far.bank)
    open_one = owe(bob, 2)
    own = enrol(7, *[each.data_type for each in bob.subscriptions.all()], name="밥")
    CitizenKey.objects.filter(citizen=bob, kind="ci").update(citizen=own)  # subscriptions/enrolment/people.py
    assert not view_bills(citizen=own, language="ko", now=MORNING)  # opens no second bill for what has one
    with CaptureQueriesContext(connection) as merge:
        announce_merged(former_id=bob.pk, citizen_id=own.pk, now=MORNING)
    locks = [query["sql"] for query in merge if "FOR UPDATE" in query["sql"]]
    assert "payments_bill" in locks[0] and "notifications_notice" in locks[-1]  # in the order of who pays
    found = {item.bill_id: item for item in view_bills(citizen=own, language="ko", now=MORNING)}
    assert set(found) == {bill.pk, open_one.pk}
    assert (found[bill.pk].state, found[open_one.pk].payable) == ("paid", True)
    assert view_payment(citizen=own, order_id=paid.order_id, language="ko").captured
    assert not view_bills(citizen=bob, language="ko", now=MORNING)


def test_bills_that_an_earlier_release_left_behind_come_along_after_the_update(
    far: Far, people: tuple[Citizen, Citizen, Bill]
) -> None:
    """It moved keys at a merge, and bills at the next look."""
    bob, _, bill = people
    paid = confirm(bob, begin(bob, bill), far.bank)
    open_one = owe(bob, 2)
    own = enrol(7, *[each.data_type for each in bob.subscriptions.all()], name="밥")
    CitizenKey.objects.filter(citizen=bob, kind="ci").update(citizen=own)
    left_behind.mark(None, None)
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (2, 0)
    found = {item.bill_id: item for item in view_bills(citizen=own, language="ko", now=MORNING)}
    assert (found[bill.pk].state, found[open_one.pk].payable) == ("paid", True)
    assert view_payment(citizen=own, order_id=paid.order_id, language="ko").captured
    left_behind.mark(None, None)
    assert follow_records(now=MORNING) == 0  # there is nothing left to do


def test_a_record_has_one_open_bill_at_a_time(people: tuple[Citizen, Citizen, Bill]) -> None:
    _, alice, bill = people
    values = {name: getattr(bill, name) for name in ("record", "tariff", "debt", "opened_at", "changed_at")}
    with pytest.raises(IntegrityError, match="bill_open_once"), transaction.atomic():
        Bill.objects.create(citizen=alice, **values)
    assert Payment.objects.count() == 0
