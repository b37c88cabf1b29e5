"""Make values for a preview, and the longest value of each placeholder, for counting lengths."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final

from secretary.kernel.korean.korean import Language, format_date, format_won
from secretary.kernel.persons.person_names import MAX_NAME
from secretary.kernel.time.working_days import moved
from subscriptions.message_templates.conditions import Fact, facts_of
from subscriptions.message_templates.prices import PRICES, price_values
from subscriptions.message_templates.values import (
    AGENCY,
    BUILT_IN,
    CHECK_CODE,
    CONTACT,
    DAYS_LEFT,
    EARLIER_CODE,
    EARLIER_DAY,
    NAME,
    builtin_values,
    earlier_values,
    format_fields,
    writer,
)
from subscriptions.specs import FieldSpec, Words

SAMPLE_AGENCY: Final = Words("경찰청", "Korean National Police Agency")
SAMPLE_CONTACT: Final = "182"
# Two digits everywhere, in the month with the longest English name and in one with two digits (Korean); both days are
# Saturdays, so that a deadline moves and both its days are shown.
_LONGEST_DAYS: Final = ("2026-09-26", "2026-12-26")
_LONGEST_INSTANTS: Final = ("2026-09-26T12:30:00+09:00", "2026-12-26T12:30:00+09:00")
_LONGEST: Final = {"date": _LONGEST_DAYS, "datetime": _LONGEST_INSTANTS}
SAMPLE_DAY: Final = date(2026, 3, 2)
_SAMPLE_WON, _SAMPLE_LATER, _SAMPLE_DAYS = 32000, 40000, ("2026-03-23", "2026-03-23")
SAMPLE_DAYS_LEFT: Final = 3
_LONGEST_WON: Final = 10_000_000_000  # the most that ingest accepts
# In one text with the longest of everything else. A name of MAX_NAME letters is checked beside texts of usual length
# (`longest_name_values`); where both come together, the notice uses another channel, or the name is shortened
# (notifications/delivery/fit.py).
_NAME_CHARS: Final = 20
_AGENCY_CHARS: Final = {"ko": 20, "en": 50}


def sample_values(
    fields: Iterable[FieldSpec], language: Language, *, agency: Words = SAMPLE_AGENCY, contact: str = SAMPLE_CONTACT
) -> dict[str, str]:
    """Return the values of a preview: the fields' own samples and an obviously invented person."""
    listed = list(fields)
    payload = {item.name: sample_payload(item, language) for item in listed if item.sample}
    name = "홍길동" if language == "ko" else "Hong Gildong"
    built_in = builtin_values(
        name=name, check_code="K7MP-2QX9-3HVC", agency=agency.of(language), contact=contact, days_left=SAMPLE_DAYS_LEFT
    )
    earlier = earlier_values(check_code="M3XD-7V2K-8QTA", day=SAMPLE_DAY, language=language)
    price = _price(_SAMPLE_WON, _SAMPLE_LATER, _SAMPLE_DAYS, language)
    return format_fields(listed, payload, language) | built_in | earlier | price


def sample_facts(fields: Iterable[FieldSpec]) -> dict[str, Fact]:
    """Return the facts by which conditions select the lines of a sample message."""
    listed = list(fields)
    payload = {item.name: sample_payload(item) for item in listed if item.sample}
    return facts_of(listed, payload, day=SAMPLE_DAY, days_left=SAMPLE_DAYS_LEFT)


def _price(won: int, later: int, days: tuple[str, str], language: Language) -> dict[str, str]:
    """Return sample prices. `days`: the agency's own day and the one on which the deadline ends."""
    last = (date.fromisoformat(days[0]), date.fromisoformat(days[1]))
    return price_values(amount=won, until=last, later=later, later_until=last, ends_procedure=True, language=language)


def sample_payload(field: FieldSpec, language: Language = "ko") -> str | int:
    """Return the sample of `field` in the form of a checked record; for an English message the English one, if any."""
    if language == "en" and field.sample_en:
        return field.sample_en
    return int(field.sample) if field.type in ("won", "int") else field.sample


def longest_values(fields: Iterable[FieldSpec], language: Language) -> dict[str, str]:
    """Return placeholder → a text as long as its longest value, in characters and in EUC-KR bytes."""
    values = {item.placeholder: _longest(item, language) for item in fields if not item.private}
    return values | _longest_builtins(language)


def longest_name_values(fields: Iterable[FieldSpec], longest: dict[str, str]) -> dict[str, str]:
    """Return the `longest` values (`longest_values`) with the longest accepted name, and texts as their samples."""
    usual = {item.placeholder: "가" * len(item.sample) for item in fields if item.type == "text" and item.sample}
    return longest | usual | {NAME: "가" * MAX_NAME}


@cache
def _longest_builtins(language: Language) -> dict[str, str]:
    """Return placeholder → longest text of those that every template has; callers add them to their own."""
    agency = "가" * _AGENCY_CHARS["ko"] if language == "ko" else "A" * _AGENCY_CHARS["en"]
    values = {NAME: "가" * _NAME_CHARS, CHECK_CODE: "K7MP-2QX9-3HVC", AGENCY: agency}
    values |= {CONTACT: "0000-0000-0000", DAYS_LEFT: "365"}
    days = [format_date(date.fromisoformat(day), language) for day in _LONGEST_DAYS]
    values |= {EARLIER_CODE: "M3XD-7V2K-8QTA", EARLIER_DAY: max(days, key=_width)}
    both = [(day, moved(date.fromisoformat(day)).isoformat()) for day in _LONGEST_DAYS]
    prices = [_price(_LONGEST_WON, _LONGEST_WON, each, language) for each in both]
    values |= {name: max((each[name] for each in prices), key=_width) for name in PRICES}
    return {name: values[name] for name in (*BUILT_IN, *PRICES)}


def _longest(field: FieldSpec, language: Language) -> str:
    """Return the longest value. Only an administrator's choices can hold characters that EUC-KR lacks."""
    fixed = {
        "won": format_won(_LONGEST_WON, language),
        "int": f"{_LONGEST_WON:,}",
        "phone": "0000-0000-0000",
    }
    write = writer(field, language)
    if field.type == "choice":
        candidates = [words.of(language) for _, words in field.choices]
    elif field.type in _LONGEST:
        candidates = [write(value) for value in _LONGEST[field.type]]
    else:
        candidates = [fixed.get(field.type, "가" * field.max_length)]
    return max(candidates, key=_width)


def _width(text: str) -> tuple[int, int]:
    """Return the sort key of lengths: bytes, then characters; a character that EUC-KR lacks counts as two bytes."""
    return 2 * len(text) - len(text.encode("ascii", "ignore")), len(text)
