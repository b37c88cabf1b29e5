"""Record the family member whom a senior names on paper: at registration, and later on a page of the entry."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.choices import Given
from subscriptions.enrolment.consent_texts import family_text
from subscriptions.enrolment.family.name_member import FamilyRefused, name_member, refuse_number
from subscriptions.enrolment.family.shown import family_of
from subscriptions.enrolment.withdraw import may_be_called, withdraw_family
from subscriptions.models import Citizen, Consent, ConsentText, Official
from subscriptions.registration.registrations import masked, own_citizen, paper_of
from subscriptions.registration.scope import NotThisOffice
from subscriptions.web.family.forms import NamesFamily, family_name_field, family_phone_field, refused_words
from subscriptions.web.fields import ConsentField, words_of
from subscriptions.web.forms import busy_words, posted
from subscriptions.web.officials.access import for_official, mark_of
from subscriptions.web.session.typed import ShowsTyped, errors_shown

CONSENT = "family_consent"


class NamesFamilyOnPaper(NamesFamily):
    """The fields of the paper form about a family member, behind the consent to it; all of them may stay empty."""

    def begin_family(self, text: ConsentText | None) -> None:
        self.has_family = text is not None
        if text is None:
            del self.fields["family_name"], self.fields["family_phone"]
            return
        self.fields[CONSENT] = ConsentField(
            label=_("A family member hears that there is something to ask about (not required)"),
            choices=[("yes", _("Agreed on paper")), ("no", _("Not agreed"))],
            words=words_of(text, language()),
            initial="no",
            required=False,
        )

    @property
    def family(self) -> list[forms.BoundField]:
        return [self[name] for name in (CONSENT, "family_name", "family_phone")] if self.has_family else []

    def clean_family(self, data: dict[str, Any], *, may_call: bool, own: str, citizen_id: UUID | None) -> None:
        """Add what is wrong: half a pair, a consent without a family member or the other way round, a wrong number."""
        if not self.has_family:
            return
        self.check_pair(data)
        agreed, phone = bool(data.get(CONSENT)), data.get("family_phone") or ""
        if agreed and not phone and not {"family_name", "family_phone"} & set(self.errors):
            self.add_error("family_name", _("Please enter the family member, or choose “Not agreed”."))
        if not phone:
            return
        if not agreed:
            self.add_error(CONSENT, _("A family member is recorded only where the person agreed to it on paper."))
        elif not may_call:
            self.add_error(CONSENT, refused_words(FamilyRefused("no_calls")))
        try:
            refuse_number(phone=phone, own=own, citizen_id=citizen_id, now=clock_now())
        except FamilyRefused as refused:
            self.add_error("family_phone", refused_words(refused))


class FamilyOnPaperForm(NamesFamilyOnPaper, ShowsTyped):
    """The same for an entry that was registered before."""

    family_name = family_name_field()
    family_phone = family_phone_field()

    def __init__(self, *args: Any, text: ConsentText, own: str, citizen_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_family(text)
        self.own, self.citizen_id = own, citizen_id

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.clean_family(data, may_call=True, own=self.own, citizen_id=self.citizen_id)
        if not self.errors and not data.get("family_phone"):
            self.add_error("family_name", _("Please enter the family member."))
        return data


def name_on_paper(
    request: HttpRequest, form: NamesFamilyOnPaper, *, citizen: Citizen, official: Official, paper: str
) -> bool:
    """Name the family member of a valid form, if it has one, and say what comes next; return whether it was done."""
    named = form.named() if form.has_family else None
    if named is None:
        return False
    now = clock_now()
    given = Given(now, citizen.language, Consent.PAPER, official, paper)
    try:
        name_member(citizen=citizen, named=named, given=given, actor=f"official:{official.id}", now=now)
    except FamilyRefused as refused:
        messages.warning(request, _("The family member was not recorded: %s") % refused_words(refused))
        return False
    except Busy:
        messages.warning(request, _("The family member was not recorded: %s") % busy_words())
        return False
    messages.success(request, _("The family member is asked by text message. Nothing else is sent before they agree."))
    return True


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_official
def family_member(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    citizen = _own(official, citizen_id)
    text, paper = family_text(), paper_of(citizen)
    if text is None or not may_be_called(citizen):
        messages.info(request, refused_words(FamilyRefused("no_calls")))
        return redirect("officials:entry", citizen_id=citizen.pk)
    form = FamilyOnPaperForm(posted(request), text=text, own=paper.phone if paper else "", citizen_id=citizen.pk)
    entry = masked(citizen)
    if (
        request.method == "POST"
        and form.is_valid()
        and name_on_paper(request, form, citizen=citizen, official=official, paper=entry.paper_form)
    ):
        return redirect("officials:family", citizen_id=citizen.pk)
    if request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    context = {"official": official, "entry": entry, "form": form, "family": family_of(citizen.pk), "here": "list"}
    return render(request, "officials/family.html", context | {"days": settings.FAMILY_ANSWER_DAYS})


@require_POST
@for_official
def end_family(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """Withdraw the senior's consent for them, as they ask at the office."""
    citizen = _own(official, citizen_id)
    try:
        withdraw_family(citizen=citizen, actor=f"official:{official.id}", now=clock_now())
    except Busy:
        messages.warning(request, busy_words())
    else:
        messages.success(request, _("Withdrawn. The family member hears nothing more from us."))
    return redirect("officials:family", citizen_id=citizen.pk)


def _own(official: Official, citizen_id: UUID) -> Citizen:
    try:
        return own_citizen(official=official, citizen_id=citizen_id, now=clock_now())
    except NotThisOffice:
        raise Http404 from None
