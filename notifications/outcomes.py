"""OUTCOME: what gateways say, written in one statement, whether it came as an answer, a receipt or when asked.

States only move forward: the statement takes nothing out of a final state, and a notice follows a delivery only
while that delivery is its newest attempt (the fence). But that a message has arrived is the end of its notice whichever
attempt it was, and is believed whatever was said of that attempt before (docs/adr/0023).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import report_account, report_foreign, report_told_twice
from notifications.channels.contract import Verdict
from notifications.fit import UNFIT
from notifications.gateways import account_codes, value_codes
from notifications.states import (
    CANCELLED,
    DELIVERED,
    DELIVERY_MOVES,
    FAILED,
    PUT_OFF,
    READY,
    RETURNED,
    SENDING,
    SENT,
    UNKNOWN,
)
from notifications.stop_wording import doubt_wording, stop_wording
from secretary.common.arrays import number_array, text_array
from secretary.common.prepared import Prepared

DELIVERY_STATE = {
    Verdict.ACCEPTED: SENT,
    Verdict.DELIVERED: DELIVERED,
    Verdict.PERSON: FAILED,
    Verdict.WORDING: FAILED,
    Verdict.LATER: RETURNED,
    Verdict.UNKNOWN: UNKNOWN,
}
# One look-up in a hash instead of a comparison for each pair: PostgreSQL hashes a constant array of nine and more.
LEGAL = ", ".join(f"'{old}>{new}'" for old, news in DELIVERY_MOVES.items() for new in news)

APPLY = Prepared(
    "notifications_apply",
    f"""
WITH heard AS MATERIALIZED (
    SELECT d.id, d.notice_id, d.fence, d.channel, d.wording_id, d.state AS was, said.state, said.code, said.vendor_id,
        said.wait, said.mark, said.reporter,
        -- A receipt counts for its own gateway's channel and, where we know it, for its own message only.
        said.reporter <> '' AND (d.channel <> said.reporter OR said.vendor_id <> d.vendor_id
            AND said.vendor_id <> '' AND d.vendor_id <> '') AS foreign_to_it
    FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(vendor_ids)s::text[], %(waits)s::float[],
            %(marks)s::int[], %(reporters)s::text[])
        AS said(delivery_id, state, code, vendor_id, wait, mark, reporter)
    JOIN notifications_delivery d ON d.id = said.delivery_id
    -- Out of "returned" and "failed" only a receipt leads. An answer may be about the next attempt's message, which
    -- went out while the question was under way and was found by number and text.
    WHERE d.state || '>' || said.state = ANY(ARRAY[{LEGAL}])
            AND (d.state NOT IN ('returned', 'failed') OR said.reporter <> '')
        OR said.reporter <> '' AND d.channel <> said.reporter
    ORDER BY d.id FOR UPDATE OF d
), chosen AS MATERIALIZED (
    SELECT DISTINCT ON (id) * FROM heard WHERE NOT foreign_to_it
    ORDER BY id, array_position(ARRAY['delivered', 'failed', 'returned', 'sent', 'unknown'], state)
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
    FROM chosen l WHERE d.id = l.id
), news AS ( -- one for each notice: that any of its messages has arrived, or else what became of the newest
    SELECT DISTINCT ON (notice_id) * FROM chosen
    WHERE NOT (was = 'sending' AND state = 'sent') -- what is handed over stays on its way: no news of the notice
    ORDER BY notice_id, state = 'delivered' DESC, fence DESC
), notice AS (
    UPDATE notifications_notice n SET
        state = CASE WHEN n.state = '{READY}' THEN '{CANCELLED}'
                     WHEN l.state IN ('failed', 'returned') THEN '{READY}'
                     WHEN l.state = 'sent' THEN '{SENDING}' ELSE l.state END,
        reason = CASE WHEN n.state = '{READY}' THEN 'already_delivered'
                      WHEN l.state IN ('failed', 'returned', 'unknown') THEN left(l.channel || ':' || l.code, 40)
                      ELSE '' END,
        tried = CASE WHEN l.state = 'failed' AND l.code = ANY(%(unfit)s) AND l.channel || '{PUT_OFF}' <> ALL(n.tried)
                     THEN n.tried || (l.channel || '{PUT_OFF}')::varchar
                     WHEN l.state = 'failed' OR (l.state = 'returned' AND n.attempts + 1 >= %(most)s)
                     THEN n.tried || l.channel::varchar ELSE n.tried END,
        attempts = CASE WHEN l.state = 'returned' AND n.attempts + 1 < %(most)s THEN n.attempts + 1
                        WHEN l.state IN ('failed', 'returned') THEN 0 ELSE n.attempts END,
        not_before = CASE WHEN l.state = 'returned' THEN %(now)s + make_interval(secs => greatest(
                          l.wait, least(%(retry_most)s, %(retry_base)s * 2 ^ n.attempts) * (0.5 + random() / 2)))
                     ELSE n.not_before END,
        finished_at = CASE WHEN l.state = 'delivered' THEN %(now)s END
    FROM news l
    WHERE n.id = l.notice_id AND (n.fence = l.fence OR l.state = 'delivered')
      AND (n.state IN ('sending', 'unknown', 'review')
        OR n.state = '{READY}' AND l.state = 'delivered') -- it stands in the line again, and it had arrived
      AND n.state <> l.state AND NOT (n.state = 'sending' AND l.state = 'sent')
      AND NOT (n.state = 'review' AND l.state = 'unknown')
)
SELECT channel, wording_id, state, code, mark, CASE WHEN foreign_to_it THEN reporter ELSE '' END, count(*),
    array_agg(id) FILTER (WHERE mark > 0 OR state = 'delivered' AND was IN ('returned', 'failed', 'unknown'))
