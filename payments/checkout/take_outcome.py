"""OUTCOME: apply what a provider reports of one order, to a page, the sweeper or an event. The only way to the books.

Idempotent: an answer, a callback's poll and a sweeper's poll may all bring the same result, in any order. Captured
money is booked everywhere in one transaction, in which the reminders stop.

Once money was captured nothing raises, because the money is real even if a constraint, a row or our own code fails.
Money that does not settle its debt is surplus, with a refund that waits for a person, and an alarm. If even that cannot
be written, the payment stays as it is and is polled again, with growing pauses and an alarm.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from notifications.matching.mark_paid import mark_record_paid
from payments import transitions
from payments.bills.close_bill import SYSTEM, follow_record, lock_out
from payments.bills.debts import lock_debt, settled_payments
from payments.bills.surplus import request_surplus_refund
from payments.models import AgencyPosting, Bill, Payment, Settlement
from payments.models.ledger import SURPLUS_ACCOUNT, agency_account, book_captured
from payments.providers.contract import Outcome, Verdict
from payments.refunds.compare_balance import compare_balance, miss_payment
from payments.refusal_codes import ALREADY_PAID
from payments.states import CAPTURED, LIVE, OPEN, PAID, SIBLING, SURPLUS
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.each import ends_everything, is_passing, place_of
from secretary.kernel.enqueue import enqueue
from secretary.kernel.persons.identifiers import uuid7
from secretary.kernel.time.clock import kst_date

logger = logging.getLogger(__name__)
PART_REVERSED = "part_reversed"  # a part was refunded at the provider: what is left of it pays no debt
NOT_BOOKED = "not_booked"  # the reason of a surplus that comes from our own books and not from the debt
# Fields of a payable data type that the `paid` notice may carry; an agency may send them for what was paid elsewhere.
NOTIFIED_OF = ("paid_amount", "receipt_number")

Booking = Callable[[Payment, Bill, list[Bill], Outcome, datetime], None]


@transaction.atomic
def take_outcome(
    *, payment_id: int, outcome: Outcome, now: datetime, fence: int | None = None, as_of: datetime | None = None
) -> Payment:
    """Apply what is known now. `fence`: of the claim whose confirm was answered; None for a poll, at the instant
    `as_of` of the database's clock."""
    bill_id = Payment.objects.values_list("bill_id", flat=True).get(pk=payment_id)
    lock_debt(bill_id, now=now)
    payment = transitions.lock_payment(payment_id)
    if outcome.verdict is Verdict.PAID and _believed(payment, outcome, now):
        return _captured(payment, outcome, as_of, now)
    if payment.state in LIVE:
        transitions.hear_not_captured(payment, outcome, fence=fence, now=now)
    elif outcome.verdict in (Verdict.OPEN, Verdict.DECLINED):
        if payment.state in CAPTURED and not _is_stale(payment, as_of):
            miss_payment(payment=payment, outcome=outcome, now=now)
        transitions.stop_polling(payment)
    return payment


def _believed(payment: Payment, outcome: Outcome, now: datetime) -> bool:
    """Ignore an answer about another order, or without an amount and its balance: it proves nothing about this one."""
    amount, left = outcome.amount, outcome.balance
    sound = amount is not None and left is not None and 0 <= left <= amount
    fits = sound and outcome.order_id in ("", payment.order_id)
    if not fits:
        message = f"{payment.provider} answered for another order, or without amount and balance; check it there"
        raise_alarm(kind="payment_answer", subject=payment.order_id, message=message, now=now)
    return fits


def _is_stale(payment: Payment, as_of: datetime | None) -> bool:
    """Return whether an answer is older than what is known of this payment's balance. `as_of`: when it was requested,
    in database time; None: it is the answer to the call that captured the money."""
    return payment.left_as_of is not None and (as_of is None or as_of < payment.left_as_of)


