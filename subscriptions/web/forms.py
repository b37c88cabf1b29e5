"""Define the citizen's forms, one per step. Rendered by the crispy template pack `krds`."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Button, Submit
from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from secretary.kernel.persons.phone import is_old
from subscriptions.identity.contract import Method
from subscriptions.web.fields import DigitsField, MobileField, NameField, UnshownInput
from subscriptions.web.session.typed import PAGE_FORM, ShowsTyped, typed_before

CARRIERS = [
    ("SKT", "SKT"),
    ("KT", "KT"),
    ("LGU", "LG U+"),
    ("SKT_MVNO", _("SKT budget phone")),
    ("KT_MVNO", _("KT budget phone")),
    ("LGU_MVNO", _("LG U+ budget phone")),
]


APP = "app"  # name of the button for the carriers' app
IDENTITY_NUMBER_WRONG = _("Please enter 7 digits: your birth date as 6 digits and the one digit after it.")
IDENTITY_NUMBER_HINT = _(
    "Birth date as 6 digits and the next digit. We pass it on to your carrier to check who you are, and do not keep it."
)


def helper(label: Any, *, look: str = "primary") -> FormHelper:
    """Show one form with one button. `look`: primary (filled), or danger for what cannot be taken back."""
    made = FormHelper()
    made.form_id = PAGE_FORM
    made.attrs = {"novalidate": True}
    made.add_input(Submit("go", label, css_class=look))
    return made


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data of a form: an empty post is a post all the same, and gets its errors. For a GET, what was typed
    here before and is not stored."""
    return request.POST if request.method == "POST" else typed_before(request)


def busy_words() -> str:
    return gettext(
        "Many people are doing this at the moment. Nothing is lost: please press the button again in a moment."
    )


def say_busy(form: forms.Form) -> int:
    """Add the error that other transactions blocked the step and nothing was written; return the answer's status."""
    form.add_error(None, busy_words())
    return 503


class AsksAboutOldNumbers(ShowsTyped):
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
        wrong=IDENTITY_NUMBER_WRONG,
        help_text=IDENTITY_NUMBER_HINT,
        attrs={"autocomplete": "off"},
    )

    def __init__(self, *args: Any, methods: Sequence[Method], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["identity_number"].required = self.method == "sms"
        self.helper = helper(_("Get a code by text message"))
        if APP in methods:
            self.helper.add_input(Button(APP, _("Confirm in the PASS app instead")))
            self.fields["identity_number"].help_text = format_lazy(
                "{} {}", IDENTITY_NUMBER_HINT, _("Leave it empty for the PASS app.")
            )

    @property
    def method(self) -> Method:
        """Return how the person wants to be asked: by the button that they pressed."""
        return "app" if APP in self.data else "sms"


class KnownForm(IdentifyForm):
    """The identity check of a person who is signed in: name and number are known, and shown masked."""

    known = forms.CharField(widget=forms.HiddenInput, initial="yes")
    not_asked: Sequence[str] = ("name", "phone", "number_is_right")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.not_asked:
            del self.fields[name]


class NewNumberForm(KnownForm):
    """The same with a number that is new."""

    not_asked = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].label = _("Your new mobile number")


class PhoneForm(AsksAboutOldNumbers):
    """The light sign-in asks for the number only."""

    phone = MobileField(label=_("Mobile number"), help_text=_("The number with which you signed up."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Get a code by text message"))


class CodeForm(ShowsTyped):
    """The form of the code. `action`: the address of its post, on any page. `until`: the text about its validity.
    `by_app`: there is no code; the person answers in the app and comes back."""

    about = forms.CharField(required=False, widget=forms.HiddenInput)  # the code that the page is about
    code = DigitsField(
        label=_("Code"),
        length=6,
        wrong=_("Please enter the 6 digits from the text message."),
        widget=UnshownInput,
        attrs={"autocomplete": "one-time-code"},
    )

    def __init__(self, *args: Any, action: str, until: Any = "", by_app: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = until
        self.helper = helper(_("I have confirmed in the app") if by_app else _("Confirm"))
        if by_app:
            del self.fields["code"]
        self.helper.form_action = action
