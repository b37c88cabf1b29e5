"""Show the report on reach in the administration: a month by kind, the ways of one kind, and a figure's notices."""

import csv
import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from notifications.models.reach import MADE, OUTCOMES_OF_REACH
from notifications.reach.figures import OPEN, KindFigures, Month, month_figures, rule_of
from notifications.reach.months import month_in, neighbours
from notifications.reach.notices import notices_page
from notifications.reach.words import OUTCOMES, outcome_name, rule_words, way_name
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice.pages import actor_of
from secretary.kernel.database.tabular import neutralise
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import DataType

RIGHT = "notifications.view_reachday"
View = Callable[..., HttpResponse]


def for_report(view: View) -> View:
    """Admit who may see the figures."""

    @wraps(view)
    def admitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return admitted


@require_GET
@for_report
def report(request: HttpRequest) -> HttpResponse:
    month = month_in(request)
    kinds = [_panel(figures, month) for figures in month_figures(month)]
    return _page(request, "report", _("Report on reach"), month, kinds=kinds, **neighbours(month))


@require_GET
@for_report
def report_as_csv(request: HttpRequest) -> HttpResponse:
    """Return every figure of the month: a line for each kind, outcome and way."""
    month = month_in(request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="reach-{month.first:%Y-%m}.csv"'
    writer = csv.writer(response)
    writer.writerow(["month", "kind", "name", "outcome", "way", "notices"])
    for figures in month_figures(month):
        head = [f"{month.first:%Y-%m}", figures.data_type.code, figures.data_type.name(language())]
        writer.writerow([*map(neutralise, [*head, outcome_name(MADE), ""]), figures.made])
        for outcome in OUTCOMES_OF_REACH:
            for way, count in sorted(figures.ways[outcome].items()):
                writer.writerow([*map(neutralise, [*head, outcome_name(outcome), way_name(outcome, way)]), count])
        writer.writerow([*map(neutralise, [*head, outcome_name(OPEN), ""]), figures.of(OPEN)])
    record_audit(now=clock_now(), actor=actor_of(request), action="reach.exported", object=f"month:{month.first:%Y-%m}")
    return response


@require_GET
@for_report
def kind(request: HttpRequest, code: str) -> HttpResponse:
    month, data_type = month_in(request), _kind(code)
    found = next((each for each in month_figures(month) if each.data_type == data_type), KindFigures(data_type))
    ways = [
        (outcome_name(outcome), way_name(outcome, way), count, _notices_url(month, data_type, outcome, way))
        for outcome in OUTCOMES
        if outcome != OPEN
        for way, count in sorted(found.ways[outcome].items(), key=lambda item: -item[1])
    ]
    title = _("Reach: %(kind)s") % {"kind": data_type.name(language())}
    return _page(request, "kind", title, month, panel=_panel(found, month), ways=ways, **neighbours(month))


@require_GET
@for_report
def notices(request: HttpRequest, code: str) -> HttpResponse:
    """List the notices of a figure; that this was looked at is on record."""
    month, data_type = month_in(request), _kind(code)
    outcome, way, before = request.GET.get("outcome", MADE), request.GET.get("way"), request.GET.get("before", "")
    if outcome not in (MADE, OPEN, *OUTCOMES_OF_REACH) or (before and not re.fullmatch(r"\d{1,18}", before)):
        raise Http404
    page = notices_page(
        month=month, data_type=data_type, outcome=outcome, way=way, before=int(before) if before else None
    )
    what = f"{data_type.code} {month.first:%Y-%m} {outcome} {way or ''}".strip()
    record_audit(now=clock_now(), actor=actor_of(request), action="reach.listed", object=what[:120])
    more = f"{_notices_url(month, data_type, outcome, way)}&before={page.before}" if page.before is not None else ""
    return _page(
        request,
        "notices",
        _("Notices behind a figure"),
        month,
        kind=data_type.name(language()),
        kind_url=_url("kind", month, code),
        outcome=outcome_name(outcome),
        way=way_name(outcome, way) if way is not None else "",
        lines=page.lines,
        more=more,
        is_english=language() == "en",
    )


def _kind(code: str) -> DataType:
    data_type = DataType.objects.select_related("live_version").filter(code=code).first()
    if data_type is None:
        raise Http404
    return data_type


def _panel(figures: KindFigures, month: Month) -> dict[str, Any]:
    data_type, needed = figures.data_type, figures.made - figures.of("dropped") - figures.of(OPEN)
    rows = [(outcome, figures.of(outcome)) for outcome in (MADE, *OUTCOMES)]
    shared = OUTCOMES[:4]  # of what ended and was still needed
    return {
        "code": data_type.code,
        "name": data_type.name(language()),
        "url": _url("kind", month, data_type.code),
        "rule": rule_words(*rule_of(data_type)),
        "rows": [
            {
                "name": outcome_name(outcome),
                "count": count,
                "url": _notices_url(month, data_type, outcome) if count else "",
                "share": f"{100 * count / needed:.1f} %" if needed and outcome in shared else "",
            }
            for outcome, count in rows
        ],
    }


def _url(name: str, month: Month, *args: str, **query: str) -> str:
    return f"{reverse(f'admin:reach_{name}', args=args)}?{urlencode({'month': f'{month.first:%Y-%m}', **query})}"


def _notices_url(month: Month, data_type: DataType, outcome: str, way: str | None = None) -> str:
    return _url("notices", month, data_type.code, outcome=outcome, **({} if way is None else {"way": way}))


def _page(request: HttpRequest, template: str, title: str, month: Month, **context: Any) -> HttpResponse:
    whole = {
        **admin.site.each_context(request),
        "title": title,
        "month": month,
        "month_code": f"{month.first:%Y-%m}",
        "report_url": _url("report", month),
        **context,
    }
    return render(request, f"admin/reach/{template}.html", whole)
