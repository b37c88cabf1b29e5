"""Compute working days in Korea, and where a legal deadline ends (민법 §161). Pure: no Django, no database.

The public holidays are those of the package `holidays` (관공서의 공휴일에 관한 규정: substitutes, elections and
declared days included), compared with the decree for the years up to CHECKED_UNTIL. A day that is declared after the
package's release comes from EXTRA_HOLIDAYS or from the admin's page (DeclaredHoliday), through `declare`.
Labour Day counts from 2026 on, when it became a public holiday; whether it moved a deadline before is unverified.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, lru_cache

import holidays

ONE_DAY = timedelta(days=1)
LONGEST_REST = timedelta(days=14)  # no run of days off in Korea is longer
YEARS = range(2000, 2100)  # the package's lunar calendar ends in 2100
CHECKED_UNTIL = date(2028, 12, 31)  # holidays 0.109 against the decree's text of 2026-04-30, elections included
SATURDAY = 5

_declared: frozenset[date] = frozenset()


def declare(days: Iterable[date]) -> bool:
    """From now on these days are public holidays too, and no others besides the package's; whether that is new."""
    global _declared
    fresh = frozenset(days)
    if fresh == _declared:
        return False
    _declared = fresh
    moved.cache_clear()
    return True


def declared() -> frozenset[date]:
    """Return the days that were declared besides the package's."""
    return _declared


def is_working_day(day: date) -> bool:
    """Return whether it is no Saturday, Sunday or public holiday. Days outside of YEARS are judged by the week
    alone."""
    return day.weekday() < SATURDAY and day not in _declared and day not in _public_holidays(day.year)


@lru_cache(maxsize=8192)  # a file has the same few deadlines thousands of times
def moved(deadline: date) -> date:
    """민법 §161: a period that ends on a Saturday or public holiday ends on the next working day."""
    while not is_working_day(deadline):
        deadline += ONE_DAY
    return deadline


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year)) if year in YEARS else frozenset()
