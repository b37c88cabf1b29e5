"""Register a senior: one page in the order of the paper form, a slip to print, and the next one."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.consent_texts import family_text, live_data_types, office_call_text, texts_for
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.models import Citizen, ConsentText, Official
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.registration.register_senior import DEFAULT_CHANNELS, PaperForm, register_senior
from subscriptions.registration.registration_warnings import TooYoungForOffice, Warned
from subscriptions.registration.registrations import masked, own_citizen
from subscriptions.registration.scope import DATA_TYPE, NotThisOffice
from subscriptions.web.family.forms import family_name_field, family_phone_field
from subscriptions.web.fields import ConsentField, EightDigitDateField, MobileField, NameField, words_of
from subscriptions.web.forms import AsksAboutOldNumbers, posted, say_busy
from subscriptions.web.officials import warned
from subscriptions.web.officials.access import for_official, mark_of
from subscriptions.web.officials.family import NamesFamilyOnPaper, name_on_paper
from subscriptions.web.session.typed import errors_shown

SLIP = "slip"
OFFERED = ("sms", "kakaotalk", "naver")  # Toss needs the person's own app; not from paper


class SeniorForm(NamesFamilyOnPaper, AsksAboutOldNumbers):
    """The fields in the order of the paper form, so that Tab and Enter follow it."""

    paper_form = forms.CharField(
        label=gettext_lazy("Number of the paper form"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "class": "short"}),
        error_messages={"required": gettext_lazy("Please enter the number printed on the paper form.")},
    )
    name = NameField(label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    birth_date = EightDigitDateField(
        label=gettext_lazy("Birth date (8 digits)"),
        help_text=gettext_lazy("Example: 19480509"),
        attrs={"autocomplete": "off"},
    )
    phone = MobileField(label=gettext_lazy("Mobile number"), help_text=gettext_lazy("Example: 010-0000-1234"))
    channel = forms.ChoiceField(
        label=gettext_lazy("How to reach the person"),
        choices=[(code, CHANNELS[code]) for code in OFFERED],
        initial=DEFAULT_CHANNELS[0],
        widget=forms.RadioSelect(attrs={"class": "inline"}),
    )
    family_name = family_name_field()
    family_phone = family_phone_field()

    def __init__(self, *args: Any, texts: list[ConsentText], names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts
        self.warning: Warned | None = None
        self.office_call = office_call_text()
        for text in texts:
            self._ask(text, names.get(text.code, _("Use of Public Secretary")))
        if self.office_call is not None:
            self._ask(self.office_call, _("Calls by the office (not required)"), initial="no", required=False)
        self.begin_family(family_text() if self.office_call is not None else None)
        self.fields["confirmed"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def _ask(self, text: ConsentText, title: str, **options: Any) -> None:
        self.fields[f"consent_{text.id}"] = ConsentField(
            label=title,
            choices=[("yes", _("Agreed on paper")), ("no", _("Not agreed"))],
            error_messages={"required": _("%(item)s: please record what the paper form says.") % {"item": title}},
            words=words_of(text, language()),
            **options,
        )

    @property
    def agreed(self) -> list[ConsentText]:
        """Return the texts that the person agreed to on paper."""
        call = self.office_call
        may_call = call is not None and self.cleaned_data[f"consent_{call.id}"]
        return [*self.texts, call] if call is not None and may_call else self.texts

    @property
    def consents(self) -> list[forms.BoundField]:
        asked = self.texts if self.office_call is None else [*self.texts, self.office_call]
        return [self[f"consent_{text.id}"] for text in asked]

    def clean_paper_form(self) -> str:
        return clean_line(self.cleaned_data["paper_form"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for text in self.texts:
            if data.get(f"consent_{text.id}") is False:
                self.add_error(f"consent_{text.id}", _("Without this consent the person cannot be registered."))
        call = self.office_call
        may_call = call is not None and bool(data.get(f"consent_{call.id}"))
        self.clean_family(data, may_call=may_call, own=data.get("phone") or "", citizen_id=None)
        return data

    def paper(self) -> PaperForm:
        data = self.cleaned_data
        channels = [data["channel"]] if data["channel"] == "sms" else [data["channel"], "sms"]
        return PaperForm(data["paper_form"], data["name"], data["birth_date"], data["phone"], channels)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_official
def register(request: HttpRequest, official: Official) -> HttpResponse:
    types = live_data_types([DATA_TYPE])
    names = {data_type.code: data_type.name(language()) for data_type in types}
    form = SeniorForm(posted(request), texts=texts_for(types), names=names)
    if request.method == "POST" and form.is_valid():
        try:
            citizen = _register(request, form, official)
        except Busy:
            say_busy(form)
        else:
            if citizen is not None:
                name_on_paper(request, form, citizen=citizen, official=official, paper=form.cleaned_data["paper_form"])
                request.session[SLIP] = {"form": form.cleaned_data["paper_form"], "receipt": receipt_number(citizen)}
                return redirect("officials:slip")
    if request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    warned.show_again(request, official, form)
    context = {"form": form, "official": official, "own": warned.own_entry(form.warning), "here": "register"}
    return render(request, "officials/register.html", context)


@require_GET
@for_official
def slip(request: HttpRequest, official: Official) -> HttpResponse:
    """Return a page to print on A5. It carries no name, which the person does not need."""
    kept = request.session.get(SLIP)
    if not kept:
        return redirect("officials:register")
    context = kept | {"official": official, "day": kst_date(clock_now())}
    return render(request, "officials/slip.html", context)


@require_GET
@for_official
def slip_again(request: HttpRequest, official: Official, citizen_id: UUID) -> HttpResponse:
    """Return the slip of an entry, for a person who has lost it or whose registration came from another office."""
    try:
        entry = masked(own_citizen(official=official, citizen_id=citizen_id, now=clock_now()))
    except NotThisOffice:
        raise Http404 from None
    context = {"official": official, "form": entry.paper_form, "receipt": entry.receipt, "day": entry.registered_on}
    return render(request, "officials/slip.html", context | {"entry": entry, "here": "list"})


def _register(request: HttpRequest, form: SeniorForm, official: Official) -> Citizen | None:
    """Register the senior; return the citizen, or None with the reason on the form."""
    paper = form.paper()
    about = f"{paper.key.hex()} {paper.number}"
    so_far = warned.decided(request, official, about, form.cleaned_data["confirmed"])
    try:
        citizen = register_senior(
            official=official,
            form=paper,
            consents=form.agreed,
            now=clock_now(),
            seen=so_far.seen,
            same=so_far.same,
        )
    except TooYoungForOffice:
        form.add_error("birth_date", too_young())
    except Warned as warning:
        warned.show(request, official, about, so_far, form, warning)
    else:
        warned.forget(request)
        return citizen
    return None


def too_young() -> str:
    last = kst_date(clock_now()).year - settings.SENIOR_MINIMUM_AGE
    return _(
        "Registration on paper is for people who turn %(age)s this year or are older: born in %(year)s or before. "
        "Younger people sign up on the web."
    ) % {"age": settings.SENIOR_MINIMUM_AGE, "year": last}
