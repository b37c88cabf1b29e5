"""OUTCOME: what gateways say, written in one statement, whether it came as an answer, a receipt or when asked.

States only move forward: the statement takes nothing out of a final state, and a notice follows a delivery only
while that delivery is its newest attempt (the fence).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import stop_wording
from notifications.channels.contract import Verdict
from notifications.states import (
    CANCELLED,
    DELIVERED,
    DELIVERY_MOVES,
    FAILED,
    READY,
    RETURNED,
    SENDING,
    SENT,
    UNKNOWN,
)
from secretary.common.prepared import Prepared

DELIVERY_STATE = {
    Verdict.ACCEPTED: SENT,
    Verdict.DELIVERED: DELIVERED,
    Verdict.PERSON: FAILED,
    Verdict.WORDING: FAILED,
    Verdict.LATER: RETURNED,
    Verdict.UNKNOWN: UNKNOWN,
}
LEGAL = ", ".join(f"('{old}', '{new}')" for old, news in DELIVERY_MOVES.items() for new in news)

APPLY = Prepared(
    "notifications_apply",
    f"""
WITH said AS (
    SELECT DISTINCT ON (delivery_id) * FROM unnest(
        %(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(vendor_ids)s::text[], %(waits)s::float[])
        AS t(delivery_id, state, code, vendor_id, wait)
    ORDER BY delivery_id, array_position(ARRAY['delivered', 'failed', 'returned', 'sent', 'unknown'], state)
), locked AS MATERIALIZED (
    SELECT d.id, d.notice_id, d.fence, d.channel, d.wording_id, said.state, said.code, said.vendor_id, said.wait
    FROM said JOIN notifications_delivery d ON d.id = said.delivery_id
    WHERE (d.state, said.state) IN ({LEGAL}) ORDER BY d.id FOR UPDATE OF d
), delivery AS (
    UPDATE notifications_delivery d SET
        state = l.state,
        code = l.code,
        vendor_id = CASE WHEN l.vendor_id <> '' THEN l.vendor_id ELSE d.vendor_id END,
        answered_at = coalesce(d.answered_at, clock_timestamp()),
        finished_at = CASE WHEN l.state IN ('delivered', 'failed', 'returned') THEN %(now)s END,
        ask_at = CASE
            WHEN l.state = 'sent' AND d.state = 'sending' THEN d.ask_at -- put off when it comes: ask.py
            WHEN l.state = 'sent' THEN clock_timestamp() + make_interval(secs => %(receipt_wait)s)
            WHEN l.state = 'unknown' THEN clock_timestamp() + make_interval(secs => %(unknown_wait)s) END
    FROM locked l WHERE d.id = l.id
), notice AS (
    UPDATE notifications_notice n SET
        state = CASE WHEN n.state = '{READY}' THEN '{CANCELLED}'
                     WHEN l.state IN ('failed', 'returned') THEN '{READY}'
                     WHEN l.state = 'sent' THEN '{SENDING}' ELSE l.state END,
        reason = CASE WHEN n.state = '{READY}' THEN 'already_delivered'
                      WHEN l.state IN ('failed', 'returned', 'unknown') THEN left(l.channel || ':' || l.code, 40)
                      ELSE '' END,
        tried = CASE WHEN l.state = 'failed' OR (l.state = 'returned' AND n.attempts + 1 >= %(most)s)
                     THEN n.tried || l.channel::varchar ELSE n.tried END,
        attempts = CASE WHEN l.state = 'returned' AND n.attempts + 1 < %(most)s THEN n.attempts + 1
                        WHEN l.state IN ('failed', 'returned') THEN 0 ELSE n.attempts END,
        not_before = CASE WHEN l.state = 'returned' THEN %(now)s + make_interval(secs => greatest(
                          l.wait, least(%(retry_most)s, %(retry_base)s * 2 ^ n.attempts) * (0.5 + random() / 2)))
                     ELSE n.not_before END,
        finished_at = CASE WHEN l.state = 'delivered' THEN %(now)s END
    FROM locked l
    WHERE n.id = l.notice_id AND n.fence = l.fence AND (n.state IN ('sending', 'unknown', 'review')
        OR n.state = '{READY}' AND l.state = 'delivered') -- somebody put it back into the line, and it had arrived
      AND n.state <> l.state AND NOT (n.state = 'sending' AND l.state = 'sent')
      AND NOT (n.state = 'review' AND l.state = 'unknown')
)
SELECT channel, wording_id, state, code, count(*) FROM locked GROUP BY 1, 2, 3, 4
""",  # noqa: S608  (all parts are constants)
    {
        "ids": "bigint[]",
        "states": "text[]",
        "codes": "text[]",
        "vendor_ids": "text[]",
        "waits": "float8[]",
        "now": "timestamptz",
        "receipt_wait": "float8",
        "unknown_wait": "float8",
        "most": "int",
        "retry_base": "float8",
        "retry_most": "float8",
    },
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is now known of one delivery."""

    delivery_id: int
    verdict: Verdict
    code: str = ""
    vendor_id: str = ""
    retry_after: float | None = None  # seconds


@dataclass(frozen=True, slots=True)
class Applied:
    """How many deliveries moved, and how many of their notices may be tried again at once."""

    moved: int
    free: int


NOTHING = Applied(0, 0)


def apply_outcomes(said: Sequence[Said], *, now: datetime) -> Applied:
    """Write outcomes of any number of deliveries in one statement; wordings that a gateway refuses are stopped."""
    if not said:
        return NOTHING
    refused_wordings = {item.delivery_id for item in said if item.verdict is Verdict.WORDING}
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            APPLY.execute(cursor, _values(said, now))
            groups = cursor.fetchall()
        if refused_wordings:
            stop_wording(delivery_ids=refused_wordings, now=now)
    moved = sum(count for *_, count in groups)
    return Applied(moved, sum(count for _, _, state, _, count in groups if state == FAILED))


def _values(said: Iterable[Said], now: datetime) -> dict[str, Any]:
    said = list(said)
    return {
        "now": now,
        "ids": [item.delivery_id for item in said],
        "states": [DELIVERY_STATE[item.verdict] for item in said],
        "codes": [item.code[:40] for item in said],
        "vendor_ids": [item.vendor_id[:80] for item in said],
        "waits": [item.retry_after or 0.0 for item in said],
        "receipt_wait": settings.RECEIPT_WAIT_SECONDS,
        "unknown_wait": settings.UNKNOWN_WAIT_SECONDS,
        "most": settings.MAX_ATTEMPTS,
        "retry_base": settings.RETRY_BASE_SECONDS,
        "retry_most": settings.RETRY_MAX_SECONDS,
    }
