"""Count what became of a batch, so that no figure says what became of one person.

An agency sends whom it likes. If a batch of one record read "delivered: 1", the agency would know that this person has
signed up and been reached, which is the person's own matter (docs/adr/0051). So nothing is counted for fewer than
FEW_PEOPLE, and a figure below FEW reads as "fewer than". What was paid is exact: a payment is reported to its agency.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from notifications.models import BatchFigures, FeedRun, IngestBatch
from secretary.kernel.database.sql import read_sql
from secretary.kernel.enqueue import enqueue

COUNT = read_sql("notifications", "batch_figures")
FEW_PEOPLE, FEW = 10, 5
FRESH = timedelta(minutes=1)
AT_ONCE = 25_000  # records that a page counts by itself; a task counts more
SUMS = ("records", "notified", "delivered", "under_way", "failed", "not_sent", "paid")
OUTCOMES = ("notified", "delivered", "under_way", "failed", "not_sent")


@dataclass(frozen=True, slots=True)
class Figure:
    """`count`, or None where it is one of 0 to `fewer_than` − 1."""

    count: int | None
    fewer_than: int | None = None

    @classmethod
    def of(cls, count: int) -> "Figure":
        return cls(count) if count >= FEW else cls(None, FEW)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an agency may know. `figures`: None where the batch is about too few people. `replaced`: records that
    another batch has corrected since; they count there."""

    counted_at: datetime
    records: int
    replaced: int
    paid: int
    figures: dict[str, Figure] | None


def outcome_of(run: FeedRun, *, now: datetime) -> Outcome | None:
    """Return the figures of a run, at most a minute old where it is of a usual size; None: a task is counting them."""
    kept = BatchFigures.objects.filter(run=run).first()
    if kept is None or kept.counted_at < now - FRESH:
        if run.new + run.changed <= AT_ONCE:
            kept = count_run(run_id=run.pk, now=now)
        else:
            enqueue("count_batch", run_id=run.pk)
    return _shown(run, kept) if kept is not None else None


def count_run(*, run_id: int, now: datetime) -> BatchFigures:
    """Count a run, one ingested batch after the other, and keep the figures."""
    sums, people = dict.fromkeys(SUMS, 0), 0
    for batch in IngestBatch.objects.filter(run=run_id).order_by("pk").values_list("pk", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"batch": batch})
            records, different, *others = cursor.fetchone()
        people = max(people, different)  # of one batch: over all of them it may be more, never fewer
        for name, number in zip(SUMS, (records, *others), strict=True):
            sums[name] += number
    return BatchFigures.objects.update_or_create(run_id=run_id, defaults={**sums, "people": people, "counted_at": now})[
        0
    ]


def _shown(run: FeedRun, kept: BatchFigures) -> Outcome:
    figures = {name: Figure.of(getattr(kept, name)) for name in OUTCOMES} if kept.people >= FEW_PEOPLE else None
    replaced = max(run.new + run.changed - kept.records, 0)
    return Outcome(kept.counted_at, kept.records, replaced, kept.paid, figures)
