"""Show an office its call list, and one person of it: the number for a stated reason, and a form for the outcome."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from citizens.models.office_call import NO_ANSWER, OUTCOMES
from citizens.office_calls.call_list import NO_ANSWERS, ToCall, call_page, to_call
from citizens.office_calls.record_call import NotToCall, record_call
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import Busy
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen, Official
from subscriptions.registration.registrations import own_citizen, reveal
from subscriptions.registration.scope import NotThisOffice
from subscriptions.web.forms import helper, posted, say_busy
from subscriptions.web.officials.access import for_official
from subscriptions.web.officials.office_list import ReasonForm
from subscriptions.web.session.typed import ShowsTyped

AGAIN = {1: gettext_lazy("tomorrow"), 3: gettext_lazy("in 3 days"), 7: gettext_lazy("in 7 days")}
SHOWN = "number shown for a call"
AGAIN_FIELD = "again"  # of the form about the outcome, which has a value in any case


class OutcomeForm(ShowsTyped):
    """What came of the call."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of the call"),
        choices=list(OUTCOMES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose what came of the call.")},
    )
    again = forms.TypedChoiceField(
        label=gettext_lazy("After no answer: call again"),
        choices=list(AGAIN.items()),
        coerce=int,
        initial=1,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        required=False,
    )

    # Sealed: for what reason the number was shown on this page, so that it still stands there after a mistake.
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(gettext_lazy("Record the call"))


@require_GET
@for_official
def calls(request: HttpRequest, official: Official) -> HttpResponse:
    now = clock_now()
    page = call_page(office=official.office, now=now, before=row_number(request.GET.get("before", "")))
    record_audit(
        now=now,
        actor=f"official:{official.id}",
        action="office_calls.listed",
        object=f"office:{official.office.code} people:{len(page.people)}",
    )
    return render(request, "officials/calls.html", {"official": official, "here": "calls", "page": page})


@require_http_methods(["GET", "POST"])
@for_official
def call(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """Show whom to call: the number in clear for one answer after a reason was given, then the outcome."""
    citizen, person = _on_the_list(official, citizen_id)
    if person is None:
        messages.info(request, _("This person is not on the call list any more."))
        return redirect("office_calls")
    is_outcome = AGAIN_FIELD in request.POST
    form = OutcomeForm(posted(request) if is_outcome else None)
    reason = ReasonForm(None if is_outcome else posted(request), submit=_("Show the number"), look="secondary")
    status, entry, why = 200, person.entry, ""
    if request.method == "POST" and is_outcome:
        try:
            if form.is_valid():
                return _recorded(request, citizen, official, form)
        except Busy:
            status = say_busy(form)
        why = _shown_for(request.POST.get("shown", ""), citizen, official)
    elif request.method == "POST" and reason.is_valid():
        why = reason.cleaned_data["reason"]
        form = OutcomeForm(initial={"shown": _seal(why, citizen, official)})
    if revealed := bool(why):
        entry = reveal(citizen=citizen, official=official, reason=why, now=clock_now())
    context = {
        "official": official,
        "here": "calls",
        "person": person,
        "entry": entry,
        "revealed": revealed,
        "reason": None if revealed else reason,
        "form": form if is_outcome or revealed or reason.errors == {} else reason,
        "outcome": form,
        "no_answers": NO_ANSWERS,
    }
    return render(request, "officials/call.html", context, status=status)


def _seal(reason: str, citizen: Citizen, official: Official) -> str:
    return signing.dumps([str(citizen.pk), official.pk, reason], salt=SHOWN)


def _shown_for(seal: str, citizen: Citizen, official: Official) -> str:
    """Return the reason for which the number was shown to this official lately; "" where it was not."""
    try:
        person, by, reason = signing.loads(seal, salt=SHOWN, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return ""
    return str(reason) if (person, by) == (str(citizen.pk), official.pk) else ""


def _recorded(request: HttpRequest, citizen: Citizen, official: Official, form: OutcomeForm) -> HttpResponse:
    now, outcome = clock_now(), form.cleaned_data["outcome"]
    again = kst_date(now) + timedelta(days=form.cleaned_data["again"] or 1) if outcome == NO_ANSWER else None
    try:
        record_call(citizen=citizen, official=official, outcome=outcome, next_call_on=again, now=now)
    except NotToCall:
        messages.info(request, _("This person is not on the call list any more."))
    else:
        messages.success(request, _("The call has been recorded."))
    return redirect("office_calls")


def _on_the_list(official: Official, citizen_id: UUID) -> tuple[Citizen, ToCall | None]:
    now = clock_now()
    try:
        citizen = own_citizen(official=official, citizen_id=citizen_id, now=now)
    except NotThisOffice:
        raise Http404 from None
    return citizen, to_call(office=official.office, citizen_id=citizen_id, now=now)
