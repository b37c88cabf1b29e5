"""Update bills from the agencies' feeds, also without a visitor and while a payment is under way."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import alarm_of_row, raise_alarm
from notifications.models.record import about_sql
from payments.bills.close_bill import follow_record
from payments.bills.debts import lock_debt
from payments.bills.surplus import request_surplus_refund
from payments.models import Bill, Payment
from payments.states import ANOTHER_PERSON, CANCELLED_BY_AGENCY, SETTLED
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.database.sql import read_sql

BEHIND = read_sql("payments", "bills_behind", about=about_sql(record="r", citizen="b.citizen_id"))
PAUSE = """
UPDATE payments_bill SET failed = least(failed + 1, 1000), follow_at = clock_timestamp()
    + make_interval(secs => least(%(most)s, %(first)s * 2 ^ least(failed, 20))) WHERE id = %(id)s
"""
AT_ONCE = 500
WHY = {
    CANCELLED_BY_AGENCY: ("paid_and_cancelled", "the agency has cancelled a debt that was paid here"),
    ANOTHER_PERSON: ("paid_for_another", "the agency says that a debt that was paid here is another person's"),
}


def follow_records(*, now: datetime) -> int:
    """Return how many bills were behind their record. One that cannot be followed is tried again after a pause that
    grows."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, {"now": now, "limit": AT_ONCE})
        behind = [pk for (pk,) in cursor.fetchall()]
    alarm = alarm_of_row(loop="bills that follow their records", now=now)

    def pause(bill_id: int, error: Exception) -> None:
        _pause(bill_id)
        alarm(bill_id, error)

    for_each_apart(
        behind,
        lambda bill_id: _follow(bill_id, now),
        what="follow_records",
        on_failure=pause,
        ids=lambda bill_id: {"bill": bill_id},
    )
    return len(behind)


@transaction.atomic
def _follow(bill_id: int, now: datetime) -> None:
    bill, _ = lock_debt(bill_id, now=now)
    if reason := follow_record(bill=bill, now=now):
        _poll_back(bill, reason, now)


def _poll_back(bill: Bill, reason: str, now: datetime) -> None:
    """Request the refund of what was paid through us, once; a person approves or rejects it."""
    payment = Payment.objects.select_for_update(of=("self",)).select_related("settlement", "bill")
    settled = payment.get(bill=bill, state__in=SETTLED)
    remainder = settled.remainder()
    if request_surplus_refund(payment=settled, amount=remainder, reason=reason, now=now):
        kind, what = WHY[reason]
        message = f"{what}: refund of {remainder} won pending approval"
        raise_alarm(kind=kind, subject=settled.order_id, message=message, now=now)


def _pause(bill_id: int) -> None:
    values: dict[str, Any] = {
        "id": bill_id,
        "first": settings.PAYMENT_POLL_SECONDS,
        "most": settings.PAYMENT_POLL_MAX_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(PAUSE, values)
