"""Handle birth dates as registers hold them: days of the calendar, and the last days of a lunar February.

Registers recorded lunar birthdays as they were stated, so that people were born on 30 February (as it is described;
no regulation about it was read). Such a date is compared as text. It gives the year of birth and no age.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

FIRST_YEAR: Final = 1900
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_FEBRUARY: Final = 2
_LUNAR_DAYS: Final = (29, 30)


@dataclass(frozen=True, slots=True)
class LunarDay:
    """29 February of a year that is no leap year, or 30 February."""

    year: int
    month: int
    day: int

    def isoformat(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


BirthDate = date | LunarDay


class NoSuchDay(ValueError):
    """Neither calendar has that day."""


class ImpossibleYear(ValueError):
    """Before 1900, or in the future."""


def birth_date_of(year: int, month: int, day: int) -> BirthDate:
    """Return a birth date of the calendar or of a lunar February. Raises NoSuchDay."""
    try:
        return date(year, month, day)
    except ValueError:
        if month == _FEBRUARY and day in _LUNAR_DAYS and year > 0:
            return LunarDay(year, month, day)
        raise NoSuchDay from None


def birth_date_from_iso(text: str) -> BirthDate:
    """Of what was stored or checked before. Raises NoSuchDay."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise NoSuchDay
    year, month, day = map(int, found.groups())
    return birth_date_of(year, month, day)


def refuse_impossible(born: BirthDate, *, today: date) -> None:
    """Refuse a birth before 1900 or in the future. Raises ImpossibleYear."""
    solar = born if isinstance(born, date) else date(born.year, born.month, calendar.monthrange(born.year, 2)[1])
    if not born.year >= FIRST_YEAR or solar > today:
        raise ImpossibleYear


def age_on(born: BirthDate, day: date) -> int:
    """International age (만 나이), as Korean law counts it since 2023; 29 February grows older on 1 March.

    Of a lunar day the least that it can be: which day of the solar calendar it was is not known.
    """
    if isinstance(born, LunarDay):
        return day.year - born.year - 1
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
