"""Define the citizen's forms, one per step. Rendered by the crispy template pack `krds`."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from secretary.kernel.persons.phone import is_old
from subscriptions.web.fields import DigitsField, MobileField, NameField

CARRIERS = [
    ("SKT", "SKT"),
    ("KT", "KT"),
    ("LGU", "LG U+"),
    ("SKT_MVNO", _("SKT budget phone")),
    ("KT_MVNO", _("KT budget phone")),
    ("LGU_MVNO", _("LG U+ budget phone")),
]


def helper(label: Any, **kwargs: Any) -> FormHelper:
    """Show one form with one filled button."""
    made = FormHelper()
    made.attrs = {"novalidate": True}
    made.add_input(Submit("go", label, css_class="primary", **kwargs))
    return made


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data of a form: an empty post is a post all the same, and gets its errors."""
    return request.POST if request.method == "POST" else None


def busy_words() -> str:
    return gettext(
        "Many people are doing this at the moment. Nothing is lost: please press the button again in a moment."
    )


def say_busy(form: forms.Form) -> int:
    """Add the error that other transactions blocked the step and nothing was written; return the answer's status."""
    form.add_error(None, busy_words())
    return 503


class AsksAboutOldNumbers(forms.Form):
    """A form with a `phone`: numbers with 011 or 016–019, which were changed to 010, must be confirmed once."""

    number_is_right = forms.BooleanField(
        label=_("The number is right as I have typed it"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_right = data.pop("number_is_right", False)
        if is_old(data.get("phone") or ""):
            self.fields["number_is_right"].widget = forms.CheckboxInput()
            others = [name for name in self.fields if name != "number_is_right"]
            place = others.index("phone") + 1
            self.order_fields([*others[:place], "number_is_right", *others[place:]])
            if not is_right:
                self.add_error(
                    "phone",
                    gettext(
                        "Numbers with 011, 016, 017, 018 and 019 were changed to 010. Please enter the number with "
                        "010, or confirm below that it is right."
                    ),
                )
        return data


class IdentifyForm(AsksAboutOldNumbers):
    name = NameField(
        label=_("Name"),
        help_text=_("As it is on your identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = MobileField(label=_("Mobile number"), help_text=_("A phone in your own name. Example: 010-0000-1234"))
    carrier = forms.ChoiceField(
        label=_("Mobile carrier"),
        choices=CARRIERS,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        error_messages={"required": _("Please choose your mobile carrier.")},
    )
    identity_number = DigitsField(
        label=_("First 7 digits of your resident registration number or foreigner's registration number"),
        length=7,
        wrong=_("Please enter 7 digits: your birth date as 6 digits and the one digit after it."),
        help_text=_(
            "Birth date as 6 digits and the next digit. We pass it on to your carrier to check who you are, "
            "and do not keep it."
        ),
        attrs={"autocomplete": "off"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Send me a code"))


class CodeForm(forms.Form):
    """The form of the code. `action`: the address of its post, on any page. `until`: the text about its validity."""

    about = forms.CharField(required=False, widget=forms.HiddenInput)  # the code that the page is about
    code = DigitsField(
        label=_("Code"),
        length=6,
        wrong=_("Please enter the 6 digits from the text message."),
        attrs={"autocomplete": "one-time-code"},
    )

    def __init__(self, *args: Any, action: str, until: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = until
        self.helper = helper(_("Confirm"))
        self.helper.form_action = action
