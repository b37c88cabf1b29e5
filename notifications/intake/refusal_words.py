"""Explain refused lines and batches and how to correct them: on administrators' pages and, in both languages, in the
answers to agencies' machines. The codes are for machines."""

from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

# Of one line; the answer names the line and the field beside it.
REMEDIES = {
    "resident_number": _(
        "The value is a resident or foreigner's registration number, or looks like one: the agency leaves it out. Is "
        "it a number of the agency's own? Declare its pattern under Patterns of agencies' numbers."
    ),
    "bad_external_id": _("The agency's number is missing or has other characters than letters, digits and . _ : / -"),
    "number_not_text": _(
        "The agency's number came as a number (12345678 or 12345678.0), which has lost the zeros at its beginning: "
        "send it as text, or have the feed declare how many digits it has."
    ),
    "not_of_width": _(
        "The agency's number has more digits than its feed declares, or other characters than digits: correct the "
        "number, or what the feed declares."
    ),
    "unknown_data_type": _(
        "No live kind of data of this agency has this code: write the code as the administrator sees it."
    ),
    "other_data_type": _(
        "This number belongs to a record of another kind of data: each record has a number of its own."
    ),
    "same_version_other_content": _(
        "This version came before with other content: give a correction a higher version, or have the feed's versions "
        "set to “none”."
    ),
    "unknown_state": _("Unknown state: write one of open, objected, paid, completed, withdrawn, or leave it out."),
    "bad_event": _("The event's name may have lower-case letters, digits and _, 30 at most, and begins with a letter."),
    "contradiction": _(
        "Two values of the line contradict each other; which ones, and how to correct them, is stated beside it."
    ),
    "missing": _("A required value is missing."),
    "unknown_choice": _("The value is none of the field's choices: write one of its codes."),
    "not_text": _("A text is needed: write the value in quotation marks."),
    "not_a_number": _("A whole number is needed: digits only, without point, comma or unit."),
    "not_a_date": _("A date is needed, written like 2026-03-14."),
    "not_a_time": _("A date with a time is needed, written like 2026-03-14T14:00+09:00."),
    "no_such_day": _("This date does not exist."),
    "out_of_range": _(
        "Out of range: a birth date must be between 1900 and today, other dates up to 2100, an amount between 0 and "
        "10 billion won, a version between 1 and 1,000,000."
    ),
    "too_long": _("The value is longer than its field allows; a name has 80 characters at most."),
    "bad_phone": _("Not a mobile number: 010 and eight digits, without letters."),
    "no_subject": _("The subject is missing: a CI, or name, birth date and phone."),
    "bad_ci": _("This is not a CI (연계정보): 88 characters of base64."),
    "link_removed": _("Accepted without the web address in the value that is named: messages carry no links."),
    # Of an unreadable line (REFUSALS of sources/contract.py).
    "control_character": _("The value contains a NUL or another control character: leave it out."),
    "duplicate_key": _("A name occurs twice in one record: send each name once."),
    "lone_surrogate": _(
        "The value contains half of a character (an unpaired surrogate): write the text again as UTF-8."
    ),
    "mixed_encoding": _("The line is in another character set than its file: write the whole file in one."),
    "not_json": _("This is not valid JSON at the place that is named: write it with a JSON library."),
    "not_utf8": _("This is not valid UTF-8 at the byte that is named: send the text as UTF-8."),
    "number_too_large": _("A number of more than 64 bits: send it as text."),
    "too_deep": _("The values are nested too deeply: a record holds its subject and its fields, and nothing below."),
    "undecodable": _("The line cannot be read in the file's character set: save the file as UTF-8."),
    "unnamed_column": _("There is a value in a column without a name: name the column in the first line, or empty it."),
    "unreadable_quotes": _("The quotation marks do not match: close each, and write one within a value twice."),
    "wrong_columns": _(
        "The line has more or fewer columns than the first line: put values with commas in quotation marks."
    ),
    "wrong_shape": _('A record is an object of values, and a batch is {"records": […]}.'),
}
# Of a whole batch.
BATCH_REMEDIES = {
    "no_key": _("The secret of the key cannot be used: ask the administrator for a new one."),
    "missing_header": _("A header is missing: x-agency-key, webhook-id, webhook-timestamp and webhook-signature."),
    "bad_id": _("The webhook-id is empty, too long or has characters that are not allowed: use a UUID."),
    "bad_timestamp": _("The webhook-timestamp is not a number: send whole seconds since 1970 in UTC."),
    "bad_signature": _(
        "The key is unknown, or id, timestamp and body are not the ones that were signed: "
        "check the key and sign what you send."
    ),
    "too_old": _("The timestamp is too old: set the clock, and sign each attempt again."),
    "from_the_future": _("The timestamp is in the future: set the clock, and send UTC seconds."),
    "too_large": _("The batch is too large: send fewer records at a time."),
    "too_many": _("Too many records in one batch: send fewer at a time."),
    "id_used": _("This webhook-id came before with other records: send these under a new one."),
    "no_such_batch": _("Your agency has no batch of this number: list your batches."),
    "batch_refused": _(
        "None of its records was accepted: correct the lines that are named and send the batch under a new webhook-id."
    ),
}
OTHERWISE = _("It was not accepted as it is: check the line and the field that are named.")
LANGUAGES = ("en", "ko")


def remedy_of(code: str) -> Any:
    """Return the remedy in the language of the page."""
    return REMEDIES.get(code) or BATCH_REMEDIES.get(code) or OTHERWISE


@lru_cache(maxsize=256)
def remedy_in_both(code: str) -> dict[str, str]:
    """Return the remedy in every language, independent of the request's. Cached: callers must not change it."""
    words = remedy_of(code)
    remedies: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            remedies[language] = str(words)
    return remedies
