"""INGEST: write a page of lines as rows in one transaction; every connector ends here."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from notifications.intake.former_keys import under_keys_in_use
from notifications.intake.masked import masked_value
from notifications.intake.parsing.parse import Numbering, Row, is_agency_number, parse_record
from notifications.intake.parsing.parse_many import FEWEST, Options, parse_many
from notifications.intake.parsing.schema import Schema, Unacceptable
from notifications.intake.serials import own_serials
from notifications.intake.upsert import DRY_PAGE, GUESS, contradicting_lines, stage_rows, write_rows
from notifications.intake.version_look import VersionLook
from notifications.matching.notify_former import release
from notifications.models import Feed, FeedRun, IngestBatch, RefusedLine
from notifications.sources.contract import Line
from secretary.kernel.time.clock import kst_date

logger = logging.getLogger(__name__)
MOST_REFUSED_LINES = 1000  # kept per page; all are counted
LINK_REMOVED = "link_removed"
COUNTED = ("read", "new", "changed", "duplicate", "refused")  # lines, of a page, of a run and in the answer to a push
# An agency sometimes corrects the person of a record. So many in one batch look like shifted columns.
MANY_MOVED = 100
SAME_VERSION = "same_version_other_content"  # of a refused line


@dataclass(slots=True)
class Counts:
    """The results of the lines of a page or a run."""

    read: int = 0
    new: int = 0
    changed: int = 0
    duplicate: int = 0
    refused: int = 0
    same_version: int = 0  # refused ones with other content under a known version
    refusals: list[RefusedLine] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTED}


Numbered = tuple[int, Row]  # with the number of its line
Checked = tuple[Counts, dict[str, Numbered]]  # results of a page's lines, and the newest line of each record


class BatchRefused(Exception):
    """The feed is all-or-nothing and a line was bad: nothing was written; `counts` names the lines."""

    def __init__(self, counts: Counts) -> None:
        super().__init__(f"{counts.refused} of {counts.read} lines refused")
        self.counts = counts


def ingest_page(
    *,
    run: FeedRun,
    lines: Sequence[Line],
    schemas: Mapping[str, Schema],
    now: datetime,
    next_cursor: dict[str, Any] | None = None,
    place: str = "",
    look: VersionLook | None = None,
    checked: Checked | None = None,
) -> Counts:
    """Ingest one page; the cursor behind it is stored in the same transaction, so a crash repeats or skips nothing.

    `look`: inspects the lines of a dry run. `checked`: the lines' result of `check_page`, if it has run already.
    Raises BatchRefused when the feed is all-or-nothing and a line is bad.
    """
    feed = run.feed
    if checked is None:
        checked = check_page(run=run, lines=lines, schemas=schemas, serials=None, now=now, place=place, look=look)
    counts, newest = checked
    if look is not None:
        look.compare(row for _, row in newest.values())
    if counts.refused and feed.all_or_nothing:
        raise BatchRefused(counts)
    if run.dry_run:
        _compare(run=run, newest=newest, counts=counts, place=place)
        with transaction.atomic():
            _note(run, counts)
        return counts
    keep = partial(_keep, run=run, checked=checked, now=now, place=place, next_cursor=next_cursor)
    # In a caller's transaction the error would end it, so all records are looked up.
    if not connection.in_atomic_block and GUESS.all_new(feed.pk, len(newest)):
        try:
            keep(all_new=True)
            return counts
        except IntegrityError:  # nothing of it stays
            logger.info("some records of a page of feed %s are known; all of the page is looked up", feed.pk)
            GUESS.was_wrong(feed.pk)
    keep(all_new=False)
    return counts


def _keep(
    *, run: FeedRun, checked: Checked, now: datetime, place: str, next_cursor: dict[str, Any] | None, all_new: bool
) -> None:
    """Write a page, its counts and the cursor behind it. Raises BatchRefused; IntegrityError if `all_new` is wrong."""
    counts, newest = checked
    with transaction.atomic():
        if newest:
            _write(run=run, newest=newest, counts=counts, now=now, place=place, all_new=all_new)
        if counts.same_version:
            _name_same_version(counts.same_version, run, now)
        _note(run, counts)
        if next_cursor is not None:
            Feed.objects.filter(pk=run.feed_id).update(cursor=next_cursor, cursor_at=now)


def _note(run: FeedRun, counts: Counts) -> None:
    """Name the refused lines, and add the page to the run, which its page shows while it goes on."""
    RefusedLine.objects.bulk_create(counts.refusals)
    FeedRun.objects.filter(pk=run.pk).update(
        alive_at=Now(), expected=run.expected, **{name: F(name) + number for name, number in counts.as_dict().items()}
    )


def check_page(
    *,
    run: FeedRun,
    lines: Sequence[Line],
    schemas: Mapping[str, Schema],
    serials: Sequence[str] | None,
    now: datetime,
    place: str,
    look: VersionLook | None = None,
) -> Checked:
    """Check and seal the lines of a page, without the database where `serials` are given (patterns of the agency's own
    numbers; None: they are read when there is a number to compare)."""
    feed = run.feed
    counts, newest, recorded = Counts(), dict[str, Numbered](), dict[tuple[str, int], bytes]()
    options: dict[str, Any] = {"schemas": schemas, "agency_id": feed.agency_id, "agency_code": feed.agency.code}
    numbering = Numbering(_is_numbered(run), feed.id_digits, own_serials(feed, serials))
    options |= {"today": kst_date(now), "numbering": numbering}
    rows: list[Row | None] = [None] * len(lines)
    if len(lines) >= FEWEST:
        rows = parse_many([line.data for line in lines], Options(**options))
    for line, row in zip(lines, rows, strict=True):
        counts.read += 1
        try:
            if line.data is None:
                raise Unacceptable(line.error, line.detail)
            row = row or parse_record(line.data, **options)
            if look is not None:
                look.see(line.data.get("version"), row)
            if row.external_id in newest:
                _again(counts, newest, recorded, line.number, row, numbered=numbering.versions)
            else:
                newest[row.external_id] = line.number, row
            if row.cleared:  # the line is still accepted: one value must not cost the notice
                error = Unacceptable(LINK_REMOVED, ", ".join(row.cleared))
                _name(counts, run, line.number, row.external_id, error, place)
        except Unacceptable as error:
            counts.same_version += error.reason == SAME_VERSION
            value = masked_value(line.data, error.where)
            _refuse(counts, run, line.number, (line.data or {}).get("external_id"), error, place, value)
    return counts, newest


def _again(
    counts: Counts,
    newest: dict[str, Numbered],
    recorded: dict[tuple[str, int], bytes],
    line: int,
    row: Row,
    *,
    numbered: bool,
) -> None:
    """Handle a record that is twice in this page. Raises Unacceptable for other content under the same version."""
    _, earlier = newest[row.external_id]
    if numbered:
        recorded.setdefault((earlier.external_id, earlier.version), earlier.content_digest)
        if recorded.setdefault((row.external_id, row.version), row.content_digest) != row.content_digest:
            raise _other_content()
    if not numbered or earlier.version < row.version:
        newest[row.external_id] = line, row
    counts.duplicate += 1


def _refuse(
    counts: Counts, run: FeedRun, line: int, external_id: Any, error: Unacceptable, place: str, value: str = ""
) -> None:
    counts.refused += 1
    _name(counts, run, line, external_id, error, place, value)


def _name(
    counts: Counts, run: FeedRun, line: int, external_id: Any, error: Unacceptable, place: str, value: str = ""
) -> None:
    """List a line that was refused, or accepted with a change."""
    if len(counts.refusals) < MOST_REFUSED_LINES:
        counts.refusals.append(
            RefusedLine(
                run=run,
                place=place[:120],
                line=line,
                external_id=external_id if is_agency_number(external_id) else "",  # others may be personal data
                reason=error.reason[:40],
                detail=error.where[:200],
                value=value[:60],
            )
        )


def _write(
    *, run: FeedRun, newest: Mapping[str, Numbered], counts: Counts, now: datetime, place: str, all_new: bool
) -> None:
    """Write the records of a page, in the caller's transaction. Raises BatchRefused where the feed is all-or-nothing
    and a line contradicts a record."""
    rows = [row for _, row in newest.values()]
    if any(row.former_person_hash is not None for row in rows):
        rows = under_keys_in_use(rows, agency_id=run.feed.agency_id)
    batch = IngestBatch.objects.create(run=run, created_at=now, records=len(rows))
    with connection.cursor() as cursor:
        of_page: dict[str, Any] = {**_of_feed(run), "batch": batch.pk, "now": now, "all_new": all_new}
        page = write_rows(cursor, rows, **of_page)
        if page.moved:
            release(cursor, records=sorted(page.moved), now=now)
            IngestBatch.objects.filter(pk=batch.pk).update(moved=True)
            _count_moved(page.just_moved, run, now)
        contradicting = [] if page.written == len(rows) else contradicting_lines(cursor, **_of_feed(run))
    _conclude(run, newest, counts, place, contradicting=contradicting, new=page.new, changed=page.written - page.new)
    if not page.written:
        batch.delete()


def _compare(*, run: FeedRun, newest: Mapping[str, Numbered], counts: Counts, place: str) -> None:
    """Count what a page of a dry run would create, change and refuse. Everything that it writes is rolled back."""
    with transaction.atomic(), connection.cursor() as cursor:
        stage_rows(cursor, [row for _, row in newest.values()])
        cursor.execute(DRY_PAGE[_is_numbered(run)], {"agency": run.feed.agency_id})
        new, changed = cursor.fetchone()
        contradicting = contradicting_lines(cursor, **_of_feed(run))
        transaction.set_rollback(True)
    _conclude(run, newest, counts, place, contradicting=contradicting, new=new, changed=changed)


def _conclude(
    run: FeedRun,
    newest: Mapping[str, Numbered],
    counts: Counts,
    place: str,
    *,
    contradicting: Sequence[tuple[str, bool]],
    new: int,
    changed: int,
) -> None:
    """Count a page's lines; refuse those that contradict records. Raises BatchRefused."""
    for external_id, is_foreign in contradicting:
        counts.same_version += not is_foreign
        error = Unacceptable("other_data_type", "external_id") if is_foreign else _other_content()
        _refuse(counts, run, newest[external_id][0], external_id, error, place)
    if contradicting and run.feed.all_or_nothing:
        raise BatchRefused(counts)
    counts.new, counts.changed = new, changed
    counts.duplicate += len(newest) - new - changed - len(contradicting)


def _count_moved(moved: int, run: FeedRun, now: datetime) -> None:
    if moved >= MANY_MOVED:
        message = f"{moved} records of one batch changed their subject; ask the agency to confirm"
        raise_alarm(kind="records_moved", subject=run.feed.name, message=message, now=now)


def _of_feed(run: FeedRun) -> dict[str, Any]:
    return {"agency": run.feed.agency_id, "numbered": _is_numbered(run)}


def _is_numbered(run: FeedRun) -> bool:
    return run.feed.versions != Feed.NO_VERSIONS


def _other_content() -> Unacceptable:
    return Unacceptable(SAME_VERSION, "version")


def _name_same_version(number: int, run: FeedRun, now: datetime) -> None:
    message = (
        f"{number} lines changed content under a known version and were refused; ask the agency. "
        "If its corrections carry no new version, set the feed's versions to none"
    )
    raise_alarm(kind="same_version", subject=run.feed.name, message=message, now=now)
