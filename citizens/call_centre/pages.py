"""Show the call centre's screen. Each look at a person is on record, with the reason, before the page is made."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citizens.call_centre.caller_view import DAYS, may_try_again, view_caller
from citizens.call_centre.current_call import Call, begin_call, end_call, for_call_centre, on_a_call
from citizens.call_centre.find_caller import Found, find_caller
from citizens.call_centre.forms import WHY, AnotherWayForm, FindCallerForm
from notifications.delivery.outcome_words import channel_name
from notifications.models import Notice
from notifications.operations.send_by import NoOtherWay, other_ways, send_by
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice.pages import actor_of
from secretary.kernel.backoffice.reasons import ask_reason
from secretary.kernel.backoffice.typed_again import PAGE_FORM, fill_again, typed_again
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.look_again import try_again
from subscriptions.models import Citizen
from subscriptions.web.forms import busy_words, posted


def page(
    request: HttpRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **context}
    if "form" in context and context.get("ways", True) and context.get("can_be_asked", True):
        fill_again(context["form"], typed_again(request))
        whole["page_form"] = PAGE_FORM
    return render(request, f"admin/call_centre/{template}.html", whole, status=status)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
@for_call_centre
def find(request: HttpRequest) -> HttpResponse:
    form = FindCallerForm(posted(request))
    found: Found | None = None
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        found = find_caller(
            typed=form.cleaned_data["number"],
            phone=form.cleaned_data["phone"],
            actor=actor_of(request),
            why=str(WHY[why]),
            language=language(),
            now=clock_now(),
        )
        if found.citizen_id is not None and Citizen.objects.filter(pk=found.citizen_id, state=Citizen.ACTIVE).exists():
            begin_call(request, found, why)
            return redirect("admin:call_centre_caller")
    return page(request, "find", _("Help a caller"), {"form": form, "found": found})


@require_GET
@on_a_call
def caller(request: HttpRequest, call: Call) -> HttpResponse:
    now = clock_now()
    record_audit(
        now=now,
        actor=actor_of(request),
        action="call.looked_at",
        citizen_id=call.citizen.pk,
        object=f"citizen:{call.citizen.pk}",
        reason=call.why,
    )
    view = view_caller(citizen=call.citizen, asked=call.notice_id, is_known=call.is_known, language=language(), now=now)
    context = {"call": call, "view": view, "days": DAYS}
    return page(request, "caller", _("The caller's notices"), context)


@require_http_methods(["GET", "POST"])
@on_a_call
def another_way(request: HttpRequest, call: Call, notice_id: int) -> HttpResponse:
    notice = _notice(call, notice_id)
    ways = [(channel, channel_name(channel)) for channel in other_ways(notice)]
    form = AnotherWayForm(request.POST if request.method == "POST" else None, ways=ways)
    if request.method == "POST" and (form.is_valid() or not ways):
        try:
            send_by(
                notice_id=notice_id,
                citizen_id=call.citizen.pk,
                channel=form.cleaned_data.get("channel", ""),
                actor=actor_of(request),
                reason=form.cleaned_data.get("reason", ""),
                now=clock_now(),
            )
        except NoOtherWay as refused:
            messages.warning(request, str(refused))
        else:
            name = channel_name(form.cleaned_data["channel"])
            messages.success(request, _("It is sent by another way now: %s.") % name)
        return redirect("admin:call_centre_caller")
    return page(request, "another_way", _("Send by another way"), {"form": form, "ways": ways})


@require_http_methods(["GET", "POST"])
@on_a_call
def again(request: HttpRequest, call: Call, notice_id: int) -> HttpResponse:
    notice = _notice(call, notice_id)
    if not may_try_again(notice):
        messages.warning(request, _("This notice cannot be tried again."))
        return redirect("admin:call_centre_caller")

    def act(reason: str) -> HttpResponse:
        try:
            try_again(citizen_id=call.citizen.pk, actor=actor_of(request), reason=reason, now=clock_now())
        except Busy:
            messages.warning(request, busy_words())
        else:
            messages.success(request, _("What still applies is sent again."))
        return redirect("admin:call_centre_caller")

    warning = _("What did not arrive and still applies is sent again. Notices that arrived are not sent twice.")
    context = {**admin.site.each_context(request), "title": _("Try again"), "button": _("Try again")}
    context |= {"warning": warning, "back": "../..", "subject": _("The caller's notices")}
    return ask_reason(request, context, then=act)


@require_POST
@for_call_centre
def end(request: HttpRequest) -> HttpResponse:
    end_call(request)
    return redirect("admin:call_centre")


def _notice(call: Call, notice_id: int) -> Notice:
    """Return a notice that the caller's page shows."""
    notice = Notice.objects.select_related("stage", "citizen").filter(pk=notice_id, citizen=call.citizen.pk).first()
    if notice is None or not (call.is_known or notice.pk == call.notice_id):
        raise Http404
    return notice
