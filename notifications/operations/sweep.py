"""SWEEP: every 15 s, find work that a lost message, a killed worker or a silent gateway left behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import raise_alarm
from notifications.models.delivery import DUE_BLOCKS, IN_ORDER, OF_BLOCK
from secretary.kernel.database.sql import read_sql

EXPIRED = read_sql("notifications", "expired_leases", due_blocks=DUE_BLOCKS, of_block=OF_BLOCK, in_order=IN_ORDER)
SETTLE = read_sql("notifications", "settle_blocks", of_block=OF_BLOCK, in_order=IN_ORDER)
MOST_BLOCKS = 10_000
SETTLE_HANDED_OVER = read_sql("notifications", "settle_handed_over")
# In their order, so that it and receipts about the same deliveries do not block one another.
IN_ORDER_OF_DELIVERIES = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
RECEIPT_SECONDS, MOST_HANDED_OVER = 20, 20  # a lease is three times as long
WAITING = """
SELECT
    EXISTS (SELECT 1 FROM notifications_ingestbatch WHERE matched_at IS NULL)
        OR EXISTS (SELECT 1 FROM subscriptions_subscription WHERE matched_at IS NULL AND ended_at IS NULL),
    EXISTS (SELECT 1 FROM notifications_due WHERE urgent AND not_before <= %(now)s AND crashes = 0)
        OR EXISTS (SELECT 1 FROM notifications_due WHERE urgent AND not_before <= %(now)s AND crashes > 0),
    EXISTS (SELECT 1 FROM notifications_due WHERE NOT urgent AND not_before <= %(now)s AND crashes = 0)
        OR EXISTS (SELECT 1 FROM notifications_due WHERE NOT urgent AND not_before <= %(now)s AND crashes > 0),
    EXISTS (SELECT 1 FROM notifications_bundleentry WHERE not_before <= %(now)s),
    EXISTS (SELECT 1 FROM notifications_receiptevent
            WHERE applied_at IS NULL AND (retry_at IS NULL OR retry_at <= clock_timestamp())),
    EXISTS (SELECT 1 FROM notifications_deliveryblock WHERE due_at <= statement_timestamp()),
    EXISTS (SELECT 1 FROM notifications_channelstate WHERE resumed_at IS NOT NULL),
    EXISTS (SELECT 1 FROM subscriptions_phonecode WHERE handed_at IS NULL),
    EXISTS (SELECT 1 FROM notifications_trialmessage WHERE look_at <= %(now)s)
"""
DUE_FEEDS = """
SELECT f.id FROM notifications_feed f
WHERE f.enabled AND f.kind <> 'push' AND NOT EXISTS (
    SELECT 1 FROM notifications_feedrun r WHERE r.feed_id = f.id AND NOT r.dry_run
    AND (r.state = 'running' AND r.alive_at > clock_timestamp() - interval '2 minutes'
         OR r.started_at > %(now)s - make_interval(mins => f.every_minutes)))
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The kinds of pending work, so that only the needed tasks are enqueued."""

    match: bool
    urgent: bool
    notices: bool
    bundles: bool
    receipts: bool
    poll: bool
    resumed: bool
    codes: bool
    trials: bool
    feeds: tuple[int, ...] = ()


def recover_leases(*, now: datetime) -> int:
    """Recover the claims of killed workers; return how many notices. The third crash moves a notice to review."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRED, {"most": settings.MAX_CRASHES})
        lost, parked = cursor.fetchone()
    if parked:
        raise_alarm(
            kind="notice_crashes",
            subject="workers",
            message="Notices lost their worker three times; they need review",
            now=now,
        )
    return int(lost)


def settle_handed_over(*, now: datetime) -> None:
    """Write what gateways took in the deliveries that no receipt has ended since. Before leases are looked at."""
    looked_at = MOST_HANDED_OVER
    while looked_at == MOST_HANDED_OVER:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(IN_ORDER_OF_DELIVERIES)
            cursor.execute(SETTLE_HANDED_OVER, {"wait": RECEIPT_SECONDS, "most": MOST_HANDED_OVER})
            looked_at = int(cursor.fetchone()[0])


def settle_blocks(*, now: datetime) -> None:
    """Look through the deliveries that are due, and remember only those that are still to be looked after."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, {"most": MOST_BLOCKS})


def watch_clock(*, ahead: timedelta, machine: str, now: datetime) -> bool:
    """Raise an alarm where this machine's clock has drifted from the database's since the start; return whether it has.

    The work goes on: tasks compare `now` only with times of the database.
    """
    off = abs(ahead).total_seconds() >= settings.CLOCK_TOLERANCE_SECONDS
    if off:
        message = f"The clock of {machine} is {ahead.total_seconds():+.0f} s off the database's clock: correct it"
        raise_alarm(kind="clock", subject=machine, message=message, now=now)
    return off


def find_waiting(*, now: datetime) -> Waiting:
    """Return the pending work, in two statements that only touch partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"now": now})
        match, urgent, notices, bundles, receipts, poll, resumed, codes, trials = cursor.fetchone()
        cursor.execute(DUE_FEEDS, {"now": now})
        feeds = tuple(pk for (pk,) in cursor.fetchall())
    return Waiting(match, urgent, notices, bundles, receipts, poll, resumed, codes, trials, feeds)
