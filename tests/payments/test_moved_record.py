"""Every reader of a record in the payments, with a record that has moved from one person to another.

tests/notifications/test_moved_record.py has the list of readers; Bob is person 1 of the cast, whose visitor this is.
"""

from contextlib import suppress
from typing import Any

import pytest

from notifications.models import Record
from payments.bills.bills import NoSuchBill, open_bills
from payments.bills.follow_records import follow_records
from payments.checkout.pay_bill import begin_payment
from payments.models import Bill, Payment
from payments.refusals import Refused
from payments.web.bill_view import view_bill, view_bills, view_payments
from payments.web.payment_view import view_payment
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.payments.cast import begin, confirm, urls
from tests.payments.web.conftest import Visitor, clock, provider, stranger, visitor
from tests.support.traces import traces_in

__all__ = ["clock", "provider", "stranger", "visitor"]  # fixtures
pytestmark = pytest.mark.django_db
HERS = {
    "violation": "비밀위반",
    "amount": 98000,
    "plate": "99허9999",
    "case_number": "C-SECRET",
    "reduced_amount": 78400,
    "reduction_ends_on": "2026-03-27",
    "due_on": "2026-06-11",
}
TRACES = ("비밀위반", "98,000", "98000", "78,400", "78400", "99허9999", "C-SECRET", "2026-06-11", "6. 11.", "20260611")


def move(bill: Bill) -> Citizen:
    """The agency corrects whom the record is about, and everything that it says; the new person."""
    hers = enrol(2, bill.record.data_type, channels=["sms"], name="이엘리스")
    row = Record.objects.get(pk=bill.record_id)
    ingest(record(2, external_id=row.external_id, version=row.version + 1, fields=HERS))
    return hers


def reported_by(call: Any, *arguments: Any, **values: Any) -> str:
    """Everything that a call gives back or refuses with, as text."""
    try:
        return repr(call(*arguments, **values))
    except (NoSuchBill, Refused) as refused:
        return repr((type(refused).__name__, getattr(refused, "code", ""), getattr(refused, "quote", None)))


def traces(text: str) -> list[str]:
    return traces_in(text, TRACES)


@pytest.mark.parametrize("followed", [False, True])
@pytest.mark.parametrize("paid_before", [False, True])
def test_no_page_and_no_call_shows_the_other_persons_record(
    visitor: Visitor, followed: bool, paid_before: bool
) -> None:
    if paid_before:
        visitor.pay()
    else:
        visitor.begin()
    order = visitor.payment().order_id
    move(visitor.bill)
    if followed:
        follow_records(now=MORNING)
    of_bill = ("", "print/", "deadlines.ics", "objection/", "service/", "check/kakaopay/")
    of_order = ("", "receipt/", "receipt.pdf")
    pages = ["/pay/", "/pay/history/", *(f"{visitor.home}{part}" for part in of_bill)]
    for page in [*pages, *(f"/pay/orders/{order}/{part}" for part in of_order)]:
        answer = visitor.get(page)
        assert answer.status_code < 500, page
        assert traces(answer.content.decode(errors="replace")) == [], page
    bob = visitor.alice
    common = {"citizen": bob, "language": "ko"}
    assert traces(reported_by(view_bills, now=MORNING, **common)) == []
    assert traces(reported_by(view_bill, bill_id=visitor.bill.pk, now=MORNING, **common)) == []
    assert traces(reported_by(view_payment, order_id=order, **common)) == []
    assert traces(reported_by(view_payments, now=MORNING, **common)) == []


def test_a_record_that_is_about_another_person_cannot_be_paid(visitor: Visitor, far: Any) -> None:
    move(visitor.bill)
    with pytest.raises((NoSuchBill, Refused)):
        begin_payment(
            citizen=visitor.alice,
            bill_id=visitor.bill.pk,
            provider="toss_payments",
            return_urls=urls,
            seen=40000,
            now=MORNING,
        )
    assert not Payment.objects.exists()


def test_a_payment_that_was_begun_before_settles_nothing_of_the_other_person(visitor: Visitor, far: Any) -> None:
    payment = begin(visitor.alice, visitor.bill)
    hers = move(visitor.bill)
    with suppress(NoSuchBill, Refused):
        confirm(visitor.alice, payment, far.bank)
    payment.refresh_from_db()
    assert payment.state != "paid"
    open_bills(citizen=hers, now=MORNING)
    her_bill = Bill.objects.get(citizen=hers)
    assert her_bill.state == "open"
    assert Record.objects.get().told_encrypted is None


def test_the_new_person_has_a_bill_of_their_own(visitor: Visitor) -> None:
    hers = move(visitor.bill)
    [shown] = view_bills(citizen=hers, language="ko", now=MORNING)
    assert shown.fields["violation"] == "비밀위반" and shown.payable
    assert not [item for item in view_bills(citizen=visitor.alice, language="ko", now=MORNING) if item.payable]
