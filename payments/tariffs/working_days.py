"""Deadlines and months as the civil act counts them (민법 §155–§161; 행정기본법 §6① refers to it).

[knowledge: high] for §157 and §161; §160③ [source: quoted identically in several public repositories].
The calendar is the kernel's (secretary/kernel/time/working_days.py), which notices count their days by too.
"""

from datetime import date, timedelta

from payments.tariffs.contract import BadFacts
from secretary.kernel.time import working_days
from secretary.kernel.time.working_days import ONE_DAY, YEARS

__all__ = ["ONE_DAY", "after_months", "ends_on", "is_working_day", "last_day", "moved"]

ends_on = working_days.moved  # as `moved`, but of years without a known calendar by the week alone, for the intake


def is_working_day(day: date) -> bool:
    """Return whether it is no Saturday, Sunday or public holiday. Raises BadFacts for years without a known
    calendar."""
    return working_days.is_working_day(_known(day))


def moved(deadline: date) -> date:
    """민법 §161: a period that ends on a Saturday or public holiday ends on the next working day. Raises BadFacts."""
    return _known(working_days.moved(_known(deadline)))


def last_day(of_event: date, days: int) -> date:
    """Return the last day of a period of days after an event. Its own day is not counted (민법 §157), §161 is applied.

    Raises BadFacts for years without a known calendar.
    """
    return moved(_known(of_event) + timedelta(days=days))


def after_months(first: date, months: int) -> date:
    """Return the day after a period of whole months that began with the beginning of the day `first`.

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
