"""Read what an agency's record says, as its data type names and writes it; and its days to come."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from citizens.inbox.kinds import Kind
from secretary.kernel.korean.korean import Language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.working_days import declared, moved
from subscriptions.message_templates.values import Fact, fact, read_datetime
from subscriptions.specs import FieldSpec

MOST_TELLING = 3
MOST_DAYS = 8192


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a record that is still to come, or is today."""

    name: str  # of its field
    label: str
    on: date  # in Korea; a legal deadline as the law moves it (민법 §161)
    own: date  # as the agency wrote it
    at: datetime | None  # the hour, where it has one

    @property
    def is_moved(self) -> bool:
        return self.on != self.own


def facts(kind: Kind, payload: Mapping[str, Any], language: Language) -> tuple[Fact, ...]:
    """Return what the record says, without what it leaves out or its data type cannot write."""
    return tuple(_facts(kind.fields, payload, language))


def telling(kind: Kind, payload: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Return by what its person tells this record from another one of its kind: its first few public texts, choices
    and times. No amount and no deadline: those change. A choice ("needed") says nothing without its label."""
    choices = {field.name for field in kind.telling if field.type == "choice"}
    found = islice(_facts(kind.telling, payload, language), MOST_TELLING)
    return tuple(f"{each.label}: {each.words}" if each.name in choices else each.words for each in found)


def days_to_come(
    dated: Iterable[FieldSpec], payload: Mapping[str, Any], language: Language, *, now: datetime
) -> tuple[Day, ...]:
    """Return the days of these fields that are not over, the nearest first."""
    today = kst_date(now)
    days = [day for field in dated if (day := _day(field, payload.get(field.name), language)) is not None]
    coming = [day for day in days if (day.at >= now if day.at else day.on >= today)]
    return tuple(sorted(coming, key=lambda day: day.on))


def _facts(fields: Iterable[FieldSpec], payload: Mapping[str, Any], language: Language) -> Iterator[Fact]:
    for field in fields:
        value = payload.get(field.name)
        if value is None or value == "":
            continue
        try:
            yield fact(field, value, language)
        except (ValueError, KeyError, TypeError):  # written under an earlier version: another type, or a choice gone
            continue


def _day(field: FieldSpec, value: Any, language: Language) -> Day | None:
    if not isinstance(value, str):
        return None
    return _read(field.name, field.label.of(language), field.type == "datetime", field.deadline, value, declared())


@lru_cache(maxsize=MOST_DAYS)
def _read(
    name: str, label: str, has_hour: bool, is_deadline: bool, written: str, _holidays: frozenset[date]
) -> Day | None:
    """Read one day, which many records have. `_holidays`: the declared ones, part of the key because they move it."""
    try:
        at = read_datetime(written) if has_hour else None
        own = kst_date(at) if at else date.fromisoformat(written)
    except (ValueError, OverflowError):
        return None
    return Day(name, label, moved(own) if is_deadline else own, own, at)
