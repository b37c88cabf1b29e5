"""Show an office's list, masked; unmasking a person and ending a registration require a reason, on record."""

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen, Official
from subscriptions.registration.registrations import (
    NotThisOffice,
    end_registration,
    masked,
    own_citizen,
    reveal,
    with_details,
)
from subscriptions.web.forms import helper, posted, say_busy
from subscriptions.web.officials.access import for_official
from subscriptions.web.session.typed import ShowsTyped

PER_PAGE = 20


class ReasonForm(ShowsTyped):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It is recorded with your name. Please do not enter personal data here."),
        min_length=4,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Please give a reason."),
            "min_length": gettext_lazy("Please give the reason in a few words."),
        },
    )

    def __init__(self, *args: Any, submit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(submit)

    def clean_reason(self) -> str:
        return clean_line(self.cleaned_data["reason"])


@require_GET
@for_official
def office_list(request: HttpRequest, official: Official) -> HttpResponse:
    page = Paginator(with_details(official.office), PER_PAGE).get_page(request.GET.get("page"))
    record_audit(
        now=clock_now(),
        actor=f"official:{official.id}",
        action="registrations.listed",
        object=f"office:{official.office.code} page:{page.number} people:{len(page)}",
    )
    entries = [masked(citizen) for citizen in page]
    return render(request, "officials/list.html", {"entries": entries, "page": page, "official": official})


@require_http_methods(["GET", "POST"])
@for_official
def entry(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """Show one person: masked, and unmasked for one answer after a reason was given."""
    citizen = _own(official, citizen_id)
    form = ReasonForm(posted(request), submit=_("Show unmasked"))
    shown, revealed = masked(citizen), False
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        shown = reveal(citizen=citizen, official=official, reason=reason, now=clock_now())
        revealed = True
    context = {"form": None if revealed else form, "entry": shown, "revealed": revealed, "official": official}
    return render(request, "officials/entry.html", context)


@require_http_methods(["GET", "POST"])
@for_official
def end(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """End the registration by the office's paper, at the person's request."""
    citizen = _own(official, citizen_id)
    form, status = ReasonForm(posted(request), submit=_("Withdraw the consent")), 200
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            end_registration(citizen=citizen, official=official, reason=reason, now=clock_now())
        except Busy:
            status = say_busy(form)
        else:
            messages.success(request, _("The consent on your office's paper form has been withdrawn."))
            return redirect("officials:list")
    context = {"form": form, "entry": masked(citizen), "official": official}
    return render(request, "officials/end.html", context, status=status)


def _own(official: Official, citizen_id: UUID) -> Citizen:
    try:
        return own_citizen(official=official, citizen_id=citizen_id, now=clock_now())
    except NotThisOffice:
        raise Http404 from None
