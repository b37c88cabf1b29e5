"""Keep days, hours, amounts and telephone numbers each on one line: "2026. 11." and "29." on two are read wrongly.

For pages only. What is sent as a notice keeps its characters as they are.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from django import template
from django.utils.safestring import SafeString

from secretary.kernel.korean.korean import Language, format_date
from secretary.kernel.language import language
from secretary.kernel.quick_templates.running import escape
from secretary.kernel.time.clock import kst_date

register = template.Library()
MOST_DAYS = 2000
_PIECES: Final = re.compile(
    r"\b\d{4}\. \d{1,2}\. \d{1,2}\.(?:\([월화수목금토일][,)])?"  # 2026. 3. 14.(토)
    r"|고지서에는 \d{1,2}\. \d{1,2}\.\)"  # … and, of a deadline that moved, the date on the paper
    r"|\b[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]+ \d{4}\b,?"  # Sat, 14 March 2026, with the comma before an hour
    r"|\(bill: \d{1,2} [A-Z][a-z]{2}\)"
    r"|오[전후] \d{1,2}:\d{2}(?::\d{2})?"
    r"|\b\d{1,2}:\d{2}(?::\d{2})? [ap]m\b"
    r"|(?<!\d)0\d{1,2}-\d{3,4}-\d{4}(?!\d)"  # 010-0000-1234, also before a particle
    r"|(?<![\d-])1\d{3}-\d{4}(?![\d-])"  # 1577-1120, of an agency
    r"|-?\b\d[\d,]* won\b"  # 32,000 won; the Korean "32,000원" does not break
)

_BEHIND: Final = re.compile(rb'(<span class="date">[^<]*)(</span>(?:</(?:strong|em)>)?)([.,;:)]+)')
_has_digit: Final = re.compile(r"\d").search  # as each of the pieces has


@register.filter
def unbroken(text: object) -> SafeString:
    """Return the text for a page, each piece in a span that does not break. What is markup already stays as it is."""
    if isinstance(text, SafeString):
        return text
    written = str(text)
    return SafeString("".join(_parts(written)) if _has_digit(written) else escape(written))


@register.filter
def unbroken_day(day: date) -> SafeString:
    """Return a day, or that of an instant in Korea, in the language of the page: 2026. 3. 14.(토)"""
    return _day(kst_date(day) if isinstance(day, datetime) else day, language())


@lru_cache(maxsize=MOST_DAYS)
def _day(day: date, written_in: Language) -> SafeString:
    return unbroken(format_date(day, written_in))


def with_punctuation(page: bytes) -> bytes:
    """Return an English page with the punctuation behind a day or an hour inside of its span.

    Where letters are large on a phone such a span is a box, so that a long day may break in it, and a browser ends a
    line behind a box, whatever comes: the full stop would stand alone on the next one.
    """
    return _BEHIND.sub(rb"\1\3\2", page)


def _parts(text: str) -> Iterator[str]:
    end = 0
    for found in _PIECES.finditer(text):
        yield escape(text[end : found.start()])
        # A long day may break on a phone where letters are large; an amount never does.
        look = "nowrap" if found[0].endswith(" won") else "date"
        yield f'<span class="{look}">{escape(found[0])}</span>'
        end = found.end()
    yield escape(text[end:])
