"""RECORD: the one function in which every way in ends. A page of lines becomes rows in one transaction."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from notifications.agencies.contract import Line
from notifications.alarms import raise_alarm
from notifications.former_keys import under_keys_in_use
from notifications.models import Feed, FeedRun, IngestBatch, RefusedLine
from notifications.parse import Row, is_agency_number, parse_record
from notifications.schema import Schema, Unacceptable
from notifications.serials import own_serials
from notifications.tell_former import release
from secretary.common.clock import kst_date

MOST_REFUSED_LINES = 1000  # kept per page; the count goes on
LINK_REMOVED = "link_removed"
# An agency corrects whom a record is about now and then. So many in one batch look like columns out of step.
MANY_MOVED = 100

STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS ingest_row (
    external_id text, data_type_id smallint, version int, state text, event text, ci_hash bytea, person_hash bytea,
    date_1 date, date_2 date, date_3 date, date_4 date, happens_at timestamptz,
    announce_digest bytea, payload_encrypted bytea
) ON COMMIT DELETE ROWS;
TRUNCATE ingest_row
"""
COLUMNS = (
    "external_id, data_type_id, version, state, event, ci_hash, person_hash, date_1, date_2, date_3, date_4, "
    "happens_at, announce_digest, payload_encrypted"
)
# An older version never overwrites a newer one; the same version changes nothing. What was paid here stays paid while
# the agency's news still call it open: they may be older than our word to it.
UPSERT = f"""
WITH written AS (
INSERT INTO notifications_record AS r (agency_id, batch_id, changed_version, first_seen_at, received_at, {COLUMNS})
SELECT %(agency)s, %(batch)s, 0, %(now)s, %(now)s, {COLUMNS} FROM ingest_row ORDER BY external_id
ON CONFLICT (agency_id, external_id) DO UPDATE SET
    batch_id = excluded.batch_id, data_type_id = excluded.data_type_id, version = excluded.version,
    state = CASE WHEN r.paid_here_at IS NOT NULL AND excluded.state = 'open' THEN 'paid' ELSE excluded.state END,
    event = excluded.event, ci_hash = excluded.ci_hash, person_hash = excluded.person_hash,
    date_1 = excluded.date_1, date_2 = excluded.date_2, date_3 = excluded.date_3, date_4 = excluded.date_4,
    happens_at = excluded.happens_at, payload_encrypted = excluded.payload_encrypted,
    announce_digest = excluded.announce_digest, received_at = excluded.received_at,
    changed_version = CASE WHEN r.announce_digest IS DISTINCT FROM excluded.announce_digest
                           THEN excluded.version ELSE r.changed_version END,
    subject_version = CASE WHEN r.ci_hash IS DISTINCT FROM excluded.ci_hash
                                OR r.person_hash IS DISTINCT FROM excluded.person_hash
                           THEN excluded.version ELSE r.subject_version END
WHERE r.version < excluded.version AND r.data_type_id = excluded.data_type_id
RETURNING (xmax = 0) AS fresh, r.id, r.subject_version, r.version
)
SELECT count(*), count(*) FILTER (WHERE fresh), array_agg(id ORDER BY id) FILTER (WHERE subject_version > 0),
    count(*) FILTER (WHERE subject_version = version)
FROM written
"""  # noqa: S608  (column names are constants)
# An agency's number is never reused. Where two of its feeds do so all the same, neither record may hide the other.
OF_ANOTHER_TYPE = """
SELECT i.external_id FROM ingest_row i
JOIN notifications_record r ON r.agency_id = %s AND r.external_id = i.external_id
WHERE r.data_type_id <> i.data_type_id ORDER BY 1
"""


@dataclass(slots=True)
class Counts:
    """What became of the lines of a page or a run."""

    read: int = 0
    new: int = 0
    changed: int = 0
    duplicate: int = 0
    refused: int = 0
    refusals: list[RefusedLine] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        for name in ("read", "new", "changed", "duplicate", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("read", "new", "changed", "duplicate", "refused")}


Numbered = tuple[int, Row]  # with the number of its line


class BatchRefused(Exception):
    """The feed takes all or nothing and a line was bad: nothing was written; `counts` names the lines."""

    def __init__(self, counts: Counts) -> None:
        super().__init__(f"{counts.refused} of {counts.read} lines refused")
        self.counts = counts


def ingest_page(
    *,
    run: FeedRun,
    lines: Iterable[Line],
    schemas: Mapping[str, Schema],
    now: datetime,
    next_cursor: dict[str, Any] | None = None,
    place: str = "",
) -> Counts:
    """Take in one page; the cursor behind it is stored in the same transaction, so a crash repeats or skips nothing.

    Raises BatchRefused when the feed is all-or-nothing and a line is bad.
    """
    feed = run.feed
    counts, newest = _check(run=run, lines=lines, schemas=schemas, now=now, place=place)
    if counts.refused and feed.all_or_nothing:
        raise BatchRefused(counts)
    if run.dry_run:
        RefusedLine.objects.bulk_create(counts.refusals)
        return counts
    with transaction.atomic():
        if newest:
            _write(run=run, newest=newest, counts=counts, now=now, place=place)
        RefusedLine.objects.bulk_create(counts.refusals)
        FeedRun.objects.filter(pk=run.pk).update(
            alive_at=Now(), **{name: F(name) + number for name, number in counts.as_dict().items()}
        )
        if next_cursor is not None:
            Feed.objects.filter(pk=feed.pk).update(cursor=next_cursor, cursor_at=now)
    return counts