def _captured(payment: Payment, outcome: Outcome, as_of: datetime | None, now: datetime) -> Payment:
    """Decide by what is left of the money what happened, not by the provider's word for the order's state."""
    if _is_stale(payment, as_of):
        transitions.poll_anew(payment)
    elif payment.state in CAPTURED:
        compare_balance(payment=payment, outcome=outcome, now=now)
        transitions.stop_polling(payment)
    elif outcome.balance:
        return _book_capture(payment.pk, outcome, now)
    elif transitions.hear_reversed(payment, outcome, now=now):  # the bill stays as it is; there is nothing to book
        what, whose = f"payment:{payment.pk}", payment.bill.citizen_id
        record_audit(now=now, actor="system", action="payment.reversed", citizen_id=whose, object=what)
    return payment


def _book_capture(payment_id: int, outcome: Outcome, now: datetime) -> Payment:
    """Settle the debt, or else book a surplus, or else leave the payment to be polled. Returns the payment as it
    stands.

    The debt is locked. Raises nothing but an outage of the database and the end of the task's time, after which the
    payment is as it was.
    """
    for book in (_by_the_debt, _as_surplus):
        try:
            with transaction.atomic():
                _book(book, payment_id, outcome, now)
            break
        except Exception as error:
            if ends_everything(error):
                raise
            logger.error("payment %s: %s at %s (%s)", payment_id, type(error).__name__, place_of(error), book.__name__)
            if is_passing(error):
                break  # the database has failed this attempt; the next poll is a new one
    else:
        _not_booked(payment_id, now)
    return Payment.objects.select_related("quote").get(pk=payment_id)


def _book(book: Booking, payment_id: int, outcome: Outcome, now: datetime) -> None:
    """Read everything again and book: a failed attempt has changed the objects, but not the rows."""
    payment = transitions.lock_payment(payment_id)
    bill, siblings = lock_debt(payment.bill_id, now=now)
    book(payment, bill, siblings, outcome, now)
    with connection.cursor() as cursor:  # what is checked at the commit is checked here, where it can be undone
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _by_the_debt(payment: Payment, bill: Bill, siblings: list[Bill], outcome: Outcome, now: datetime) -> None:
    follow_record(bill=bill, now=now)
    if reason := _why_surplus(payment, bill, outcome):
        settle_surplus(payment=payment, bill=bill, outcome=outcome, reason=reason, now=now)
    else:
        settle(payment=payment, bill=bill, siblings=siblings, outcome=outcome, now=now)


def _as_surplus(payment: Payment, bill: Bill, _: list[Bill], outcome: Outcome, now: datetime) -> None:
    settle_surplus(payment=payment, bill=bill, outcome=outcome, reason=NOT_BOOKED, now=now)


def _why_surplus(payment: Payment, bill: Bill, outcome: Outcome) -> str:
    """Return why captured money does not pay the debt; "" where it does."""
    if outcome.balance != outcome.amount:
        return PART_REVERSED
    if outcome.amount != payment.amount:
        return "amount_mismatch"
    if payment.state not in LIVE:
        return f"after_{payment.state}"
    if bill.state != OPEN:
        return bill.reason or ALREADY_PAID
    return SIBLING if settled_payments(bill.debt).exists() else ""


def _not_booked(payment_id: int, now: datetime) -> None:
    """Raise an alarm for money that could be booked neither as a payment nor as surplus: our own error."""
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=payment_id)
    message = "money was captured but could not be booked; it is polled again; see the log"
    raise_alarm(kind="payment_not_booked", subject=order_id, message=message, now=now)


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
    else:  # earlier refunds are booked first; then the refund of the rest is requested
        compare_balance(payment=payment, outcome=outcome, now=now)
    _alarm_surplus(settlement, reason, now)
    _record(payment, bill, "payment.surplus", now, reason)
    return settlement


def _write_down(payment: Payment, outcome: Outcome, now: datetime) -> Settlement:
    assert outcome.amount is not None  # `_believed` accepts no other outcome
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


def _alarm_surplus(settlement: Settlement, reason: str, now: datetime) -> None:
    payment = settlement.payment
    message = f"{payment.provider} captured an overpayment of {settlement.amount} won ({reason}); approve the refund"
    raise_alarm(kind="payment_surplus", subject=payment.order_id, message=message, now=now)


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
