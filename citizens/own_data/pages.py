"""Show what is held about the signed-in person, and hand them their copy."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from citizens.models import DataExport
from citizens.own_data.accesses import accesses_page
from citizens.own_data.export import TooOften, ask_export
from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import format_span
from secretary.kernel.language import language, moment
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.family.shown import NEWEST as FAMILY
from subscriptions.enrolment.family.shown import shown_family
from subscriptions.models import Citizen
from subscriptions.web.citizens.entry import for_citizen, for_fully_identified
from subscriptions.web.forms import busy_words
from subscriptions.web.looks import look_of, looks_again

PER_PAGE = 20
EXPORT = KeptQuery(
    lambda citizen, now: (
        DataExport.objects.filter(citizen=citizen, expires_at__gt=now).defer("content_encrypted").order_by("-id")[:1]
    )
)
FOUND = Together(export=EXPORT, family=FAMILY)


@require_GET
@for_citizen
def overview(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = FOUND.rows(citizen=citizen.pk, now=clock_now())
    newest: DataExport | None = next(iter(found["export"]), None)
    look = look_of(request.GET.get("look", ""))
    context: dict[str, Any] = {
        "in_settings": "data",
        "export": newest,
        "percent": 100 * newest.done // max(newest.total, 1) if newest else 0,
        "until": moment(newest.expires_at) if newest else "",
        "hours": settings.OWN_DATA_EXPORT_HOURS,
        "family": shown_family(found["family"]),
    }
    answer = render(request, "citizens/own_data/overview.html", context | {"look": look})
    return looks_again(answer, request, look) if newest and newest.state == DataExport.WAITING else answer


@require_http_methods(["GET", "POST"])
@for_fully_identified
def ask(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """Begin a copy. GET: the identity check leads back here, and what was posted before it is not kept."""
    if request.method == "GET":
        return redirect("own_data:overview")
    try:
        ask_export(citizen=citizen, now=clock_now())
    except TooOften as refused:
        words = _("You have made as many copies as one can in a day. The next one is possible from: %(time)s")
        messages.warning(request, words % {"time": moment(refused.again_at)})
    except Busy:
        messages.warning(request, busy_words())
    return redirect("own_data:overview")


@require_GET
@for_fully_identified
def download(request: HttpRequest, citizen: Citizen, export_id: int) -> HttpResponse:
    mine = DataExport.objects.filter(citizen=citizen, state=DataExport.READY, expires_at__gt=clock_now())
    export = mine.filter(pk=export_id).first()
    if export is None:
        raise Http404
    answer = HttpResponse(export.content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="my-data-{kst_date(export.asked_at)}.zip"'
    return answer


@require_GET
@for_citizen
def accesses(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    before = request.GET.get("before", "")
    key = int(before) if before.isdecimal() and len(before) < 19 else None
    rows, onward = accesses_page(citizen.id, before=key, size=PER_PAGE)
    context: dict[str, Any] = {"in_settings": "inside", "accesses": rows, "onward": onward, "later": key is not None}
    context["kept_for"] = format_span(settings.KEPT_DAYS["audit"], language())
    return render(request, "citizens/own_data/accesses.html", context)
