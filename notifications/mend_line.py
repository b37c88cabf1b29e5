"""The line of notices that wait, compared with the notices themselves: triggers keep the two alike, while they run.

A restore without triggers, or a session in the replica role, leaves a ready notice without a place (nothing would ever
claim it) or a place without a ready notice (which stands in the way of others: a claim takes what comes first).
"""

from datetime import datetime

from django.db import connection

from notifications.alarms import raise_alarm

# Nothing indexes the state of a notice (docs/adr/0006), so that ready ones are looked for by number, SPAN numbers at a
# time: the newest each time, and one older span, another each hour.
LOST = """
WITH ends AS (
    SELECT coalesce(max(id), 0) AS newest FROM notifications_notice
), spans AS (
    SELECT newest - %(span)s AS after, newest AS upto FROM ends
    UNION ALL
    SELECT %(span)s * older, %(span)s * (older + 1) FROM ends,
        LATERAL (SELECT %(hour)s %% (newest / %(span)s + 1) AS older) which
), lost AS MATERIALIZED (
    SELECT n.id, n.urgent, n.not_before, n.crashes FROM spans
    JOIN notifications_notice n ON n.id > spans.after AND n.id <= spans.upto
    WHERE n.state = 'ready' AND NOT EXISTS (SELECT 1 FROM notifications_due q WHERE q.notice_id = n.id)
    ORDER BY n.id FOR UPDATE OF n SKIP LOCKED -- the transaction that holds it will write its place
)
INSERT INTO notifications_due (notice_id, urgent, not_before, crashes)
SELECT DISTINCT id, urgent, not_before, crashes FROM lost ORDER BY id
ON CONFLICT (notice_id) DO NOTHING
"""
# Locked like everywhere but in the claim: the notice first. FOR UPDATE reads the newest state once more.
LEFT_OVER = """
WITH over AS MATERIALIZED (
    SELECT n.id FROM notifications_due q JOIN notifications_notice n ON n.id = q.notice_id
    WHERE n.state <> 'ready' ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
)
DELETE FROM notifications_due q USING over WHERE q.notice_id = over.id
"""
SPAN = 200_000  # rows read in about 0.1 s


def mend_line(*, now: datetime) -> tuple[int, int]:
    """Give ready notices the places that they have lost, and take away places of others; how many of each."""
    with connection.cursor() as cursor:
        cursor.execute(LOST, {"span": SPAN, "hour": int(now.timestamp() // 3600)})
        restored = int(cursor.rowcount)
        cursor.execute(LEFT_OVER)
        removed = int(cursor.rowcount)
    if restored or removed:
        message = f"{restored} waiting notices had lost their place in the line, {removed} were left over: mended"
        raise_alarm(kind="line_mended", subject="notices", message=message, now=now)
    return restored, removed
