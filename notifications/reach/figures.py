"""Read a month's figures from the counts by the day: by kind and outcome, and by the way of each outcome."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Max, Sum

from notifications.models import ReachDay
from notifications.models.reach import BEGUN, FIRST, MADE, OTHER, OUTCOMES_OF_REACH
from subscriptions.models import DataType

OPEN = "open"  # made and not ended: what the others leave


@dataclass(slots=True)
class KindFigures:
    """A kind's notices of a month. `ways`: outcome → way → how many."""

    data_type: DataType
    made: int = 0
    ways: dict[str, Counter[str]] = field(default_factory=lambda: {outcome: Counter() for outcome in OUTCOMES_OF_REACH})

    def of(self, outcome: str) -> int:
        """Return how many notices came to this outcome; MADE and OPEN as well."""
        if outcome == MADE:
            return self.made
        ended = sum(ways.total() for ways in self.ways.values())
        return self.made - ended if outcome == OPEN else self.ways[outcome].total()


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    last: date
    counted_from: date | None  # where the first days of the month are not counted

    @classmethod
    def of(cls, first: date) -> "Month":
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        begun = ReachDay.objects.filter(outcome=BEGUN).aggregate(day=Max("day"))["day"]
        return cls(first, last, begun if begun is not None and begun > first else None)

    @property
    def days(self) -> Mapping[str, date]:
        return {"day__gte": self.counted_from or self.first, "day__lte": self.last}


def month_figures(month: Month) -> list[KindFigures]:
    """Return the figures of every kind of which notices were made in the month, in the order of the kinds."""
    rows = ReachDay.objects.filter(**month.days).exclude(outcome=BEGUN).order_by()
    found: dict[int, KindFigures] = {}
    kinds = {each.pk: each for each in DataType.objects.select_related("live_version")}
    for kind, outcome, way, count in rows.values_list("data_type_id", "outcome", "way").annotate(Sum("count")):
        figures = found.setdefault(kind, KindFigures(kinds[kind]))
        if outcome == MADE:
            figures.made += count
        else:
            figures.ways[outcome][way] += count
    return [found[kind] for kind in kinds if kind in found]


def rule_of(data_type: DataType) -> tuple[int, int]:
    """Return the rule in force: hours and channels, 0 where it is the default."""
    version = data_type.live_version
    return (version.reach_hours, version.reach_channels) if version else (0, 0)


def split_way(way: str) -> tuple[str, list[str]]:
    """Return FIRST or OTHER with the channel that a notice arrived by; "" with the channels that were tried in vain."""
    kind, colon, channel = way.partition(":")
    if colon and kind in (FIRST, OTHER):
        return kind, [channel] if channel else []
    return "", way.split("+") if way else []
