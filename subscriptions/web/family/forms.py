"""Define the forms about family members: the code, their answer, and how a senior names one."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import clean_line
from subscriptions.enrolment.family.name_member import FamilyRefused, Named
from subscriptions.web.fields import MobileField
from subscriptions.web.forms import helper
from subscriptions.web.session.typed import ShowsTyped

LONGEST_NAME = 20
WORDS = {
    "no_calls": _("A family member can be named only by a person who has agreed to calls by the local office."),
    "own_number": _("This is the person's own number. Please enter the number of the family member."),
    "not_asked": _("We cannot ask at this number. Please name another family member, or leave it out."),
    "too_often": _("The family member was changed several times today. Please change it tomorrow."),
}


def refused_words(refused: FamilyRefused) -> Any:
    return WORDS[refused.reason]


class FamilyCodeForm(ShowsTyped):
    code = forms.CharField(
        label=_("Code from our message"),
        max_length=60,
        help_text=_("Nine letters and digits, such as K7M-P2Q-X9A. Capitals, blanks and hyphens make no difference."),
        error_messages={"required": _("Please enter the code from our message.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
    )
    helper = helper(_("Continue"))


class FamilyAnswerForm(ShowsTyped):
    """Two buttons. `member`: whose code was entered, sealed, so that it is not entered again."""

    member = forms.CharField(widget=forms.HiddenInput)


def family_name_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        label=_("What the person calls them"),
        help_text=_("Such as: eldest daughter, or a name."),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        **options,
    )


def family_phone_field() -> MobileField:
    return MobileField(
        label=_("Mobile number of the family member"), help_text=_("Example: 010-0000-1234"), required=False
    )


class NamesFamily(forms.Form):
    """Two fields that belong together: what the senior calls the family member, and the number. Both may be empty."""

    def clean_family_name(self) -> str:
        return clean_line(self.cleaned_data["family_name"])

    def named(self) -> Named | None:
        name, phone = (self.cleaned_data.get(field) or "" for field in ("family_name", "family_phone"))
        return Named(name, phone) if name and phone else None

    def check_pair(self, data: dict[str, Any]) -> None:
        """Add the error of a pair of which one half is missing."""
        wrong = {"family_name", "family_phone"} & set(self.errors)
        if not wrong and bool(data.get("family_name")) != bool(data.get("family_phone")):
            missing = "family_phone" if data.get("family_name") else "family_name"
            words = gettext("Please enter both: what the person calls the family member, and their mobile number.")
            self.add_error(missing, words)
