"""Show an office's list, masked, and find entries in it; unmasking a person and ending a registration require a reason,
on record."""

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.persons.person_names import MAX_NAME
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.withdraw import may_be_called
from subscriptions.models import Citizen, Official
from subscriptions.registration.find_entries import MOST_FOUND, entries_page, search_entries
from subscriptions.registration.office_records import entry_history
from subscriptions.registration.registrations import end_registration, masked, own_citizen, reveal
from subscriptions.registration.scope import NotThisOffice
from subscriptions.web.forms import helper, posted, say_busy
from subscriptions.web.officials.access import for_office, for_official, mark_of
from subscriptions.web.session.carried import carried, carry_on
from subscriptions.web.session.typed import ShowsTyped, errors_shown

FOUND_SECONDS = 1800  # for so long the way back leads to what was found


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

    def __init__(self, *args: Any, submit: Any, look: str = "primary", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(submit, look=look)

    def clean_reason(self) -> str:
        return clean_line(self.cleaned_data["reason"])


class SearchForm(ShowsTyped):
    """Posted, so that no name or number is part of an address."""

    text = forms.CharField(
        label=gettext_lazy("Name, mobile number, receipt number or paper form"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "type": "search"}),
        error_messages={"required": gettext_lazy("Please enter what you look for.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(gettext_lazy("Search"))

    def clean_text(self) -> str:
        return clean_line(self.cleaned_data["text"])


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_office
def office_list(request: HttpRequest, official: Official) -> HttpResponse:
    if request.method == "POST":
        return _searched(request, official)
    sought, typed = carried(request, seconds=FOUND_SECONDS), posted(request)
    is_own = sought.get("official") == official.pk
    form = SearchForm(sought if is_own and typed is None else typed)
    context: dict[str, Any] = {"form": form, "official": official, "here": "list"}
    if is_own:
        found = search_entries(official=official, text=sought["text"], now=clock_now())
        context |= {"found": found, "is_full": len(found) == MOST_FOUND, "most": MOST_FOUND}
        return render(request, "officials/list.html", context)
    older, newer = _id_in(request, "before"), _id_in(request, "after")
    page = entries_page(official.office, older_than=older, newer_than=newer)
    record_audit(
        now=clock_now(),
        actor=f"official:{official.id}",
        action="registrations.listed",
        object=f"office:{official.office.code} people:{len(page.entries)}",
    )
    return render(request, "officials/list.html", context | {"page": page})


def _searched(request: HttpRequest, official: Official) -> HttpResponse:
    """Lead to the entry that is found, or to the page of those that are: the text is part of no address, and the way
    back from an entry posts nothing once more."""
    form = SearchForm(posted(request))
    if not form.is_valid():
        return errors_shown(request, form, owner=mark_of(official))
    text = form.cleaned_data["text"]
    found = search_entries(official=official, text=text, now=clock_now())
    if len(found) == 1:
        return redirect("officials:entry", citizen_id=found[0].citizen_id)
    return carry_on(request, {"text": text, "official": official.pk}, seconds=FOUND_SECONDS)


def _id_in(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@for_office
def entry(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """Show one person: masked, and to an official unmasked for one answer after a reason was given."""
    citizen = _own(official, citizen_id)
    if official.manager and request.method == "POST":
        raise PermissionDenied
    form = ReasonForm(posted(request), submit=_("Show unmasked"))
    shown, revealed = masked(citizen), False
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        shown = reveal(citizen=citizen, official=official, reason=reason, now=clock_now())
        revealed = True
    elif request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    context = {
        "form": None if revealed or official.manager else form,
        "entry": shown,
        "revealed": revealed,
        "official": official,
        "history": entry_history(official.office, citizen.id),
        "may_be_called": may_be_called(citizen),
    }
    return render(request, "officials/entry.html", context)


@require_http_methods(["GET", "POST"])
@for_official
def end(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """End the registration by the office's paper, at the person's request."""
    citizen = _own(official, citizen_id)
    form = ReasonForm(posted(request), submit=_("Withdraw the consent"), look="danger")
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            end_registration(citizen=citizen, official=official, reason=reason, now=clock_now())
        except Busy:
            say_busy(form)
        else:
            messages.success(request, _("The consent on your office's paper form has been withdrawn."))
            return redirect("officials:list")
    if request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    return render(request, "officials/end.html", {"form": form, "entry": masked(citizen), "official": official})


def _own(official: Official, citizen_id: UUID) -> Citizen:
    try:
        return own_citizen(official=official, citizen_id=citizen_id, now=clock_now())
    except NotThisOffice:
        raise Http404 from None