FROM (SELECT * FROM chosen UNION ALL SELECT * FROM heard WHERE foreign_to_it) each
GROUP BY 1, 2, 3, 4, 5, 6
""",  # noqa: S608  (all parts are constants)
    {
        "ids": "bigint[]",
        "states": "text[]",
        "codes": "text[]",
        "vendor_ids": "text[]",
        "waits": "float8[]",
        "marks": "int[]",
        "reporters": "text[]",
        "unfit": "text[]",
        "now": "timestamptz",
        "receipt_wait": "float8",
        "unknown_wait": "float8",
        "most": "int",
        "retry_base": "float8",
        "retry_most": "float8",
    },
)
WORDING_REFUSED, VALUE_REFUSED, ACCOUNT_REFUSED = 1, 2, 3  # marks of what more follows where a delivery has moved


class Said(NamedTuple):
    """What is now known of one delivery."""

    delivery_id: int
    verdict: Verdict
    code: str = ""
    vendor_id: str = ""
    retry_after: float | None = None  # seconds
    channel: str = ""  # whose code it is; "" where that does not matter
    by_receipt: bool = False  # told to us by a callback: it counts only where it fits the delivery


@dataclass(frozen=True, slots=True)
class Applied:
    """How many deliveries moved, and how many of their notices may be tried again at once."""

    moved: int
    free: int


class Group(NamedTuple):
    """Deliveries that one statement treated alike. `foreign_to`: the channel whose receipts do not fit them, "" where
    all is well. `ids` of those from which something more may follow."""

    channel: str
    wording_id: int
    state: str
    code: str
    mark: int
    foreign_to: str
    rows: int
    ids: list[int] | None


NOTHING = Applied(0, 0)


def apply_outcomes(said: Sequence[Said], *, now: datetime) -> Applied:
    """Write outcomes of any number of deliveries in one statement. What else follows (a wording is stopped, an alarm
    is raised) follows from deliveries that have moved by it, and from no other word of a gateway."""
    if not said:
        return NOTHING
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            APPLY.execute(cursor, _values(said, now))
            groups = [Group._make(row) for row in cursor.fetchall()]
        moved = [group for group in groups if not group.foreign_to]
        _follow_up(moved, now)
        report_foreign([(group.foreign_to, group.rows) for group in groups if group.foreign_to], now=now)
    return Applied(sum(group.rows for group in moved), sum(group.rows for group in moved if group.state == FAILED))


def _follow_up(moved: Sequence[Group], now: datetime) -> None:
    for group in moved:
        if group.mark == WORDING_REFUSED:
            stop_wording(wording_id=group.wording_id, channel=group.channel, code=group.code, now=now)
        elif group.mark == VALUE_REFUSED:
            doubt_wording(delivery_ids=group.ids or [], code=group.code, now=now)
        elif group.mark == ACCOUNT_REFUSED:
            report_account(channel=group.channel, code=group.code, now=now)
    arrived_late = [pk for group in moved if group.state == DELIVERED for pk in group.ids or []]
    if arrived_late:
        report_told_twice(delivery_ids=arrived_late, now=now)


def _mark(verdict: Verdict, code: str, channel: str) -> int:
    if verdict is Verdict.WORDING:
        return WORDING_REFUSED
    if verdict is not Verdict.PERSON:
        return 0
    if code in account_codes(channel):
        return ACCOUNT_REFUSED
    return VALUE_REFUSED if code in value_codes(channel) else 0


def _values(said: Iterable[Said], now: datetime) -> dict[str, Any]:
    ids, verdicts, codes, vendor_ids, waits, channels, by_receipt = zip(*said, strict=True)
    return {
        "now": now,
        "ids": number_array(ids),
        "states": text_array([DELIVERY_STATE[verdict] for verdict in verdicts]),
        "codes": text_array([code[:40] for code in codes]),
        "vendor_ids": text_array([vendor_id[:80] for vendor_id in vendor_ids]),
        "waits": number_array([wait or 0.0 for wait in waits]),
        "marks": number_array(map(_mark, verdicts, codes, channels)),
        "reporters": text_array([channel if by else "" for channel, by in zip(channels, by_receipt, strict=True)]),
        "unfit": list(UNFIT),
        "receipt_wait": settings.RECEIPT_WAIT_SECONDS,
        "unknown_wait": settings.UNKNOWN_WAIT_SECONDS,
        "most": settings.MAX_ATTEMPTS,
        "retry_base": settings.RETRY_BASE_SECONDS,
        "retry_most": settings.RETRY_MAX_SECONDS,
    }
