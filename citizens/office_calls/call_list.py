"""Find whom an office may call: seniors who agreed to it on paper, and whom an urgent notice has not reached in days.

The list is not stored. The office learns that a notice of the kind on its own paper did not arrive, and since when;
never what it says, and nothing of other kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from notifications.models.reach import NOT_REACHED, REACHED
from secretary.kernel.database.sql import read_sql
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.family.shown import SentText, news_about
from subscriptions.models import DataType, Office
from subscriptions.registration.registrations import Registration, masked, with_details
from subscriptions.registration.scope import DATA_TYPE

PER_PAGE = 20
WITHIN = timedelta(days=30)  # an older notice is no reason for a call any more
NO_ANSWERS = 5  # calls about one notice: then enough was tried
LIST = read_sql("citizens", "call_list", reached=REACHED, not_reached=NOT_REACHED)


@dataclass(frozen=True, slots=True)
class ToCall:
    """A person to call. `since`: when the notice was made; `again_on`: when to call again, None: today; `family`: the
    message to their family member about it."""

    entry: Registration
    notice_id: int
    since: datetime
    calls: int
    again_on: date | None
    is_due: bool
    family: SentText | None


@dataclass(frozen=True, slots=True)
class Page:
    people: list[ToCall]
    before: int | None


def call_page(*, office: Office, now: datetime, before: int | None = None) -> Page:
    """Return a page of the office's list, newest notices first, masked."""
    rows = _rows(office, now=now, before=before, most=PER_PAGE + 1)
    return Page(_people(office, rows[:PER_PAGE], now), rows[PER_PAGE - 1][1] if len(rows) > PER_PAGE else None)


def to_call(*, office: Office, citizen_id: UUID, now: datetime) -> ToCall | None:
    """Return a person if the office is to call them now or later; None: not (any more)."""
    people = _people(office, _rows(office, now=now, citizen=citizen_id, most=1), now)
    return people[0] if people else None


def _rows(
    office: Office, *, now: datetime, most: int, before: int | None = None, citizen: UUID | None = None
) -> Sequence[Any]:
    kind = DataType.objects.filter(code=DATA_TYPE).values_list("pk", flat=True).first()
    values: dict[str, Any] = {
        "office": office.pk,
        "data_type": kind,
        "made_after": now - WITHIN,
        "made_by": now - timedelta(days=settings.CALL_LIST_DAYS),
        "citizen": citizen,
        "before": before,
        "no_answers": NO_ANSWERS,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(LIST, values)
        return list(cursor.fetchall())


def _people(office: Office, rows: Sequence[Any], now: datetime) -> list[ToCall]:
    found = with_details(office).filter(pk__in=[row[0] for row in rows])
    entries = {citizen.pk: masked(citizen) for citizen in found}
    news = news_about(list(entries), [row[1] for row in rows])
    return [
        ToCall(entries[citizen], notice, since, calls, again, again is None or again <= kst_date(now), news.get(notice))
        for citizen, notice, since, calls, _outcome, again in rows
        if citizen in entries
    ]
