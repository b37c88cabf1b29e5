"""Repair the queue of waiting notices, which triggers keep in step with the notices.

A restore without triggers, or a session in the replica role, leaves a ready notice without a queue entry (it would
never be claimed) or an entry without a ready notice (which blocks others: claims begin with the first entries).
"""

from datetime import datetime

from django.db import connection

from notifications.alarms import raise_alarm
from secretary.kernel.database.sql import read_sql

LOST = read_sql("notifications", "restore_queue")
# Locked in the order of all code but the claim: the notice first. FOR UPDATE reads the newest state once more.
LEFT_OVER = """
WITH over AS MATERIALIZED (
    SELECT n.id FROM notifications_due q JOIN notifications_notice n ON n.id = q.notice_id
    WHERE n.state <> 'ready' ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
)
DELETE FROM notifications_due q USING over WHERE q.notice_id = over.id
"""
LEFT_IN_BUNDLES = LEFT_OVER.replace("notifications_due", "notifications_bundleentry").replace(
    "n.state <> 'ready'", "(n.state <> 'ready' OR n.bundle_at IS NULL)"
)
SPAN = 200_000  # rows read in about 0.1 s


def mend_queue(*, now: datetime) -> tuple[int, int]:
    """Add missing queue entries of ready notices, and remove entries of others; return how many of each."""
    with connection.cursor() as cursor:
        cursor.execute(LOST, {"span": SPAN, "hour": int(now.timestamp() // 3600)})
        restored = int(cursor.rowcount)
        removed = 0
        for left_over in (LEFT_OVER, LEFT_IN_BUNDLES):
            cursor.execute(left_over)
            removed += int(cursor.rowcount)
    if restored or removed:
        message = f"{restored} waiting notices were missing in the queue, {removed} queue entries were stale: repaired"
        raise_alarm(kind="queue_mended", subject="notices", message=message, now=now)
    return restored, removed
