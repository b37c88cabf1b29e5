"""Read what the notices of an office's own people came to: its figures of a month, and the people behind each.

Only of the kind that the office's paper is about, and only since that paper was signed.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from notifications.models import reach
from notifications.reach.figures import OPEN, Month
from secretary.kernel.database.sql import read_sql
from secretary.kernel.time.clock import kst_instant
from subscriptions.models import DataType, Office
from subscriptions.registration.registrations import Registration, masked, with_details
from subscriptions.registration.scope import DATA_TYPE

PER_PAGE = 20


def _read(shown: str) -> str:
    way = reach.WAY.format(channel=reach.ARRIVED_BY)
    return read_sql("notifications", "office_reach", outcome_of=reach.OUTCOME, way_of=way, shown=shown)


FIGURES = _read("SELECT outcome, way, count(*) FROM theirs GROUP BY 1, 2")
PEOPLE = _read(
    "SELECT id, citizen_id, created_at, way FROM theirs WHERE outcome = %(outcome)s"
    " AND (%(way)s::text IS NULL OR way = %(way)s) ORDER BY id DESC LIMIT %(most)s"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A notice behind a figure, with its person as the office may see them."""

    entry: Registration
    made_at: datetime
    way: str


def office_figures(*, office: Office, month: Month) -> dict[str, Counter[str]]:
    """Return outcome → way → how many notices; OPEN for those that are under way."""
    figures: dict[str, Counter[str]] = {outcome: Counter() for outcome in (*reach.OUTCOMES_OF_REACH, OPEN)}
    for outcome, way, count in _rows(FIGURES, office, month):
        figures[outcome or OPEN][way] += count
    return figures


def office_page(
    *, office: Office, month: Month, outcome: str, way: str | None, before: int | None = None
) -> tuple[list[Line], int | None]:
    """Return a page of the notices of a figure, newest first, and the notice before which the next page begins."""
    wanted = "" if outcome == OPEN else outcome
    rows = _rows(PEOPLE, office, month, outcome=wanted, way=way, before=before, most=PER_PAGE + 1)
    shown = rows[:PER_PAGE]
    people: list[UUID] = [row[1] for row in shown]
    entries = {citizen.pk: masked(citizen) for citizen in with_details(office).filter(pk__in=people)}
    lines = [Line(entries[citizen], made_at, way) for _, citizen, made_at, way in shown if citizen in entries]
    return lines, shown[-1][0] if len(rows) > PER_PAGE else None


def _rows(statement: str, office: Office, month: Month, **chosen: Any) -> list[Any]:
    values = {
        "office": office.pk,
        "code": DATA_TYPE,
        "data_type": DataType.objects.filter(code=DATA_TYPE).values_list("pk", flat=True).first(),
        "first": kst_instant(month.first),
        "after": kst_instant(month.last + timedelta(days=1)),
        "before": None,
        **chosen,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
