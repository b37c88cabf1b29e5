"""Bills follow what the agencies' feeds say of their records, also while nobody looks and a payment is under way."""

from datetime import datetime

from django.db import connection, transaction

from notifications.alarms import raise_alarm
from payments.bills import lock_debt
from payments.close_bill import follow_record
from payments.models import Bill, Payment
from payments.request_refund import remainder_of, request_surplus_refund
from payments.states import SETTLED

BEHIND = """
SELECT b.id FROM payments_bill b JOIN notifications_record r ON r.id = b.record_id
WHERE b.state = 'open' AND r.state <> 'open'
   OR b.state = 'refunded' AND r.state IN ('open', 'withdrawn')
   OR b.state = 'closed' AND r.state = 'open'
      AND (b.reason IN ('paid_elsewhere', 'cancelled_by_agency', 'sibling')
           OR b.reason = 'objection' AND r.received_at > b.changed_at)
   OR b.state IN ('paid', 'part_refunded') AND r.state = 'withdrawn' AND NOT EXISTS (
      SELECT 1 FROM payments_payment p JOIN payments_refund f ON f.payment_id = p.id AND f.state <> 'rejected'
      WHERE p.bill_id = b.id AND p.state IN ('paid', 'part_refunded'))
ORDER BY b.id LIMIT %s
"""
AT_ONCE = 500


def follow_records(*, now: datetime) -> int:
    """How many bills were behind their record."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, [AT_ONCE])
        behind = [pk for (pk,) in cursor.fetchall()]
    for bill_id in behind:
        _follow(bill_id, now)
    return len(behind)


@transaction.atomic
def _follow(bill_id: int, now: datetime) -> None:
    bill, _ = lock_debt(bill_id)
    if follow_record(bill=bill, now=now):
        _ask_back(bill, now)


def _ask_back(bill: Bill, now: datetime) -> None:
    """The agency has cancelled what was paid through us: the service asks for the refund, a person approves it."""
    payment = Payment.objects.select_for_update(of=("self",)).select_related("settlement", "bill")
    settled = payment.get(bill=bill, state__in=SETTLED)
    remainder = remainder_of(settled)
    if request_surplus_refund(payment=settled, amount=remainder, reason="cancelled_by_agency", now=now):
        message = f"the agency has cancelled a debt that was paid here: {remainder} won wait for a refund's approval"
        raise_alarm(kind="paid_and_cancelled", subject=settled.order_id, message=message, now=now)
