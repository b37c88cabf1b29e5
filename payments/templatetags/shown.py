"""Format amounts, days, instants and articles of laws in templates, in the language of the page.

The English names of laws are those of the Korea Legislation Research Institute (elaw.klri.re.kr).
"""

import re
from datetime import date, datetime, time
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from payments.bills.quote_bill import PriceClock
from secretary.kernel.korean.korean import Language, format_datetime, format_time, format_won
from secretary.kernel.language import language
from secretary.kernel.templatetags.unbroken import MOST_DAYS, unbroken, unbroken_day
from secretary.kernel.time.clock import KST
from subscriptions.message_templates.values import read_datetime

register = template.Library()
MOST_AMOUNTS = 2000
NOON = time(12)  # written in one word in both languages
BLANK = SafeString(" ")
SURCHARGES = ("late", "monthly", "raised")  # codes of tariffs/contract.py, Step
# A law that is missing keeps its own name alone.
LAWS = {
    "질서위반행위규제법": "Act on the Regulation of Violations of Public Order",
    "즉결심판에 관한 절차법": "Act on the Proceedings for Summary Judgments",  # viewer.do?hseq=45373
    "국고금 관리법": "Management of the National Funds Act",  # as its decree cites it: viewer.do?hseq=46683
    "도로교통법": "Road Traffic Act",
    "민법": "Civil Act",
    "시행령": "Enforcement Decree",
}
_NAMED = re.compile("|".join(LAWS))


@register.filter
def won(amount: int) -> str:
    """32,000원"""
    return _won(amount, language())


@lru_cache(maxsize=MOST_AMOUNTS)
def _won(amount: int, written_in: Language) -> SafeString:
    """Kept, as many bills are of the same amount."""
    return unbroken(format_won(amount, written_in))


@register.filter
def more_than(amount: int, before: int) -> int:
    return amount - before


@register.filter
def is_overdue(clock: PriceClock) -> bool:
    return any(line.code in SURCHARGES for line in clock.lines)


@register.filter
def day(value: date) -> str:
    """2026. 3. 14.(토)"""
    return unbroken_day(value)


@register.filter
def moment(value: datetime) -> str:
    """2026. 3. 14.(토) 오후 2:00"""
    written_in, there = language(), _in_korea(value)
    return _day_of_hour(there.date(), written_in) + BLANK + _hour(there.hour, there.minute, written_in)


@register.filter
def hour(value: datetime) -> str:
    """오후 2:00"""
    there = _in_korea(value)
    return _hour(there.hour, there.minute, language())


def _in_korea(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an aware instant is needed")
    return instant.astimezone(KST)


@lru_cache(maxsize=MOST_DAYS)
def _day_of_hour(value: date, written_in: Language) -> SafeString:
    """Return the day as it stands before an hour of it."""
    [written, _hour] = format_datetime(datetime.combine(value, NOON, KST), written_in).rsplit(maxsplit=1)
    return unbroken(written)


@lru_cache(maxsize=2 * 24 * 60)
def _hour(hour: int, minute: int, written_in: Language) -> SafeString:
    """Return any hour of any day in Korea: each is written the same again and again."""
    return unbroken(format_time(datetime(2026, 3, 14, hour, minute, tzinfo=KST), written_in))


@register.filter
def written_moment(value: object) -> object:
    """Return an instant or a day as a record has it (ISO 8601), in words; anything else as it stands."""
    if not isinstance(value, str):  # another kind of data may have a number under this name
        return value
    try:
        if len(value) == len("2026-03-14"):
            return unbroken_day(date.fromisoformat(value))
        return moment(read_datetime(value))
    except (ValueError, OverflowError):  # the year 1 or 9999, in another zone
        return value


@register.filter
def left(until: date, today: date) -> str:
    """D-13; on the last day in words."""
    return _left((until - today).days, get_language())


@lru_cache(maxsize=MOST_DAYS)
def _left(days: int, _language: str | None) -> str:
    """Kept for each language, which is that of the page."""
    if days < 1:
        return _("last day today") if days == 0 else _("deadline passed")
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}


@register.filter
def away(on: date, today: date) -> str:
    """D-13; on the day itself "today": a day that a record names need not be a deadline."""
    return _("today") if on <= today else left(on, today)


@register.filter
def article(words: str) -> str:
    """Return an article of a law; in English with the law's English name before its own, by which it is looked up."""
    return cited(words, language())


def cited(article: str, language: Language) -> str:
    """Return an article of a law; in English with the law's English name before its own, by which it is looked up."""
    if language != "en":
        return article
    return _NAMED.sub(lambda found: f"{LAWS[found[0]]} ({found[0]})", article)
