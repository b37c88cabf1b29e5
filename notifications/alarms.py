"""Say loudly that a person must look: one open alarm per kind and subject, counted when it repeats."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

RAISE = """
INSERT INTO notifications_alarm (kind, subject, message, raised_at, times) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET times = notifications_alarm.times + 1
"""


def raise_alarm(*, kind: str, subject: str, message: str, now: datetime) -> None:
    """`message` is for operators and holds no personal data."""
    with connection.cursor() as cursor:
        cursor.execute(RAISE, [kind[:40], subject[:80], message[:300], now])


TOLD_TWICE = """
SELECT d.channel, count(DISTINCT d.notice_id) FROM notifications_delivery d
JOIN notifications_delivery other ON other.notice_id = d.notice_id AND other.id <> d.id
WHERE d.id = ANY(%s) AND other.state IN ('sending', 'sent', 'delivered') GROUP BY 1
"""


def report_told_twice(*, delivery_ids: Sequence[int], now: datetime) -> None:
    """These arrived after we had been told otherwise: say so where another message of their notice is under way."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD_TWICE, [list(delivery_ids)])
        found = cursor.fetchall()
    for channel, notices in found:
        raise_alarm(
            kind="told_twice",
            subject=channel,
            message=f"{channel}: {notices} messages arrived after all, and their notices had been sent again already",
            now=now,
        )


def report_foreign(counts: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Receipts that name a delivery of another channel, or another message than the one we know: they moved nothing."""
    for channel, number in counts:
        raise_alarm(
            kind="receipt_mismatch",
            subject=channel,
            message=f"{number} receipts of {channel}'s gateway named deliveries that are not its own: nothing moved",
            now=now,
        )
