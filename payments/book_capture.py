"""CAPTURE: money was taken. Behind this point nothing raises, and this module sees to it.

Whatever the books, a constraint, a row or our own code has against it, the money is real: what does not settle its debt
is surplus, with a refund that waits for a person and an alarm. Where not even that can be written, nothing is: the
payment stays as it is and is asked about again, with growing pauses and an alarm.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from notifications.alarms import raise_alarm
from payments.close_bill import follow_record
from payments.debts import lock_debt, settled_payments
from payments.models import Bill, Payment
from payments.providers.contract import Outcome
from payments.settle import settle, settle_surplus
from payments.states import LIVE, OPEN, SIBLING
from secretary.common.each import ends_everything, is_passing, place_of

logger = logging.getLogger(__name__)
PART_GIVEN_BACK = "part_given_back"  # a part went back at the provider: what is left of it pays no debt
NOT_BOOKED = "not_booked"  # the reason of a surplus that our own books, and not the debt, have made one

Booking = Callable[[Payment, Bill, list[Bill], Outcome, datetime], None]


def book_capture(*, payment_id: int, outcome: Outcome, now: datetime) -> Payment:
    """Settle the debt, or else book a surplus, or else leave the payment to be asked about; the payment as it stands.

    Joins the caller's transaction, in which the debt is locked. Raises nothing but an outage of the database and the
    end of the task's time, after which the payment is as it was.
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
                break  # the database gave up on this attempt: the next question is another one
    else:
        _not_booked(payment_id, now)
    return Payment.objects.select_related("quote").get(pk=payment_id)


def _book(book: Booking, payment_id: int, outcome: Outcome, now: datetime) -> None:
    """Everything is read anew: an attempt that failed has left its traces in the objects, and none in the rows."""
    payment = Payment.objects.select_for_update(of=("self",)).select_related("quote").get(pk=payment_id)
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
    """ "" where the money pays the debt."""
    if outcome.balance != outcome.amount:
        return PART_GIVEN_BACK
    if outcome.amount != payment.amount:
        return "amount_mismatch"
    if payment.state not in LIVE:
        return f"after_{payment.state}"
    if bill.state != OPEN:
        return bill.reason or "already_paid"
    return SIBLING if settled_payments(bill.debt).exists() else ""


def _not_booked(payment_id: int, now: datetime) -> None:
    """Neither as a payment nor as surplus: our own fault, and a person's to see at once."""
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=payment_id)
    message = "money was taken and could not be booked; it is asked about again and again; see the log"
    raise_alarm(kind="payment_not_booked", subject=order_id, message=message, now=now)
