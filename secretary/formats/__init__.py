"""How Django itself writes days and instants, in the administration above all: in the one form of the site
(secretary/kernel/korean/korean.py). What can be entered stays as Django has it.

Django's formats know no word for twelve sharp beside the hour of other times (its `P` leaves ":00" off), and it has no
other place to say so than its two classes: they are replaced here, when Django first loads a module of this package.
"""

import re
from datetime import datetime, time
from typing import Any

from django.utils import dateformat

from secretary.kernel.korean.korean import twelve_sharp
from secretary.kernel.language import language

_HOUR = re.compile(r"A g:i|g:i A")


def _with_words(at: Any, formatstr: Any) -> str:
    """Return the format with the escaped word for noon, or for the beginning of the day, in place of the hour."""
    is_sharp = isinstance(at, datetime | time) and at.minute == 0 and at.hour in (0, 12)
    if not is_sharp:
        return str(formatstr)
    words = "".join(rf"\{letter}" for letter in twelve_sharp(at.hour, language()))
    return _HOUR.sub(lambda _: words, str(formatstr))


class SiteTimeFormat(dateformat.TimeFormat):
    def format(self, formatstr: Any) -> str:
        return super().format(_with_words(self.data, formatstr))


class SiteDateFormat(dateformat.DateFormat):
    def format(self, formatstr: Any) -> str:
        return super().format(_with_words(self.data, formatstr))


dateformat.TimeFormat, dateformat.DateFormat = SiteTimeFormat, SiteDateFormat  # type: ignore[misc]
