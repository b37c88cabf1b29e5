"""POST: report payments and refunds to agencies from the outbox until acknowledged. An agency books each once."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.alarms import alarm_of_row, raise_alarm
from payments import adapters
from payments.adapters import NotOffered
from payments.billers.contract import BillerRefused, BillerUnavailable, Posting
from payments.models import AgencyPosting
from payments.states import ACKNOWLEDGED, REFUSED, WAITING
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.connections import let_go
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.enqueue import enqueue

# A refund is posted only after its payment, unless the agency has refused that.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT o.id FROM payments_agencyposting o
    WHERE o.next_at <= clock_timestamp() AND o.state = 'waiting' AND (o.kind = 'paid' OR NOT EXISTS (
        SELECT 1 FROM payments_agencyposting e
        WHERE e.payment_id = o.payment_id AND e.state = 'waiting' AND e.id < o.id))
    ORDER BY o.next_at LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED
)
UPDATE payments_agencyposting o SET attempts = least(o.attempts + 1, 1000), next_at = clock_timestamp()
    + make_interval(secs => least(%(most)s, %(first)s * 2 ^ least(o.attempts, 20)) * (0.5 + random() / 2))
FROM due WHERE o.id = due.id RETURNING o.id
"""
UNPOSTED = """
SELECT a.code, count(*) FROM payments_agencyposting o
JOIN payments_payment p ON p.id = o.payment_id JOIN payments_bill b ON b.id = p.bill_id
JOIN notifications_record r ON r.id = b.record_id JOIN subscriptions_agency a ON a.id = r.agency_id
WHERE o.state = 'waiting' AND o.created_at < %(now)s - make_interval(mins => %(minutes)s) GROUP BY 1 ORDER BY 1
"""
AT_ONCE = 100


def post_to_agencies(*, now: datetime) -> int:
    """Send the postings that are due. Returns how many were tried."""
    tried = 0
    alarm = alarm_of_row(loop="postings to agencies", now=now)
    while claimed := _claim():
        for_each_apart(
            claimed,
            lambda due: _report(due, now),
            what="post_to_agencies",
            on_failure=alarm,
            ids=lambda due: {"posting": due},
        )
        tried += len(claimed)
        if len(claimed) < AT_ONCE:
            break
    return tried


def alarm_about_unposted(*, now: datetime) -> int:
    """Return how many are paid here and have not been acknowledged by the agency for too long."""
    values: dict[str, Any] = {"now": now, "minutes": settings.POSTING_ALARM_MINUTES}
    with connection.cursor() as cursor:
        cursor.execute(UNPOSTED, values)
        late = cursor.fetchall()
    for agency, count in late:
        message = f"{count} payments are paid here and not posted at the agency; is the biller up?"
        raise_alarm(kind="unposted", subject=agency, message=message, now=now)
    return sum(count for _, count in late)


@transaction.atomic
def report_again(*, posting_id: int, actor: str, reason: str, now: datetime) -> bool:
    """Send again what an agency refused, after a person's review. False where it was not refused (any more)."""
    refused = AgencyPosting.objects.filter(pk=posting_id, state=REFUSED)
    if not refused.update(state=WAITING, code="", attempts=0, next_at=Now()):
        return False
    whose = AgencyPosting.objects.values_list("payment__bill__citizen_id", flat=True).get(pk=posting_id)
    record_audit(
        now=now,
        actor=actor,
        action="posting.told_again",
        citizen_id=whose,
        object=f"posting:{posting_id}",
        reason=reason,
    )
    transaction.on_commit(lambda: enqueue("payments.post"))
    return True


def _claim() -> list[int]:
    values: dict[str, Any] = {
        "limit": AT_ONCE,
        "first": settings.POSTING_RETRY_SECONDS,
        "most": settings.POSTING_RETRY_MAX_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return [pk for (pk,) in cursor.fetchall()]


def _report(posting_id: int, now: datetime) -> None:
    rows = AgencyPosting.objects.select_related("payment__settlement", "payment__bill__record__agency")
    row = rows.get(pk=posting_id)
    agency = row.payment.bill.record.agency.code
    waiting = AgencyPosting.objects.filter(pk=posting_id).exclude(state=ACKNOWLEDGED)
    let_go()
    try:
        reported = adapters.biller(agency).report(_posting(row))
    except (BillerUnavailable, NotOffered):
        return  # the next pause is already written
    except BillerRefused as error:
        waiting.filter(state=WAITING).update(state=REFUSED, code=error.code[:60])
        message = f"the agency refuses posting {row.pk} ({error.code}) of a captured payment"
        raise_alarm(kind="posting_refused", subject=agency, message=message, now=now)
        return
    waiting.update(state=ACKNOWLEDGED, acknowledged_at=now, reference=reported.reference[:100], code="")


def _posting(row: AgencyPosting) -> Posting:
    return Posting(
        posting_id=row.posting_id,
        external_id=row.payment.bill.record.external_id,
        kind=row.kind,
        amount=row.amount,
        happened_at=row.happened_at,
        receipt_number=row.payment.settlement.receipt_number,
        provider=row.payment.provider,
    )
