"""RECEIPT: callbacks are stored once and answered; a task applies them in bulk. States only move forward."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from notifications.channels.contract import Receipt, Verdict
from notifications.gateways import delivery_number
from notifications.outcomes import Applied, Said, apply_outcomes

STORE = """
INSERT INTO notifications_receiptevent
    (gateway, event_id, delivery_id, verdict, code, vendor_id, happened_at, received_at, applied_at)
SELECT %(gateway)s, event_id, delivery_id, verdict, code, vendor_id, happened_at, %(now)s,
       CASE WHEN delivery_id IS NULL THEN %(now)s::timestamptz END
FROM unnest(%(events)s::text[], %(deliveries)s::bigint[], %(verdicts)s::text[], %(codes)s::text[],
            %(vendor_ids)s::text[], %(happened)s::timestamptz[])
    AS t(event_id, delivery_id, verdict, code, vendor_id, happened_at)
ON CONFLICT (gateway, event_id) DO NOTHING
"""
TAKE = """
WITH taken AS (
    SELECT id FROM notifications_receiptevent WHERE applied_at IS NULL ORDER BY id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE notifications_receiptevent e SET applied_at = %(now)s FROM taken WHERE e.id = taken.id
RETURNING e.delivery_id, e.verdict, e.code, e.vendor_id
"""
AT_ONCE = 2000


def store_receipts(*, gateway: str, receipts: Sequence[Receipt], now: datetime) -> int:
    """Keep the events of one callback, each once; how many were new. Unknown references are kept for the record."""
    if not receipts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            STORE,
            {
                "gateway": gateway,
                "now": now,
                "events": [receipt.event_id[:120] for receipt in receipts],
                "deliveries": [delivery_number(receipt.reference) for receipt in receipts],
                "verdicts": [receipt.verdict.value for receipt in receipts],
                "codes": [receipt.code[:40] for receipt in receipts],
                "vendor_ids": [receipt.vendor_id[:80] for receipt in receipts],
                "happened": [receipt.happened_at for receipt in receipts],
            },
        )
        return int(cursor.rowcount)


def apply_receipts(*, now: datetime) -> Applied:
    """Apply everything that is stored and not applied yet."""
    moved = free = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(TAKE, {"limit": AT_ONCE, "now": now})
                events = cursor.fetchall()
            applied = apply_outcomes([_said(*event) for event in events], now=now)
        moved, free = moved + applied.moved, free + applied.free
        if len(events) < AT_ONCE:
            return Applied(moved, free)


def _said(delivery_id: int, verdict: str, code: str, vendor_id: str) -> Said:
    return Said(delivery_id, Verdict(verdict), code, vendor_id)
