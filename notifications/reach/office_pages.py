"""Show an office what its own people's notices came to, and the people behind each figure, masked."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from notifications.models.reach import ENOUGH, OUTCOMES_OF_REACH
from notifications.reach.figures import OPEN, Month
from notifications.reach.months import month_in, neighbours
from notifications.reach.office import office_figures, office_page
from notifications.reach.words import OUTCOMES, outcome_name, rule_words, way_name
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import DataType, Official
from subscriptions.registration.scope import DATA_TYPE
from subscriptions.web.officials.access import for_office


@require_GET
@for_office
def figures(request: HttpRequest, official: Official) -> HttpResponse:
    month = month_in(request)
    found = office_figures(office=official.office, month=month)
    rows = [
        (outcome_name(outcome), way_name(outcome, way), count, _url(month, outcome, way))
        for outcome in OUTCOMES
        for way, count in sorted(found[outcome].items(), key=lambda item: -item[1])
    ]
    kind = DataType.objects.select_related("live_version").filter(code=DATA_TYPE).first()
    rule = kind.live_version if kind is not None else None
    context = {
        "official": official,
        "here": "reach",
        "month": month,
        "rows": rows,
        "total": sum(count for *_, count, _url_ in rows),
        "rule": rule_words(rule.reach_hours, rule.reach_channels) if rule is not None else "",
        **neighbours(month),
    }
    return render(request, "officials/reach.html", context)


@require_GET
@for_office
def people(request: HttpRequest, official: Official) -> HttpResponse:
    """List the people behind a figure; that this was looked at is on record."""
    month, outcome, way = month_in(request), request.GET.get("outcome", ENOUGH), request.GET.get("way")
    if outcome not in (*OUTCOMES_OF_REACH, OPEN):
        raise Http404
    before = row_number(request.GET.get("before", ""))
    lines, older = office_page(office=official.office, month=month, outcome=outcome, way=way, before=before)
    record_audit(
        now=clock_now(),
        actor=f"official:{official.id}",
        action="office_reach.listed",
        object=f"office:{official.office.code} {outcome} people:{len(lines)}",
    )
    context = {
        "official": official,
        "here": "reach",
        "month": month,
        "month_code": f"{month.first:%Y-%m}",
        "outcome": outcome_name(outcome),
        "lines": [(line, way_name(outcome, line.way)) for line in lines],
        "older": f"{_url(month, outcome, way)}&before={older}" if older is not None else "",
    }
    return render(request, "officials/reach_people.html", context)


def _url(month: Month, outcome: str, way: str | None) -> str:
    query = {"month": f"{month.first:%Y-%m}", "outcome": outcome} | ({} if way is None else {"way": way})
    return f"{reverse('office_reach_people')}?{urlencode(query)}"