def _check(
    *, run: FeedRun, lines: Iterable[Line], schemas: Mapping[str, Schema], now: datetime, place: str
) -> tuple[Counts, dict[str, Numbered]]:
    counts, newest, agency, today = Counts(), dict[str, Numbered](), run.feed.agency, kst_date(now)
    serials = own_serials(run.feed)
    for line in lines:
        counts.read += 1
        try:
            if line.data is None:
                raise Unacceptable(line.error, line.detail)
            row = parse_record(
                line.data,
                schemas=schemas,
                agency_id=agency.id,
                agency_code=agency.code,
                today=today,
                is_own_serial=serials,
            )
        except Unacceptable as error:
            _refuse(counts, run, line.number, (line.data or {}).get("external_id"), error, place)
            continue
        if row.cleared:  # it is taken in all the same: a value must not cost a person the notice
            _name(counts, run, line.number, row.external_id, Unacceptable(LINK_REMOVED, ", ".join(row.cleared)), place)
        _, earlier = newest.get(row.external_id, (0, None))
        if earlier is not None:
            counts.duplicate += 1
        if earlier is None or earlier.version < row.version:
            newest[row.external_id] = line.number, row
    return counts, newest


def _refuse(counts: Counts, run: FeedRun, line: int, external_id: Any, error: Unacceptable, place: str) -> None:
    counts.refused += 1
    _name(counts, run, line, external_id, error, place)


def _name(counts: Counts, run: FeedRun, line: int, external_id: Any, error: Unacceptable, place: str) -> None:
    """List a line that was not taken in, or not as it came."""
    if len(counts.refusals) < MOST_REFUSED_LINES:
        counts.refusals.append(
            RefusedLine(
                run=run,
                place=place[:120],
                line=line,
                external_id=external_id if is_agency_number(external_id) else "",  # else it may be anything, a name too
                reason=error.reason[:40],
                detail=error.where[:200],
            )
        )


def _write(*, run: FeedRun, newest: Mapping[str, Numbered], counts: Counts, now: datetime, place: str) -> None:
    """Raises BatchRefused; the transaction is the caller's."""
    rows = under_keys_in_use([row for _, row in newest.values()], agency_id=run.feed.agency_id)
    batch = IngestBatch.objects.create(run=run, created_at=now, records=len(rows))
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        cursor.copy_expert(f"COPY ingest_row ({COLUMNS}) FROM STDIN", io.StringIO("".join(map(_copy_line, rows))))
        cursor.execute(UPSERT, {"agency": run.feed.agency_id, "batch": batch.pk, "now": now})
        written, new, moved, just_moved = cursor.fetchone()
        if moved:
            release(cursor, records=moved, now=now)
            IngestBatch.objects.filter(pk=batch.pk).update(moved=True)
            _count_moved(just_moved, run, now)
        strangers = _of_another_type(cursor, run) if written < len(rows) else []
    for external_id in strangers:
        error = Unacceptable("other_data_type", "external_id")
        _refuse(counts, run, newest[external_id][0], external_id, error, place)
    if strangers and run.feed.all_or_nothing:
        raise BatchRefused(counts)
    counts.new, counts.changed = new, written - new
    counts.duplicate += len(rows) - written - len(strangers)
    if not written:
        batch.delete()


def _count_moved(moved: int, run: FeedRun, now: datetime) -> None:
    if moved >= MANY_MOVED:
        message = f"{moved} records of one batch are about other people than before; ask the agency whether that is so"
        raise_alarm(kind="records_moved", subject=run.feed.name, message=message, now=now)


def _of_another_type(cursor: Any, run: FeedRun) -> list[str]:
    cursor.execute(OF_ANOTHER_TYPE, [run.feed.agency_id])
    return [external_id for (external_id,) in cursor.fetchall()]


def _copy_line(row: Row) -> str:
    """One line of COPY's text format. Only checked codes, numbers, dates and hex go in: nothing needs escaping."""
    cells = (
        row.external_id,
        str(row.data_type_id),
        str(row.version),
        row.state,
        row.event,
        _bytea(row.ci_hash),
        _bytea(row.person_hash),
        *(day.isoformat() if day else "\\N" for day in row.dates),
        row.happens_at.isoformat() if row.happens_at else "\\N",
        _bytea(row.announce_digest),
        _bytea(row.payload_encrypted),
    )
    return "\t".join(cells) + "\n"


def _bytea(value: bytes | None) -> str:
    return "\\\\x" + value.hex() if value is not None else "\\N"
