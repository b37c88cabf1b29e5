"""READ ROW: one row of a list as an entry, or what is wrong with it, cell by cell.

What spreadsheets make of values is understood where only one value is possible (a lost zero of 010, a date that is a
number of digits), and named where it is not (a year of two digits, a number that was shortened).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from secretary.kernel.korean.korean import clean_line
from secretary.kernel.persons.birth_dates import BirthDate, ImpossibleYear, NoSuchDay, birth_date_of, refuse_impossible
from secretary.kernel.persons.person_names import MAX_NAME, name_key
from secretary.kernel.persons.phone import NotAMobile, is_old, parse_mobile
from secretary.kernel.persons.resident_numbers import holds_resident_number
from subscriptions.registration.bulk.columns import (
    BIRTH_DATE,
    CALL,
    CHANNEL,
    CONSENT,
    FAMILY,
    FAMILY_NAME,
    FAMILY_PHONE,
    FORM,
    NAME,
    PHONE,
)
from subscriptions.registration.register_senior import is_old_enough

Cell = str | int | float | bool | date | None
Fault = tuple[str, str]  # column, code
MOST_FORM, MOST_CALLED = 40, 20
# The names of columns are those of an entry's fields.
DETAILS = (FORM, NAME, BIRTH_DATE, PHONE, CHANNEL, CALL, FAMILY_NAME, FAMILY_PHONE)
MAY_BE_EMPTY = {CHANNEL, FAMILY_NAME, FAMILY_PHONE}
YES = frozenset(["예", "네", "동의", "동의함", "y", "yes", "o", "○", "◯", "●", "v", "✓", "✔", "1", "true", "agreed"])
NO = frozenset(["아니오", "아니요", "미동의", "동의안함", "부동의", "n", "no", "x", "×", "0", "false"])
CHANNELS = {
    "": "sms",
    **dict.fromkeys(("문자", "문자메시지", "sms", "textmessage"), "sms"),
    **dict.fromkeys(("카카오톡", "카톡", "kakaotalk"), "kakaotalk"),
    **dict.fromkeys(("네이버", "naver"), "naver"),
}
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d+|#{2,}")  # 1.01E+09; ##### where a column is too narrow
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
_LOST_ZERO = re.compile(r"1(?:0\d{8}|[16-9]\d{7,8})")
_MIDNIGHT = r"(?:\s(?:오전\s)?0{1,2}:00(?::00)?)?"
_PARTS = re.compile(rf"(\d{{1,4}})\s?[.\-/년]\s?(\d{{1,2}})\s?[.\-/월]\s?(\d{{1,2}})\s?[.일]?{_MIDNIGHT}")
_DIGITS = re.compile(r"\d+")
_YEAR, _LEFT_OUT, _DAY_NUMBER = 8, 6, 5  # digits of 19480509, of 480509, and of the day 17662 of a spreadsheet


class _Wrong(ValueError):
    """A cell's value; the message is the code of the fault."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A valid row: what an official would have typed. `phone`: E.164."""

    row: int
    form: str
    name: str
    birth_date: BirthDate
    phone: str
    channel: str
    call: bool = False  # the office may call: a consent of its own
    # A family member hears that there is something to ask about: with the consent to it; "" where none is named.
    family_name: str = ""
    family_phone: str = ""


def read_row(row: int, cells: Mapping[str, str], *, today: date) -> Entry | list[Fault]:
    """Return the entry of this row, or all that is wrong with it. `cells`: key of column → text."""
    faults: list[Fault] = []
    values: dict[str, object] = {}
    for column, text in cells.items():
        try:
            values[column] = _value(column, text, today)
        except _Wrong as wrong:
            faults.append((column, str(wrong)))
    if faults := faults or _family_faults(values):
        return faults
    return Entry(row, **{"channel": "sms", **{key: values[key] for key in DETAILS if key in values}})  # type: ignore[arg-type]


def _family_faults(values: Mapping[str, object]) -> list[Fault]:
    """Return what does not go together about a family member, as on the page for one senior."""
    agreed, may_call = values.get(FAMILY), values.get(CALL)
    given = [key for key in (FAMILY_NAME, FAMILY_PHONE) if values.get(key)]
    if not agreed:
        return [(FAMILY, "family_not_agreed")] if given else []
    missing: list[Fault] = [(key, "family_missing") for key in (FAMILY_NAME, FAMILY_PHONE) if key not in given]
    if missing:
        return missing
    if not may_call:
        return [(FAMILY, "family_no_calls")]
    return [(FAMILY_PHONE, "family_own_number")] if values[FAMILY_PHONE] == values[PHONE] else []


