"""SETTLE: book a captured payment everywhere in one transaction, in which the reminders stop."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from notifications.matching.mark_paid import mark_record_paid
from payments import transitions
from payments.bills.close_bill import SYSTEM, lock_out
from payments.bills.surplus import request_surplus_refund
from payments.ledger import SURPLUS_ACCOUNT, agency_account, book_captured
from payments.models import AgencyPosting, Bill, Payment, Settlement
from payments.providers.contract import Outcome
from payments.refunds.compare_balance import compare_balance
from payments.states import PAID, SURPLUS
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.enqueue import enqueue
from secretary.kernel.persons.identifiers import uuid7
from secretary.kernel.time.clock import kst_date

# Fields of a payable data type that the `paid` notice may carry; an agency may send them for what was paid elsewhere.
NOTIFIED_OF = ("paid_amount", "receipt_number")


def settle(*, payment: Payment, bill: Bill, siblings: Iterable[Bill], outcome: Outcome, now: datetime) -> Settlement:
    """Settle the debt. Debt and payment are locked by the caller, in whose transaction all of this is.

    The claim of notices reads the record's state, so that no reminder starts after the commit.
    """
    transitions.settle(payment, outcome, now=now)
    settlement = _write_down(payment, outcome, now)
    bill.state, bill.reason, bill.changed_at = PAID, "", now
    bill.save(update_fields=["state", "reason", "changed_at"])
    agency = bill.record.agency.code
    book_captured(settlement=settlement, account=agency_account(agency), now=now)
    settled = (settlement.amount, settlement.receipt_number)
    reported_fields = dict(zip(NOTIFIED_OF, settled, strict=True))
    mark_record_paid(record_id=bill.record_id, now=now, known=reported_fields, citizen_id=bill.citizen_id)
    for sibling in siblings:
        lock_out(bill=sibling, now=now)
    _report_to_agency(settlement, now)
    _check_price(settlement, now)
    _record(payment, bill, "payment.settled", now)
    transaction.on_commit(_enqueue)
    return settlement


def settle_surplus(*, payment: Payment, bill: Bill, outcome: Outcome, reason: str, now: datetime) -> Settlement:
    """Book captured money that settles nothing as surplus, and request its refund at once."""
    transitions.keep_surplus(payment, outcome, reason=reason, now=now)
    settlement = _write_down(payment, outcome, now)
    book_captured(settlement=settlement, account=SURPLUS_ACCOUNT, now=now)
    if outcome.balance == settlement.amount:
        request_surplus_refund(payment=payment, amount=settlement.amount, reason=reason, now=now)
    else:  # what was refunded already is booked first; the refund of the rest is requested after it
        compare_balance(payment=payment, outcome=outcome, now=now)
    raise_alarm(
        kind="payment_surplus",
        subject=payment.order_id,
        message=f"{payment.provider} captured an overpayment of {settlement.amount} won ({reason}); approve the refund",
        now=now,
    )
    _record(payment, bill, "payment.surplus", now, reason)
    return settlement


def _write_down(payment: Payment, outcome: Outcome, now: datetime) -> Settlement:
    assert outcome.amount is not None  # take_outcome accepts no other outcome
    approved_at = outcome.approved_at or now
    day = kst_date(approved_at)
    return Settlement.objects.create(
        payment=payment,
        receipt_number=f"{day:%Y%m%d}-{payment.pk:08d}",
        amount=outcome.amount,
        surplus=payment.state == SURPLUS,
        approved_at=approved_at,
        day=day,
        method=outcome.method[:40],
        recorded_at=now,
    )


def _enqueue() -> None:
    enqueue("payments.post")
    enqueue("deliver")


def _report_to_agency(settlement: Settlement, now: datetime) -> None:
    AgencyPosting.objects.create(
        posting_id=uuid7().hex,
        payment=settlement.payment,
        kind=AgencyPosting.PAID,
        amount=settlement.amount,
        happened_at=settlement.approved_at,
        created_at=now,
        next_at=Now(),
    )


def _check_price(settlement: Settlement, now: datetime) -> None:
    """Raise an alarm for a confirm that was sent before midnight and approved after it, at the price of the day
    before."""
    until = settlement.payment.quote.valid_until
    if until is not None and settlement.approved_at >= until:
        message = "approved after its price had ended; ask the agency whether the rest is due"
        raise_alarm(kind="payment_late", subject=settlement.payment.order_id, message=message, now=now)


def _record(payment: Payment, bill: Bill, action: str, now: datetime, reason: str = "") -> None:
    record_audit(
        now=now,
        actor=SYSTEM,
        action=action,
        citizen_id=bill.citizen_id,
        object=f"payment:{payment.pk}",
        reason=reason,
    )
