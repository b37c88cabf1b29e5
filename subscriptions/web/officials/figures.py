"""Show the day's and the month's figures of an office, on a page to print: numbers only, no people."""

import re
from collections import Counter
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Official
from subscriptions.registration.office_records import (
    CORRECTED,
    FIGURES,
    MOVED_AWAY,
    MOVED_HERE,
    REGISTERED,
    REVEALED,
    WITHDRAWN,
    month_figures,
)
from subscriptions.web.officials.access import for_office

MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")


@require_GET
@for_office
def figures(request: HttpRequest, official: Official) -> HttpResponse:
    today = kst_date(clock_now())
    asked = MONTH.fullmatch(request.GET.get("month", ""))
    month = min(date(int(asked[1]), int(asked[2]), 1), today) if asked else today
    month = month.replace(day=1)
    days = {day: each for day, each in month_figures(official.office, month).items() if day <= today}
    total: Counter[str] = sum(days.values(), Counter())
    context = {
        "official": official,
        "here": "figures",
        "month": month,
        "today": today,
        "heads": [_words()[name] for name in FIGURES],
        "now": _row(days.get(today)),
        "days": [(day, _row(each)) for day, each in days.items() if each],
        "total": _row(total),
        "earlier": f"{month - timedelta(days=1):%Y-%m}",
        "later": f"{month + timedelta(days=31):%Y-%m}" if month < today.replace(day=1) else "",
    }
    return render(request, "officials/figures.html", context)


def _row(figures: Counter[str] | None) -> list[tuple[str, int]] | None:
    """Return what is counted and how often, in the order of the columns; None: a day of another month."""
    return None if figures is None else [(_words()[name], figures[name]) for name in FIGURES]


def _words() -> dict[str, str]:
    return {
        REGISTERED: _("Newly registered"),
        CORRECTED: _("Corrected"),
        WITHDRAWN: _("Withdrawn"),
        MOVED_HERE: _("Came from another office"),
        MOVED_AWAY: _("Moved to another office"),
        REVEALED: _("Shown unmasked"),
    }
