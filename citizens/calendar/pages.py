"""Show the days to come, and keep the address by which a calendar reads them."""

import hashlib
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from citizens.calendar.days_ahead import days_ahead
from citizens.calendar.feed import NoSuchFeed, Unreadable, make_address, read_feed, revoke_address
from citizens.calendar.shown_address import forget, show, shown
from citizens.models import CalendarFeed
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.outage import RETRY_AFTER
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany
from subscriptions.models import Citizen, Subscription
from subscriptions.web.citizens.entry import for_citizen

# It may be kept, but is asked for again each time: the address can be revoked, and a date can move.
FEED_CACHE = "private, no-cache"


@require_GET
@for_citizen
def ahead(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return render(request, "citizens/calendar/year.html", {"in_settings": "year", **_year(citizen)})


@require_GET
@for_citizen
def printed(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return render(request, "citizens/calendar/print.html", {"in_settings": "inside", **_year(citizen)})


LIVE = KeptQuery(
    lambda citizen: CalendarFeed.objects.filter(citizen=citizen, token_hash__isnull=False).order_by("pk")[:1]
)


@require_http_methods(["GET", "POST"])
@for_citizen
def address(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """GET: whether there is an address, and for some minutes which. POST: make one, show it no more, or revoke it."""
    if request.method == "POST":
        _change(request, citizen)
        return redirect("year:address")
    context: dict[str, Any] = {"in_settings": "inside", "hours": settings.CALENDAR_REFRESH_HOURS}
    context["feed"] = live = LIVE.first(citizen=citizen.pk)
    if found := shown(request, citizen, live, now=clock_now()):
        context["address"] = f"{settings.PUBLIC_BASE_URL}{reverse('year:feed', args=[found.token])}"
        context["to_open"] = "webcal://" + context["address"].partition("://")[2]
        context["until"] = found.until
    return render(request, "citizens/calendar/address.html", context)


def _change(request: HttpRequest, citizen: Citizen) -> None:
    if "revoke" in request.POST:
        revoke_address(citizen=citizen, now=clock_now())
        words = _(
            "The address has ended, and nothing can be read from it any more. What your calendar has read already "
            "may stay in it until you remove the subscription there."
        )
        messages.success(request, words)
        forget(request)
    elif "linked" in request.POST:
        forget(request)
        messages.success(request, _("The address is not shown here any more. Your calendar can go on reading it."))
    elif "make" in request.POST:
        show(request, citizen, make_address(citizen=citizen, now=clock_now()), now=clock_now())


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed, for a calendar that has the address and nothing else. A revoked address is not there."""
    try:
        content = read_feed(token=token, now=clock_now())
    except NoSuchFeed as unknown:
        raise Http404 from unknown
    except TooMany as reached:
        seconds = max(1, round((reached.until - clock_now()).total_seconds()))
        return HttpResponse(status=429, headers={"Retry-After": str(seconds)})
    except Unreadable:
        return HttpResponse(status=503, headers=RETRY_AFTER)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": FEED_CACHE}
    if tag in [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _year(citizen: Citizen) -> dict[str, Any]:
    now = clock_now()
    year = days_ahead(citizen=citizen, language=language(), now=now)
    months = [(each[0], list(each[1])) for each in groupby(year.days, key=lambda one: one.day.on.replace(day=1))]
    subscribed = bool(months) or Subscription.objects.filter(citizen=citizen, ended_at=None).exists()
    months_named = [(_month(first.year, first.month), days) for first, days in months]
    return {
        "months": months_named,
        "is_whole": year.is_whole,
        "is_cut": year.is_cut,
        "is_subscribed": subscribed,
        "today": kst_date(now),
    }


def _month(year: int, number: int) -> str:
    names = (
        *(_("January %(year)d"), _("February %(year)d"), _("March %(year)d"), _("April %(year)d")),
        *(_("May %(year)d"), _("June %(year)d"), _("July %(year)d"), _("August %(year)d")),
        *(_("September %(year)d"), _("October %(year)d"), _("November %(year)d"), _("December %(year)d")),
    )
    return names[number - 1] % {"year": year}
