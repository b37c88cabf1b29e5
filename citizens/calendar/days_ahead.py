"""Find the days to come that a person's open records imply: deadlines, reductions that end, windows, appointments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection

from citizens.inbox.facts import Day, days_to_come, telling
from citizens.inbox.kinds import kind_of
from citizens.inbox.notices import is_to_do
from notifications.models import Record
from payments.bills.bills import owed
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import read_sql
from secretary.kernel.korean.korean import Language
from secretary.kernel.secrets.encryption import Undecryptable
from secretary.kernel.time.clock import KST, kst_date
from subscriptions.models import Citizen

OPEN_RECORDS = planned(read_sql("citizens", "days_ahead"))
# A page shows the nearest, a calendar feed as many as can be.
MOST_ON_A_PAGE, MOST_IN_A_FEED = 50, 500
# A legal deadline moves off holidays: the longest known run of them is ten days (October 2025).
LONGEST_MOVE = timedelta(days=14)


class Row(NamedTuple):
    """A row of sql/days_ahead.sql."""

    record_id: int
    payload_encrypted: memoryview
    told_encrypted: memoryview | None
    external_id: str
    agency_code: str
    version_id: int
    payable: str
    notice_id: int | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """One day to come of one record."""

    record_id: int
    notice_id: int | None  # the newest one about it, to which the page leads; None in a calendar
    title: str  # of its kind
    agency: str
    day: Day
    telling: tuple[str, ...]  # by which it is told from others of its kind; none of a sensitive one, or in a calendar
    is_private: bool  # the kind is sensitive (민감정보), or the field is private: a calendar shows no hour of it


@dataclass(frozen=True, slots=True)
class Year:
    days: list[Ahead]
    is_whole: bool  # False: a record cannot be read at the moment
    is_cut: bool  # there are more records, whose days are later


def days_ahead(
    *, citizen: Citizen, language: Language, now: datetime, most: int = MOST_ON_A_PAGE, in_calendar: bool = False
) -> Year:
    """Return the days from today on, the nearest first; an appointment of today stays until midnight. Locks nothing.

    `most`: records whose days are returned. `in_calendar`: leave out what pages alone show (`telling`, `notice_id`).
    """
    today = datetime.combine(kst_date(now), time(), KST)
    since = kst_date(now) - LONGEST_MOVE
    values: dict[str, Any] = {"citizen": citizen.pk, "since": since, "most": most + 1, "with_notice": not in_calendar}
    with connection.cursor() as cursor:
        cursor.execute(OPEN_RECORDS, values)
        found_rows = cursor.fetchall()
    rows = [Row._make(row) for row in found_rows[:most]]
    payloads = [_payload(row) for row in rows]
    payable = {row.record_id for row in rows if row.payable}
    bills = owed(citizen=citizen, records=payable, now=now)
    found = [
        ahead
        for row, payload in zip(rows, payloads, strict=True)
        if payload is not None
        for ahead in _of(row, payload, bills, language, today, in_calendar)
    ]
    days = sorted(found, key=lambda each: (each.day.on, each.title, each.record_id))
    return Year(days, is_whole=None not in payloads, is_cut=len(found_rows) > most)


def _of(
    row: Row,
    payload: Mapping[str, Any],
    bills: Mapping[int, bool],
    language: Language,
    today: datetime,
    in_calendar: bool,
) -> list[Ahead]:
    kind = kind_of(row.version_id)
    days = days_to_come(kind.dated, payload, language, now=today)
    owes = bills.get(row.record_id)
    if not is_to_do(record_state=Record.OPEN, theirs=True, days=days, owes=owes):
        return []
    words = () if kind.sensitive or in_calendar else telling(kind, payload, language)
    title, agency = kind.title(language), kind.agency.of(language)
    return [
        Ahead(
            record_id=row.record_id,
            notice_id=row.notice_id,
            title=title,
            agency=agency,
            day=day,
            telling=words,
            is_private=kind.hides(day.name),
        )
        for day in days
    ]


def _payload(row: Row) -> Mapping[str, Any] | None:
    """Return None for a record that cannot be read: the others are shown all the same."""
    try:
        return Record.open_payload(row.payload_encrypted, row.told_encrypted, row.agency_code, row.external_id)
    except (Undecryptable, ValueError):
        return None
