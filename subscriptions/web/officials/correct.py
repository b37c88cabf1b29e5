"""Correct a typing mistake in an entry of the official's own office, with a reason and on record."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from secretary.kernel.database.retry import Busy
from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.same_person import has_proved
from subscriptions.models import Citizen, Official
from subscriptions.registration.correct_registration import Correction, NothingToCorrect, correct_registration
from subscriptions.registration.registration_warnings import TooYoungForOffice, Warned
from subscriptions.registration.registrations import masked, own_citizen, paper_of
from subscriptions.registration.scope import NotThisOffice
from subscriptions.web.fields import EightDigitDateField, MobileField, NameField
from subscriptions.web.forms import AsksAboutOldNumbers, posted, say_busy
from subscriptions.web.officials import warned
from subscriptions.web.officials.access import for_official, mark_of
from subscriptions.web.officials.office_list import ReasonForm
from subscriptions.web.officials.register import too_young
from subscriptions.web.session.typed import errors_shown


class CorrectionForm(AsksAboutOldNumbers, ReasonForm):
    """The corrections; an empty field was right."""

    name = NameField(
        label=gettext_lazy("Name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    birth_date = EightDigitDateField(
        label=gettext_lazy("Birth date (8 digits)"),
        help_text=gettext_lazy("Example: 19480509"),
        required=False,
        attrs={"autocomplete": "off"},
    )
    phone = MobileField(
        label=gettext_lazy("Mobile number"), help_text=gettext_lazy("Example: 010-0000-1234"), required=False
    )
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("name", "birth_date", "phone", "reason", "number_is_right", "confirmed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, submit=gettext_lazy("Correct"), **kwargs)
        self.warning: Warned | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.correction(data).parts:
            self.add_error(None, _("Please fill in what is to be corrected."))
        return data

    @staticmethod
    def correction(data: dict[str, Any]) -> Correction:
        return Correction(*(data.get(name) or None for name in ("name", "birth_date", "phone")))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_official
def correct(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    try:
        entry = own_citizen(official=official, citizen_id=citizen_id, now=clock_now())
        form = CorrectionForm(posted(request))
        if request.method == "POST" and form.is_valid():
            try:
                row = _correct(request, form, official, citizen_id)
            except Busy:
                say_busy(form)
            else:
                if row is not None:
                    messages.success(request, _("The entry has been corrected."))
                    return redirect("officials:entry", citizen_id=row.pk)
    except NotThisOffice:
        raise Http404 from None
    if request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    warned.show_again(request, official, form)
    can = paper_of(entry) is not None
    context: dict[str, Any] = {"form": form if can else None, "entry": masked(entry), "official": official, "can": can}
    context |= {"own": warned.own_entry(form.warning), "proved": has_proved(entry), "correcting": True}
    return render(request, "officials/correct.html", context)


def _correct(request: HttpRequest, form: CorrectionForm, official: Official, citizen_id: UUID) -> Citizen | None:
    """Correct the entry; return the person's row, or None with the reason on the form."""
    correction = form.correction(form.cleaned_data)
    about = blind_index("correction", f"{citizen_id} {correction}").hex()
    so_far = warned.decided(request, official, about, form.cleaned_data["confirmed"])
    try:
        row = correct_registration(
            official=official,
            citizen_id=citizen_id,
            correction=correction,
            reason=form.cleaned_data["reason"],
            now=clock_now(),
            seen=so_far.seen,
            same=so_far.same,
        )
    except TooYoungForOffice:
        form.add_error("birth_date", too_young())
    except NothingToCorrect:
        form.add_error(None, _("There is nothing left on this paper form that can be corrected."))
    except Warned as warning:
        warned.show(request, official, about, so_far, form, warning)
    else:
        warned.forget(request)
        return row
    return None
