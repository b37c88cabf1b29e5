"""List the notices behind a figure, newest first, page by page: no person's name or number, no content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min

from notifications.models import ReachDay, reach
from notifications.models.notice import OUTCOMES, REASONS
from notifications.models.reach import MADE
from notifications.reach.figures import OPEN, Month
from secretary.kernel.database.sql import read_sql
from subscriptions.models import DataType

PER_PAGE = 50
MOST_READ = 50_000  # notices that one page reads; a rare outcome of a large kind may lie behind more
PART = read_sql(
    "notifications",
    "reach_notices",
    outcome_of=reach.OUTCOME,
    way_of=reach.WAY.format(channel=reach.ARRIVED_BY),
    day_made=reach.DAY_MADE,
    of_version=reach.OF_VERSION,
)


@dataclass(frozen=True, slots=True)
class Line:
    notice_id: int
    made_at: datetime
    ended_at: datetime | None
    state: str
    reason: str
    tried: Sequence[str]
    label_ko: str
    label_en: str
    citizen_id: UUID

    @property
    def outcome(self) -> str:
        return str(OUTCOMES.get(self.state, self.state))

    @property
    def why(self) -> str:
        return str(REASONS.get(self.reason, self.reason))


@dataclass(frozen=True, slots=True)
class Page:
    """`before`: the notice before which the next page begins; None: these are all."""

    lines: list[Line]
    before: int | None


def notices_page(
    *, month: Month, data_type: DataType, outcome: str, way: str | None, before: int | None = None
) -> Page:
    """Return a page of a figure's notices. `outcome`: also MADE and OPEN; `way` None: all ways."""
    lines: list[Line] = []
    left = MOST_READ
    for day, first, last in _days(month, data_type, outcome, way):
        last = min(last, before - 1) if before is not None else last
        while first <= last and left > 0:
            read = min(left, MOST_READ)
            found, oldest = _part(day, data_type, outcome, way, first=first, last=last, most=read)
            lines += found
            if len(lines) > PER_PAGE:
                return Page(lines[:PER_PAGE], lines[PER_PAGE - 1].notice_id)
            left -= last - oldest + 1
            last = oldest - 1
        if first <= last:
            return Page(lines, last + 1)
    return Page(lines, None)


def _days(month: Month, data_type: DataType, outcome: str, way: str | None) -> list[tuple[Any, int, int]]:
    """Return the days on which there are such notices, newest first, with the numbers between which they lie."""
    counted = MADE if outcome == OPEN else outcome
    rows = ReachDay.objects.filter(**month.days, data_type=data_type, outcome=counted, count__gt=0)
    rows = rows.filter(way=way) if way is not None else rows
    bounds = rows.order_by("-day").values("day").annotate(first=Min("first_id"), last=Max("last_id"))
    return [(each["day"], each["first"], each["last"]) for each in bounds]


def _part(
    day: Any, data_type: DataType, outcome: str, way: str | None, *, first: int, last: int, most: int
) -> tuple[list[Line], int]:
    wanted = {MADE: None, OPEN: ""}.get(outcome, outcome)
    values = {"first": first, "last": last, "most": most, "day": day, "data_type": data_type.pk}
    with connection.cursor() as cursor:
        cursor.execute(PART, values | {"outcome": wanted, "way": way})
        *found, (oldest, *_nothing) = cursor.fetchall()
    return [Line(*row) for row in found], oldest if oldest is not None else first
