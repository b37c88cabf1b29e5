"""Format the values of placeholders: a record's fields as a citizen reads them, and the values that we add.

Runs once per notice (5,000 a second and more), so a data type version's fields are compiled once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final

from secretary.kernel.korean.korean import WON, Language, clean_line, format_date, format_datetime, is_plain_line
from secretary.kernel.time.clock import KST
from secretary.kernel.time.working_days import declared, moved
from subscriptions.message_templates.links import HARMLESS, spaced_names, without_links
from subscriptions.specs import FieldSpec

NAME, CHECK_CODE, AGENCY, CONTACT, DAYS_LEFT = "이름", "확인코드", "기관", "문의", "남은일수"
# Identify the earlier notice to the person. Only where the record is not theirs.
EARLIER_CODE, EARLIER_DAY = "앞선확인코드", "앞선날짜"
EARLIER: Final = (EARLIER_CODE, EARLIER_DAY)
BUILT_IN: Final = (NAME, CHECK_CODE, AGENCY, CONTACT, DAYS_LEFT, *EARLIER)

_Writer = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class FieldFormatter:
    """The formatters of one data type version's fields in one language, without private ones."""

    writers: tuple[tuple[str, str, _Writer], ...]  # field name, placeholder, writer

    def __call__(self, payload: Mapping[str, Any]) -> dict[str, str]:
        """Return placeholder → text, "" where the record has no value. `payload` holds its checked fields: integers,
        and dates as ISO text."""
        get = payload.get
        return {
            placeholder: "" if (value := get(name)) is None or value == "" else write(value)
            for name, placeholder, write in self.writers
        }


def compile_fields(fields: Iterable[FieldSpec], language: Language) -> FieldFormatter:
    """Return the formatter for `fields`: make it once per data type version and language, and keep it."""
    public = (item for item in fields if not item.private)
    return FieldFormatter(tuple((item.name, item.placeholder, writer(item, language)) for item in public))


def format_fields(fields: Iterable[FieldSpec], payload: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return placeholder → text for one record; `compile_fields` is the faster way for many."""
    return compile_fields(fields, language)(payload)


def builtin_values(
    *, name: str, check_code: str, agency: str, contact: str, days_left: int | None = None
) -> dict[str, str]:
    """Return the placeholders that every template may use. `days_left` is None where a stage has no date."""
    values = {NAME: name, CHECK_CODE: check_code, AGENCY: agency, CONTACT: contact}
    return values if days_left is None else values | {DAYS_LEFT: str(days_left)}


def earlier_values(*, check_code: str, day: date, language: Language) -> dict[str, str]:
    """Return the values that identify the earlier notice: its check code and the day (KST) on which it was sent."""
    return {EARLIER_CODE: check_code, EARLIER_DAY: _date(day.isoformat(), language)}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what an agency's record says, in the reader's language."""

    name: str  # of its field
    label: str
    words: str


def fact(field: FieldSpec, value: Any, language: Language) -> Fact:
    """Return one line. Raises as its `writer` does."""
    return Fact(field.name, field.label.of(language), writer(field, language)(value))


def writer(field: FieldSpec, language: Language) -> _Writer:
    """Return the formatter of `field`. It raises ValueError or KeyError for a value that no checked record can hold."""
    if field.type == "choice":
        words = {code: item.of(language) for code, item in field.choices}
        return words.__getitem__
    if field.type == "text":
        return TextWriter(field.max_length)
    return _writers(language, field.deadline)[field.type]


@cache
def _writers(language: Language, is_deadline: bool) -> Mapping[str, _Writer]:
    """Return the writers of what needs no more of its field than this."""
    write_date = _deadline if is_deadline else _date
    return {
        "won": WON[language].format,
        "int": "{:,}".format,
        "date": lambda value: write_date(value, language),
        "datetime": lambda value: _datetime(value, language),
        "phone": str,
    }


def read_datetime(value: str) -> datetime:
    """Parse ISO 8601 with an offset, or without one, which means Korean time: "2026-04-02 14:00"."""
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo else instant.replace(tzinfo=KST)


@dataclass(frozen=True, slots=True)
class TextWriter:
    """Writes one clean line, cut where it is longer than the field allows (ingest should have refused it)."""

    most: int  # characters

    def __call__(self, value: str) -> str:
        if HARMLESS.fullmatch(value) and len(value) <= self.most:  # true of nearly all values
            return value
        line = spaced_names(without_links(value if is_plain_line(value) else clean_line(value)))
        return line if len(line) <= self.most else line[: self.most - 1] + "…"


@lru_cache(maxsize=8192)
def _date(value: str, language: Language) -> str:
    return format_date(date.fromisoformat(value), language)


def _deadline(value: str, language: Language) -> str:
    """Return the day on which a legal deadline really ends (민법 §161), and the agency's own where that is another.

    "2026. 5. 4.(월, 고지서에는 5. 1.)", "Mon, 4 May 2026 (bill: 1 May)": a particle goes with what stands before the
    bracket.
    """
    return _deadline_among(value, language, declared())


@lru_cache(maxsize=8192)
def _deadline_among(value: str, language: Language, _holidays: frozenset[date]) -> str:
    """Return the end, cached. `_holidays`: the declared ones, part of the key because they move the end."""
    own = date.fromisoformat(value)
    return both_days(own, moved(own), language)


@lru_cache(maxsize=8192)
def both_days(own: date, end: date, language: Language) -> str:
    """Return the day `end`, and where the agency's own is another that one as well."""
    if end == own:
        return format_date(end, language)
    if language == "ko":
        return f"{format_date(end).removesuffix(')')}, 고지서에는 {own.month}. {own.day}.)"
    return f"{format_date(end, language)} (bill: {own.day} {format_date(own, language).split()[2][:3]})"


@lru_cache(maxsize=8192)
def _datetime(value: str, language: Language) -> str:
    return format_datetime(read_datetime(value), language)
