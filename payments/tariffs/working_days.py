"""Deadlines and months as the civil act counts them (민법 §155–§161; 행정기본법 §6① refers to it).

[knowledge: high] for §157 and §161; §160③ [source: quoted identically in several public repositories].
The public holidays are those of the package `holidays` (관공서의 공휴일에 관한 규정: substitutes, elections and
declared days included). A holiday declared after that package's release is unknown until it is upgraded; an
agency's own date is then right and ours is not, which is one reason why the agency's dates win.
Labour Day counts from 2026 on, when it became a public holiday; whether it moved a deadline before is unverified.
"""

from datetime import date, timedelta
from functools import cache

import holidays

from payments.tariffs.contract import BadFacts

ONE_DAY = timedelta(days=1)
YEARS = range(2000, 2100)  # the package's lunar calendar ends in 2100
SATURDAY = 5


def is_working_day(day: date) -> bool:
    """No Saturday, no Sunday, no public holiday. Raises BadFacts for years without a known calendar."""
    return _known(day).weekday() < SATURDAY and day not in _public_holidays(day.year)


def moved(deadline: date) -> date:
    """민법 §161: a period that ends on a Saturday or public holiday ends on the next working day. Raises BadFacts."""
    while not is_working_day(deadline):
        deadline += ONE_DAY
    return deadline


def last_day(of_event: date, days: int) -> date:
    """The last day of a period of days after an event. Its own day is not counted (민법 §157), §161 is applied.

    Raises BadFacts for years without a known calendar.
    """
    return moved(_known(of_event) + timedelta(days=days))


def after_months(first: date, months: int) -> date:
    """The day after a period of whole months that began with the beginning of the day `first`.

    Such a first day counts (민법 §157, second sentence). The period ends on the day before the day of the same
    number, or on the last day of a month that lacks it (§160②③): 3 April + 1 → 3 May, 31 January + 1 → 1 March.
    Not moved off holidays: this is a span that passes, no deadline (unverified, see traffic_fine.py).
    """
    years, month = divmod(first.month - 1 + months, 12)
    try:
        return first.replace(year=first.year + years, month=month + 1)
    except ValueError:  # the month lacks that day, so it is never December
        return date(first.year + years, month + 2, 1)


def _known(day: date) -> date:
    if day.year not in YEARS:
        raise BadFacts(f"{day} is outside of {YEARS[0]}–{YEARS[-1]}, the years whose holidays are known")
    return day


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year))
