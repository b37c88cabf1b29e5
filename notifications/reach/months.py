"""Read the month from an address, and name the ones before and after it."""

import re
from datetime import date, timedelta

from django.http import HttpRequest

from notifications.reach.figures import Month
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now

MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")


def month_in(request: HttpRequest) -> Month:
    """Return the month that the address names, and this one otherwise; none that is to come."""
    today = kst_date(clock_now()).replace(day=1)
    asked = MONTH.fullmatch(request.GET.get("month", ""))
    return Month.of(min(date(int(asked[1]), int(asked[2]), 1), today) if asked else today)


def neighbours(month: Month) -> dict[str, str]:
    """Return the months before and after; "" for one that is to come."""
    later = month.last + timedelta(days=1)
    return {
        "earlier": f"{month.first - timedelta(days=1):%Y-%m}",
        "later": f"{later:%Y-%m}" if later <= kst_date(clock_now()) else "",
    }
