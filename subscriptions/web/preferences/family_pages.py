"""Let a signed-in senior who agreed to calls name a family member, see what came of it, and withdraw it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from secretary.kernel.database.kept_queries import Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.choices import Given
from subscriptions.enrolment.consent_texts import FAMILY, NEWEST
from subscriptions.enrolment.family.name_member import FamilyRefused, name_member
from subscriptions.enrolment.family.shown import family_of
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.enrolment.withdraw import OFFICE_MAY_CALL, withdraw_family
from subscriptions.models import Citizen, ConsentText
from subscriptions.web.citizens.entry import for_citizen, sign_of
from subscriptions.web.family.forms import NamesFamily, family_name_field, family_phone_field, refused_words
from subscriptions.web.fields import ConsentField, words_of
from subscriptions.web.forms import busy_words, helper, posted, say_busy
from subscriptions.web.session.typed import ShowsTyped, errors_shown

ASKED = Together(text=NEWEST, may_be_called=OFFICE_MAY_CALL)


class FamilyForm(NamesFamily, ShowsTyped):
    """The senior's own naming, with their consent."""

    family_name = family_name_field()
    family_phone = family_phone_field()

    def __init__(self, *args: Any, text: ConsentText, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("family_name", "family_phone"):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = {
                "family_name": gettext_lazy("Please enter what you call your family member."),
                "family_phone": gettext_lazy("Please enter the mobile number of your family member."),
            }[name]
        self.fields["family_name"].label = _("What you call your family member")
        self.fields["family_phone"].label = _("Their mobile number")
        self.fields["consent"] = ConsentField(
            label=_("That a family member hears that there is something to ask about"),
            choices=[("yes", _("I agree")), ("no", _("I do not agree"))],
            error_messages={"required": _("Please choose whether you agree.")},
            words=words_of(text, language()),
        )
        self.helper = helper(_("Ask my family member"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("consent") is False:
            self.add_error("consent", _("Without your consent no family member can be asked."))
        return data

    @property
    def consent(self) -> forms.BoundField:
        return self["consent"]


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_citizen
def family_member(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = ASKED.rows(code=FAMILY, citizen=citizen.pk)
    text: ConsentText | None = next(iter(found["text"]), None)
    if text is None or not found["may_be_called"]:
        if request.method == "POST":
            return redirect("web:settings_family")
        return render(request, "web/settings_family.html", {"in_settings": "inside"})
    form = FamilyForm(posted(request), text=text)
    if request.method == "POST" and form.is_valid():
        named, now = form.named(), clock_now()
        assert named is not None
        try:
            name_member(citizen=citizen, named=named, given=Given(now, language()), actor=ACTOR, now=now)
        except FamilyRefused as refused:
            form.add_error("family_phone", refused_words(refused))
        except Busy:
            say_busy(form)
        else:
            words = _("We ask your family member by text message. Nothing else is sent before they agree.")
            messages.success(request, words)
            return redirect("web:settings_family")
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.id)))
    context = {"form": form, "family": family_of(citizen.pk), "days": settings.FAMILY_ANSWER_DAYS}
    return render(request, "web/settings_family.html", context | {"in_settings": "inside"})


@require_POST
@for_citizen
def end_family(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    try:
        withdraw_family(citizen=citizen, actor=ACTOR, now=clock_now())
    except Busy:
        messages.warning(request, busy_words())
    else:
        messages.success(request, _("Withdrawn. Your family member hears nothing more from us."))
    return redirect("web:settings")
