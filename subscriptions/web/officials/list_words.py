"""Say why a list, a row or a value is wrong, and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from secretary.kernel.language import language
from subscriptions.models import BulkRefusal, BulkUpload
from subscriptions.registration.bulk.columns import CONSENT, Column
from subscriptions.registration.bulk.staged import cells_of
from subscriptions.web.family.forms import WORDS
from subscriptions.web.fields import NUMBER_WORDS

_ONE_BY_ONE = gettext_lazy("Please compare with the paper form, and register the person on the page for one senior.")
_AS_TEXT = gettext_lazy("The spreadsheet has shortened this value. Please format the column as text and type it again.")
_FILES: Mapping[str, Any] = {
    "empty": gettext_lazy("There is no list in the file. Please fill in the template and upload it."),
    "too_large": gettext_lazy("The file is larger than %(detail)s MB. Please split the list."),
    "too_many_rows": gettext_lazy(
        "The list has more than %(detail)s rows. Please split it, or delete rows far below it."
    ),
    "too_many_columns": gettext_lazy("The list has more than %(detail)s columns. Please use the template."),
    "column_missing": gettext_lazy(
        "The first row has no column “%(column)s”. Please use the headings of the template."
    ),
    "column_twice": gettext_lazy("The first row has the column “%(column)s” twice. Please delete one of them."),
    "wrong_type": gettext_lazy("This is neither a CSV nor an XLSX file. Please save the list as XLSX."),
    "old_excel": gettext_lazy(
        "This file has a password or an older format. Please save it as XLSX without a password."
    ),
    "password": gettext_lazy("The file has a password. Please save it without one."),
    "bomb": gettext_lazy("The file unpacks to more than a list can hold. Please copy the list into the template."),
    "unreadable": gettext_lazy("The file is damaged. Please open it, save it as XLSX again, and upload that."),
    "several_sheets": gettext_lazy("More than one sheet has content. Please leave one sheet with the list."),
    "undecodable": gettext_lazy("Line %(detail)s is neither UTF-8 nor CP949. Please save the list as XLSX."),
    "mixed_encoding": gettext_lazy("Line %(detail)s is UTF-8 in a file that is CP949. Please save the list as XLSX."),
    "control_character": gettext_lazy("Line %(detail)s has characters that no text has. Please save the list as XLSX."),
    "unreadable_quotes": gettext_lazy(
        "In line %(detail)s a quotation mark has no second one. Please correct the line."
    ),
    "failed": gettext_lazy(
        "The list was not finished: the fault is ours. Please upload the file again; no senior is registered twice."
    ),
}
_VALUES: Mapping[str, Any] = {
    "empty": gettext_lazy("There is no value. Please fill it in from the paper form."),
    "too_long": gettext_lazy("The value is too long. Please compare it with the paper form."),
    "shortened": _AS_TEXT,
    "spreadsheet_error": gettext_lazy("This is an error of a formula. Please type the value in."),
    "resident_number": gettext_lazy(
        "There is a resident registration number here; we never keep one. Please delete it from the list."
    ),
    "no_letters": gettext_lazy("A name needs letters. Please compare with the paper form."),
    "phone_old": gettext_lazy("Numbers with 011 and 016–019 were changed to 010. Please ask for the number with 010."),
    **{f"phone_{kind}": words for kind, words in NUMBER_WORDS.items()},
    "two_digit_year": gettext_lazy("The year has two digits, so the century is missing. Please write it as 19480509."),
    "day_number": gettext_lazy("This is a spreadsheet's count of days. Please write the birth date as 19480509."),
    "no_date": gettext_lazy("Please enter the birth date as 8 digits, such as 19480509."),
    "no_such_day": gettext_lazy("This date does not exist. Please check the birth date."),
    "impossible_year": gettext_lazy("A birth date must be between 1900 and today. Please check the year."),
    "unknown_channel": gettext_lazy(
        "Please write text message, KakaoTalk or Naver, or leave it empty for text messages."
    ),
    "not_agreed": gettext_lazy("Without this consent the person cannot be registered."),
    "consent_empty": gettext_lazy("Please record what the paper form says: yes or no."),
    "consent_unclear": gettext_lazy("Please write yes or no."),
    "row_person": gettext_lazy("Row %(other)s has the same name and birth date. Please keep one, or correct them."),
    "row_number": gettext_lazy(
        "Row %(other)s has the same number. If both use this phone, register this one on the page for one senior."
    ),
    "row_form": gettext_lazy("Row %(other)s has the same paper form. Please correct the number of one of them."),
    "like_registered": gettext_lazy("This person is registered already, by another paper form or another way."),
    "like_person": gettext_lazy(
        "Your office's list already has a person of this name and birth date, with another number."
    ),
    "like_number": gettext_lazy("Your office's list already has a person with this telephone number."),
    "like_form": gettext_lazy("A paper form of this number has been recorded already, for another person."),
    "like_number_of_another": gettext_lazy("Another person has proved that this number is theirs."),
    "family_not_agreed": gettext_lazy("A family member is recorded only where the person agreed to it on paper."),
    "family_missing": gettext_lazy(
        "Please enter both: what the person calls the family member, and their mobile number."
    ),
    **{f"family_{reason}": words for reason, words in WORDS.items()},
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One value of one row: where it stands, what it is, and the remedy."""

    row: int
    column: str
    value: str
    remedy: str


def file_words(code: str, detail: str, columns: Sequence[Column] = ()) -> str:
    return str(_FILES[code]) % {"detail": _number(detail), "column": _heading(detail, columns)}


def wrong_of(refusal: BulkRefusal, columns: Sequence[Column]) -> list[Wrong]:
    """Return every error of the row, in the order of the columns."""
    cells = cells_of(refusal)
    order = [column.key for column in columns]
    faults = sorted(refusal.faults, key=lambda fault: order.index(fault[0]) if fault[0] in order else len(order))
    return [Wrong(refusal.row, _heading(key, columns), cells.get(key, ""), fault_words(code)) for key, code in faults]


def fault_words(code: str) -> str:
    kind, _sign, other = code.partition(":")
    if kind == "too_young":
        from subscriptions.web.officials.register import too_young

        return too_young()
    words = str(_VALUES[kind]) % {"other": other} if other else str(_VALUES[kind])
    return f"{words} {_ONE_BY_ONE}" if kind.startswith("like_") else words


def time_left(upload: BulkUpload, *, now: datetime) -> str:
    """Return about how long the running step still takes; "" where it cannot be said yet."""
    done, total = (upload.written, upload.valid) if upload.state == "writing" else (upload.looked_at, upload.total)
    if not done or not total or upload.began_at is None:
        return ""
    seconds = round((now - upload.began_at).total_seconds() / done * max(total - done, 0))
    if seconds < 60:
        return ngettext("about %(number)s second left", "about %(number)s seconds left", seconds) % {"number": seconds}
    minutes = -(-seconds // 60)
    return ngettext("about %(number)s minute left", "about %(number)s minutes left", minutes) % {"number": minutes}


def _heading(key: str, columns: Sequence[Column]) -> str:
    found = next((column for column in columns if column.key == key), None)
    return found.heading(language()) if found else key.removeprefix(CONSENT)


def _number(detail: str) -> str:
    return f"{int(detail):,}" if detail.isdecimal() else detail
