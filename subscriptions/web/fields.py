"""Define form fields that clean pasted values, and whose errors explain the correction."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import clean_line
from secretary.kernel.persons.birth_dates import BirthDate, ImpossibleYear, NoSuchDay, birth_date_of, refuse_impossible
from secretary.kernel.persons.person_names import MAX_NAME
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from secretary.kernel.time.clock import kst_date, now
from subscriptions.enrolment.consent_texts import FAMILY
from subscriptions.models import ConsentText
from subscriptions.specs import CONSENT_PARTS


class NameField(forms.CharField):
    """A person's name in NFC on one line, without hidden characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_NAME)
        super().__init__(**kwargs)
        self.error_messages["required"] = _("Please enter your name.")
        self.error_messages["max_length"] = _("Please enter your name in at most 80 characters.")

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not any(character.isalpha() for character in value):
            raise ValidationError(_("Please enter your name in letters, as it is on your identity card."))


NUMBER_WORDS = {
    "letters": _("There are letters in the number. Please enter digits only, such as 010-0000-1234."),
    "short": _("A digit is missing: after 010 come eight digits. Please compare with your own number."),
    "safe": _(
        "A 050 number only forwards for a time. Please enter the mobile number behind it, such as 010-0000-1234."
    ),
    "landline": _("A landline gets no text messages. Please enter a mobile number such as 010-0000-1234."),
    "other": _("This is not a Korean mobile number. Please enter one such as 010-0000-1234."),
}


class MobileField(forms.CharField):
    """A Korean mobile number in any usual writing; cleaned to E.164."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel-national", "maxlength": 30})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages["required"] = _("Please enter your mobile number.")

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return parse_mobile(typed) if typed else ""
        except NotAMobile as refused:
            raise ValidationError(NUMBER_WORDS[refused.kind]) from None


class UnshownInput(forms.TextInput):
    """An input that comes back empty: for codes, as for passwords."""

    def format_value(self, value: Any) -> None:
        return None


class DigitsField(forms.CharField):
    """Exactly `length` digits; blanks, dashes, dots and full-width digits are corrected silently."""

    def __init__(
        self, *, length: int, wrong: Any, widget: type[forms.TextInput] = forms.TextInput, **kwargs: Any
    ) -> None:
        attrs = {"inputmode": "numeric", "maxlength": length + 6, "class": f"digits-{length}"}
        attrs |= kwargs.pop("attrs", {})
        super().__init__(widget=widget(attrs=attrs), **kwargs)
        self._length, self._wrong = length, wrong
        self.error_messages["required"] = wrong

    def to_python(self, value: Any) -> str:
        plain = unicodedata.normalize("NFKC", clean_line(super().to_python(value) or ""))
        return re.sub(r"[\s.\-/]", "", plain)

    def validate(self, value: str) -> None:
        super().validate(value)
        if (value or self.required) and not re.fullmatch(rf"[0-9]{{{self._length}}}", value):
            raise ValidationError(self._wrong)


class EightDigitDateField(DigitsField):
    """A birth date as 19480509, also of a lunar February; cleaned to a date, or None where it may stay empty."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = _("Please enter the birth date as 8 digits, such as 19480509.")
        super().__init__(length=8, wrong=wrong, **kwargs)

    def clean(self, value: Any) -> BirthDate | None:
        digits = super().clean(value)
        if not digits:
            return None
        today = kst_date(now())
        try:
            born = birth_date_of(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            refuse_impossible(born, today=today)
        except NoSuchDay:
            raise ValidationError(_("This date does not exist. Please check the birth date.")) from None
        except ImpossibleYear:
            raise ValidationError(_("A birth date must be between 1900 and today. Please check the year.")) from None
        return born


class ConsentField(forms.TypedChoiceField):
    """Agreed or not, as two radios without a default; cleaned to a bool.

    `words`: the consent text (`purpose`, `items`, `retention`, `refusal`), for the page to show.
    """

    def __init__(self, *, words: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(coerce=lambda chosen: chosen == "yes", widget=forms.RadioSelect, **kwargs)
        self.words = words


def words_of(text: ConsentText, language: str) -> dict[str, str]:
    """Return the parts of a consent text; `marked`, unless empty, says that its data stands out too.

    How long data is kept, sensitive data, and recipients stand out from the rest: 개인정보 보호법 §22②, 시행령 §17③.
    """
    marked = "yes" if text.sensitive or text.code == FAMILY else ""
    return {**{part: text.text(part, language) for part in CONSENT_PARTS}, "marked": marked}
