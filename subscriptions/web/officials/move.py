"""Pass a registration on to another office, with a reason; the office is named and confirmed first."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Office, Official
from subscriptions.registration.move_registration import move_registration, moves_of
from subscriptions.registration.registrations import masked, own_citizen
from subscriptions.registration.scope import NotThisOffice
from subscriptions.web.forms import posted, say_busy
from subscriptions.web.officials.access import for_office, for_official, mark_of
from subscriptions.web.officials.office_list import ReasonForm
from subscriptions.web.session.typed import Refused, errors_shown

MOST_NAMED = 5  # offices of the same name, in the error


class MoveForm(ReasonForm):
    """The office by its code or its full name. `confirmed`: the code of the office that was named before."""

    office = forms.CharField(
        label=gettext_lazy("New office: administrative code or full name"),
        help_text=gettext_lazy("Example: 1111051500"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Please enter the office.")},
    )
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("office", "reason", "confirmed")

    def __init__(self, *args: Any, own: Office, **kwargs: Any) -> None:
        super().__init__(*args, submit=gettext_lazy("Continue"), **kwargs)
        self.own = own
        self.to: Office | None = None

    def clean_office(self) -> Office:
        text = clean_line(self.cleaned_data["office"])
        named = Q(code=text) | Q(name_ko=text) | Q(name_en__iexact=text)
        found = list(Office.objects.filter(named).order_by("code")[: MOST_NAMED + 1])
        if not found:
            raise forms.ValidationError(_("There is no office of this code or name. Please check it."))
        if len(found) > 1:
            codes = ", ".join(office.code for office in found[:MOST_NAMED])
            raise forms.ValidationError(
                _("Several offices have this name. Please enter the code: %(codes)s.") % {"codes": codes}
            )
        if found[0] == self.own:
            raise forms.ValidationError(_("This is your own office."))
        return found[0]


@require_http_methods(["GET", "POST"])
@for_official
def move(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    try:
        entry = own_citizen(official=official, citizen_id=citizen_id, now=clock_now())
        form = MoveForm(posted(request), own=official.office)
        if request.method == "POST" and form.is_valid():
            to, reason = form.cleaned_data["office"], form.cleaned_data["reason"]
            if form.cleaned_data["confirmed"] == to.code:
                try:
                    move_registration(citizen=entry, official=official, to=to, reason=reason, now=clock_now())
                except Busy:
                    say_busy(form)
                else:
                    words = _("The registration is kept by this office from now on: %(office)s.")
                    messages.success(request, words % {"office": named(to)})
                    return redirect("officials:moves")
        if request.method == "POST":
            return errors_shown(request, form, owner=mark_of(official))  # or the office to confirm
    except NotThisOffice:
        raise Http404 from None
    if isinstance(form.data, Refused) and not form.errors:
        form.to = form.cleaned_data.get("office")
    context = {"form": form, "entry": masked(entry), "official": official, "here": "list"}
    context["to"] = f"{named(form.to)} ({form.to.code})" if form.to else ""
    return render(request, "officials/move.html", context)


@require_GET
@for_office
def moves(request: HttpRequest, official: Official) -> HttpResponse:
    """Show what the office has passed on and taken over; no personal data."""
    before = request.GET.get("before", "")
    found, older = moves_of(official.office, before=int(before) if before.isascii() and before.isdigit() else None)
    offices = {office.code: named(office) for office in Office.objects.filter(code__in={each.other for each in found})}
    record_audit(
        now=clock_now(),
        actor=f"official:{official.id}",
        action="registrations.listed",
        object=f"office:{official.office.code} moves:{len(found)}",
    )
    rows = [(each, offices.get(each.other, each.other)) for each in found]
    context = {"moves": rows, "older": older, "is_first": not before, "official": official, "here": "moves"}
    return render(request, "officials/moves.html", context)


def named(office: Office) -> str:
    return office.name_en if language() == "en" else office.name_ko
