"""Define how long received reports are kept. Notices, deliveries and records are not here: they are proof.

See secretary/kernel/retention.py. Children before their parents.
"""

from datetime import timedelta

from django.conf import settings

from notifications.models import (
    Alarm,
    AlarmMessage,
    BatchFigures,
    DeliveryHour,
    FeedRun,
    IngestBatch,
    PushMessage,
    ReachDay,
    ReceiptEvent,
    RefusedLine,
    TemplateComplaint,
    YearlyMessage,
)
from secretary.kernel.retention import Keep, days, fixed, of_parent

_RUN = FeedRun._meta.db_table
NOTHING_HANGS_ON_IT = f"""
    t.state <> '{FeedRun.RUNNING}'
    AND EXISTS (SELECT FROM {_RUN} n WHERE n.feed_id = t.feed_id AND n.started_at > t.started_at AND NOT n.dry_run)
    AND NOT EXISTS (SELECT FROM {PushMessage._meta.db_table} m WHERE m.run_id = t.id)
    AND NOT EXISTS (SELECT FROM {RefusedLine._meta.db_table} l WHERE l.run_id = t.id)
    AND NOT EXISTS (SELECT FROM {IngestBatch._meta.db_table} b WHERE b.run_id = t.id)
    AND NOT EXISTS (SELECT FROM {BatchFigures._meta.db_table} f WHERE f.run_id = t.id)
"""  # noqa: S608  (constants)


def _while_receipts_may_come() -> timedelta:
    """Return how long a receipt's row is needed: to recognise repeats, and while its gateway is polled."""
    return timedelta(hours=2 * settings.RECEIPT_GIVE_UP_HOURS)


def _while_a_push_may_be_replayed() -> timedelta:
    """Return how long a message's id must be kept: its signature is valid for that long before and after its time."""
    return timedelta(seconds=4 * settings.WEBHOOK_TOLERANCE_SECONDS)


KEPT = (
    Keep(
        what="receipts of gateways",
        table=ReceiptEvent._meta.db_table,
        age="t.received_at",
        also="t.applied_at IS NOT NULL",
        period=days("receipts", _while_receipts_may_come),
        why="questions about one message; its delivery keeps the outcome",
    ),
    Keep(
        what="ids of signed pushes",
        table=PushMessage._meta.db_table,
        age="t.received_at",
        period=days("pushes", _while_a_push_may_be_replayed),
        why="a repeat is answered as before; a replay is refused by its age after 5 minutes",
    ),
    Keep(
        what="refused lines of feeds",
        table=RefusedLine._meta.db_table,
        age=of_parent(FeedRun, "finished_at", by="run_id"),
        walk=of_parent(FeedRun, "started_at", by="run_id"),
        period=days("refused_lines"),
        why="the agency corrects them",
    ),
    Keep(
        what="ingested batches",
        table=IngestBatch._meta.db_table,
        age="t.created_at",
        also="t.matched_at IS NOT NULL",
        period=days("feed_runs"),
        why="with the feed run that they belong to",
    ),
    Keep(
        what="figures of batches",
        table=BatchFigures._meta.db_table,
        age="t.counted_at",
        period=fixed(days=1),
        why="counted again when the agency asks; counts only, of no person",
    ),
    Keep(
        what="feed runs",
        table=_RUN,
        age="t.finished_at",
        walk="t.started_at",
        also=NOTHING_HANGS_ON_IT,
        period=days("feed_runs"),
        why="a year's delivery of an agency can be looked up; the newest of each feed stays",
    ),
    Keep(
        what="who was informed of an alarm",
        table=AlarmMessage._meta.db_table,
        age=of_parent(Alarm, "cleared_at", by="alarm_id"),
        walk=of_parent(Alarm, "raised_at", by="alarm_id"),
        period=days("alarms"),
        why="with the alarm",
    ),
    Keep(
        what="cleared alarms",
        table=Alarm._meta.db_table,
        age="t.cleared_at",
        walk="t.raised_at",
        period=days("alarms"),
        why="a year's incidents can be looked back at; open ones stay",
    ),
    Keep(
        what="values that gateways found unfit for a message template",
        table=TemplateComplaint._meta.db_table,
        age="t.said_at",
        period=fixed(days=30),
        why="counted within TEMPLATE_VALUE_HOURS; then only to be looked back at",
    ),
    Keep(
        what="counts of deliveries by the hour",
        table=DeliveryHour._meta.db_table,
        age="t.hour",
        period=fixed(days=400),
        why="a month can be compared with the same month a year before; it holds counts only, of no person",
    ),
    Keep(
        what="outcomes of notices by the day",
        table=ReachDay._meta.db_table,
        age="t.day::timestamptz",
        period=fixed(days=400),
        why="a month can be compared with the same month a year before; it holds counts only, of no person",
    ),
    Keep(
        what="yearly messages that were not sent",
        table=YearlyMessage._meta.db_table,
        age="t.finished_at",
        walk="make_timestamptz(t.year, 1, 1, 0, 0, 0, 'UTC')",
        also="t.state IN ('cancelled', 'too_late')",
        period=fixed(days=400),
        why="so that no person is listed twice in a year; those that were sent are proof, and go with their person",
    ),
)
