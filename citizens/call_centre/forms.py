"""The forms of the call centre's screen."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citizens.call_centre.ask_identity import DIGITS
from secretary.kernel.backoffice.reasons import ReasonForm
from subscriptions.web.fields import DigitsField, EightDigitDateField, MobileField
from subscriptions.web.session.typed import ShowsTyped

ALL = "all"
LONGEST = 3000  # characters; a whole message that is pasted is shorter
# Why the caller's notices are looked at; it goes on record with each look.
WHY = {
    "genuine": _("The caller asks whether a message is from us"),
    "outcome": _("The caller asks what came of a notice"),
    "missing": _("The caller did not get a notice"),
    "stop": _("The caller wants no more notices"),
}


class FindCallerForm(ShowsTyped):
    number = forms.CharField(
        label=_("Check code or receipt number"),
        max_length=LONGEST,
        help_text=_(
            "A check code (K7MP-2QX9-3HVC), the receipt number of a payment (20260310-00000001) or of the sign-up "
            "(KMPT-2QX9), or the number of the paper form on the slip. Capitals, blanks and hyphens make no difference."
        ),
        error_messages={"required": _("Please enter the number that the caller reads out.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )
    phone = MobileField(
        label=_("The caller's mobile number"),
        required=False,
        help_text=_("Needed with the number of a paper form. With a receipt number it also shows who the caller is."),
    )
    why = forms.ChoiceField(
        label=_("Why you look"),
        choices=list(WHY.items()),
        widget=forms.RadioSelect,
        help_text=_("The person reads it among the accesses by staff."),
        error_messages={"required": _("Please choose why you look.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs |= {"type": "text", "autocomplete": "off"}


class AnotherWayForm(ReasonForm):
    channel = forms.ChoiceField(
        label=_("Send it by"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a channel.")},
    )
    field_order = ("channel", "reason")

    def __init__(self, *args: Any, ways: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = ways


class WhoForm(forms.Form):
    """The question of who the caller is."""

    birth_date = EightDigitDateField(
        label=_("Birth date (8 digits)"), help_text=_("Example: 19480509"), attrs={"autocomplete": "off"}
    )
    digits = DigitsField(
        label=_("Last four digits of the mobile number"),
        length=DIGITS,
        wrong=_("Please enter four digits."),
        help_text=_("Of the number to which our notices come."),
        attrs={"autocomplete": "off"},
    )


class WithdrawForm(WhoForm):
    what = forms.ChoiceField(
        label=_("What the caller no longer wants"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what ends.")},
    )
    field_order = ("what", "birth_date", "digits")

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*kinds, (ALL, _("Everything, and the consent to the service"))]