def text_of_cell(cell: Cell) -> str:
    """Return a cell as an official sees it: whole numbers without a point, days as 1948-05-09."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return clean_line(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute) else cell.isoformat(" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def kept_cells(cells: Sequence[Cell], places: Mapping[str, int]) -> dict[str, str]:
    """Return the known columns of a row; a row that ends early has empty cells there."""
    return {key: text_of_cell(cells[place]) if place < len(cells) else "" for key, place in places.items()}


def without_resident_numbers(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the row as it may be kept."""
    return {key: "" if holds_resident_number(text) else text for key, text in cells.items()}


def _value(column: str, text: str, today: date) -> object:
    if holds_resident_number(text):
        raise _Wrong("resident_number")
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise _Wrong("spreadsheet_error")
    if column in (CALL, FAMILY):
        return _may(text)
    if column.startswith(CONSENT):
        return _consent(text)
    if not text and column not in MAY_BE_EMPTY:
        raise _Wrong("empty")
    return _READERS[column](text, today)


def _form(text: str, _: date) -> str:
    if len(text) > MOST_FORM:
        raise _Wrong("too_long")
    if _SHORTENED.fullmatch(text):
        raise _Wrong("shortened")
    return text


def _name(text: str, _: date) -> str:
    if len(text) > MAX_NAME:
        raise _Wrong("too_long")
    if not any(map(str.isalpha, text)) or not name_key(text):
        raise _Wrong("no_letters")
    return text


def _phone(text: str, _: date) -> str:
    if _SHORTENED.fullmatch(text):
        raise _Wrong("shortened")
    try:
        phone = parse_mobile(f"0{text}" if _LOST_ZERO.fullmatch(text) else text)
    except NotAMobile as refused:
        raise _Wrong(f"phone_{refused.kind}") from None
    if is_old(phone):
        raise _Wrong("phone_old")
    return phone


def _birth_date(text: str, today: date) -> BirthDate:
    born = _day(unicodedata.normalize("NFKC", text))
    try:
        refuse_impossible(born, today=today)
    except ImpossibleYear:
        raise _Wrong("impossible_year") from None
    if not is_old_enough(born, today):
        raise _Wrong("too_young")
    return born


def _day(plain: str) -> BirthDate:
    parts = _PARTS.fullmatch(plain)
    if parts is not None:
        year, month, day = parts.groups()
    elif _DIGITS.fullmatch(plain) and len(plain) == _YEAR:
        year, month, day = plain[:4], plain[4:6], plain[6:]
    elif _DIGITS.fullmatch(plain):
        raise _Wrong({_LEFT_OUT: "two_digit_year", _DAY_NUMBER: "day_number"}.get(len(plain), "no_date"))
    else:
        raise _Wrong("shortened" if _SHORTENED.fullmatch(plain) else "no_date")
    if len(year) < len("1948"):
        raise _Wrong("two_digit_year")
    try:
        return birth_date_of(int(year), int(month), int(day))
    except NoSuchDay:
        raise _Wrong("no_such_day") from None


def _channel(text: str, _: date) -> str:
    try:
        return CHANNELS[_word(text)]
    except KeyError:
        raise _Wrong("unknown_channel") from None


def _consent(text: str) -> bool:
    word = _word(text)
    if word in YES:
        return True
    raise _Wrong("not_agreed" if word in NO else "consent_unclear" if word else "consent_empty")


def _called(text: str, _: date) -> str:
    if len(text) > MOST_CALLED:
        raise _Wrong("too_long")
    return text


def _family_phone(text: str, today: date) -> str:
    return _phone(text, today) if text else ""


def _may(text: str) -> bool:
    word = _word(text)
    if word in YES or word in NO or not word:
        return word in YES
    raise _Wrong("consent_unclear")


def _word(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


_READERS: Mapping[str, Callable[[str, date], object]] = {
    FORM: _form,
    NAME: _name,
    BIRTH_DATE: _birth_date,
    PHONE: _phone,
    CHANNEL: _channel,
    FAMILY_NAME: _called,
    FAMILY_PHONE: _family_phone,
}
