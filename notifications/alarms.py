"""Raise alarms: one open alarm per kind and subject, counted when it repeats."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from secretary.kernel.database.each import is_passing

# Inside a transaction no process waits for another one's alarm: it would wait while it holds locks, and two that
# raise two alarms in opposite order would end each other. `pg_try_advisory_xact_lock` fails while one holds it.
RAISE = """
INSERT INTO notifications_alarm (kind, subject, message, raised_at, times)
SELECT %(kind)s, %(subject)s, %(message)s, %(now)s, 1
WHERE %(wait)s OR pg_try_advisory_xact_lock(7302027, hashtext(%(kind)s || ':' || %(subject)s))
ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET times = notifications_alarm.times + 1,
    message = CASE WHEN %(newest_words)s THEN excluded.message ELSE notifications_alarm.message END
"""


CLEAR = """
UPDATE notifications_alarm SET cleared_at = %(now)s
WHERE kind = %(kind)s AND cleared_at IS NULL AND subject <> ALL(%(but)s::text[])
"""


def raise_alarm(*, kind: str, subject: str, message: str, now: datetime, newest_words: bool = False) -> None:
    """Raise an alarm, or count it where it is open. `message` is for operators and holds no personal data; an open
    alarm keeps its first message, or with `newest_words` gets this one.

    Where another transaction is raising the same alarm at this moment, it is raised after the caller's commit.
    """
    values = {"kind": kind[:40], "subject": subject[:80], "message": message[:300], "now": now}
    values["newest_words"] = newest_words
    if not _raise(values, wait=not connection.in_atomic_block):
        transaction.on_commit(lambda: _raise(values, wait=True))


def _raise(values: dict[str, Any], *, wait: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(RAISE, {**values, "wait": wait})
        return bool(cursor.rowcount)


def clear_by_itself(*, kind: str, but: Collection[str], now: datetime) -> None:
    """Clear open alarms of this kind, but those about these subjects: what they were about is over."""
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, {"kind": kind, "but": list(but), "now": now})


def alarm_of_row(*, loop: str, now: datetime) -> Callable[[Any, Exception], None]:
    """Return an `on_failure` for `for_each_apart`: one alarm per `loop` ("refunds") that names the first failed row."""

    def raised(row: Any, error: Exception) -> None:
        if is_passing(error):
            return  # the database cancelled this attempt; the next one is scheduled anyway
        number = getattr(row, "__name__", getattr(row, "pk", row))  # a step's name, a row's number
        message = f"row {number}: {type(error).__name__}; other rows continue; retried later; see the log"
        raise_alarm(kind="row_failed", subject=loop, message=message, now=now)

    return raised


NOTIFIED_TWICE = """
SELECT d.channel, count(DISTINCT d.notice_id) FROM notifications_delivery d
JOIN notifications_delivery other ON other.notice_id = d.notice_id AND other.id <> d.id
WHERE d.id = ANY(%s) AND other.state IN ('sending', 'sent', 'delivered') GROUP BY 1
"""


def report_notified_twice(*, delivery_ids: Sequence[int], now: datetime) -> None:
    """Raise an alarm for deliveries that arrived after all, where another message of their notice is under way."""
    with connection.cursor() as cursor:
        cursor.execute(NOTIFIED_TWICE, [list(delivery_ids)])
        found = cursor.fetchall()
    for channel, notices in found:
        raise_alarm(
            kind="told_twice",
            subject=channel,
            message=f"{channel}: {notices} messages were delivered after all, and had already been sent again",
            now=now,
        )


def report_foreign(counts: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Raise an alarm for receipts that name a delivery of another channel, or another message id: they are ignored."""
    for channel, number in counts:
        raise_alarm(
            kind="receipt_mismatch",
            subject=channel,
            message=f"{number} receipts of {channel}'s gateway named foreign deliveries or messages: ignored",
            now=now,
        )


def report_account(*, channel: str, code: str, now: datetime) -> None:
    """Raise an alarm for refusals because of our account: NHN refuses values over 14 characters of a new one."""
    raise_alarm(
        kind="account_restricted",
        subject=channel,
        message=f"{channel} refuses messages because of our account ({code}): ask the vendor; the next channel serves",
        now=now,
    )
