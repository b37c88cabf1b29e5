"""Recompute deadlines of known records after a holiday was declared or withdrawn.

Stages, expiry and days left are computed from the columns that are written here; notices that wait for a day which has
moved are superseded by the claim.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from notifications.alarms import raise_alarm
from notifications.intake.parsing.schema import Schema, live_schemas
from notifications.models import DeclaredHoliday, Record
from notifications.models.declared_holiday import use_declared_holidays
from secretary.kernel.secrets.encryption import Undecryptable
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.working_days import LONGEST_REST, moved

AT_ONCE = 1000  # records of one transaction
WRITE = """
UPDATE notifications_record r SET date_1 = t.date_1, date_2 = t.date_2, date_3 = t.date_3, date_4 = t.date_4
FROM unnest(%(ids)s::bigint[], %(date_1)s::date[], %(date_2)s::date[], %(date_3)s::date[], %(date_4)s::date[])
    AS t(id, date_1, date_2, date_3, date_4)
WHERE r.id = t.id
"""


class Moved(NamedTuple):
    """How many records have a new deadline, and the numbers of those that could not be read."""

    changed: int
    unread: tuple[int, ...]


def move_deadlines(*, now: datetime) -> int:
    """Move the deadlines near each holiday that was declared or withdrawn since; return how many records changed."""
    changed = 0
    for holiday in DeclaredHoliday.objects.filter(applied_at=None).order_by("day"):
        changed += move_deadlines_between(holiday.day, holiday.day + LONGEST_REST, now=now).changed
        unchanged = {"pk": holiday.pk, "declared_at": holiday.declared_at, "withdrawn_at": holiday.withdrawn_at}
        DeclaredHoliday.objects.filter(**unchanged).update(applied_at=now)
    return changed


def move_all_deadlines(*, now: datetime) -> Moved:
    """Move all deadlines from today on, after a change of EXTRA_HOLIDAYS or of the calendar package."""
    return move_deadlines_between(kst_date(now) - LONGEST_REST, date.max, now=now)


def move_deadlines_between(first: date, last: date, *, now: datetime) -> Moved:
    """Move deadlines that now lie between two days. May be stopped and repeated at any time. Records that cannot be
    read raise one alarm and keep their days."""
    use_declared_holidays()
    unread: list[int] = []
    changed = sum(_of_data_type(schema, first, last, unread) for schema in live_schemas().values())
    if unread:
        some = ", ".join(map(str, unread[:10]))
        message = f"{len(unread)} records cannot be read, their deadlines were not moved; the first: {some}"
        raise_alarm(kind="deadlines_unread", subject="records", message=message, now=now, newest_words=True)
    return Moved(changed, tuple(unread))


def _of_data_type(schema: Schema, first: date, last: date, unread: list[int]) -> int:
    slots = [(name, slot) for name, slot, is_deadline in schema.dated if is_deadline]
    if not slots:
        return 0
    near = Q()
    for _, slot in slots:
        near |= Q(**{f"date_{slot}__range": (first, last)})
    found = Record.objects.filter(near, data_type=schema.data_type_id).select_related("agency")
    return sum(_write(batch, slots, unread) for batch in _batches(found))


def _batches(found: QuerySet[Record]) -> Iterator[list[Record]]:
    after = 0
    while batch := list(found.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = batch[-1].pk
        yield batch


def _write(batch: Sequence[Record], slots: Sequence[tuple[str, int]], unread: list[int]) -> int:
    """Read the records again under their locks, so that corrections of the agency are not overwritten."""
    with transaction.atomic(), connection.cursor() as cursor:
        locked = Record.objects.select_for_update(of=("self",), no_key=True).select_related("agency")
        rows = list(locked.filter(pk__in=[record.pk for record in batch]).order_by("pk"))
        changed = [record for record in rows if _move(record, slots, unread)]
        if changed:
            dates: dict[str, Any] = {
                f"date_{slot}": [getattr(record, f"date_{slot}") for record in changed] for slot in (1, 2, 3, 4)
            }
            cursor.execute(WRITE, {"ids": [record.pk for record in changed], **dates})
    return len(changed)


def _move(record: Record, slots: Sequence[tuple[str, int]], unread: list[int]) -> bool:
    """Set the columns of the record's deadlines; return whether one has changed. One that cannot be read keeps them,
    and its number is added to `unread`."""
    before = [getattr(record, f"date_{slot}") for _, slot in slots]
    try:
        payload = record.payload
    except Undecryptable:
        unread.append(record.pk)
        return False
    for name, slot in slots:
        if (value := payload.get(name)) is not None:
            setattr(record, f"date_{slot}", moved(date.fromisoformat(value)))
    return before != [getattr(record, f"date_{slot}") for _, slot in slots]
