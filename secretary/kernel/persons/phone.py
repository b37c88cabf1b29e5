"""Normalise typed telephone numbers to the one form (E.164) in which they are kept."""

import re
import unicodedata
from typing import Literal

import phonenumbers

from secretary.kernel.korean.korean import clean_line

KOREA = 82
MAX_TYPED = 40  # characters; longer input is no telephone number
# 010 and eight digits; 011, 016–019 and seven or eight, which agencies' older registers still name. `phonenumbers` has
# one pattern for all of 01x: it accepts 010 with a digit short and 012, and dials letters.
MOBILE = re.compile(r"10[0-9]{8}|1[16-9][0-9]{7,8}")
# As agencies write most of them: `phonenumbers` accepts all of these (of 0105… it does not), and its time is saved.
USUAL = re.compile(r"010-?[0-46-9][0-9]{3}-?[0-9]{4}")
LETTERS = re.compile(r"[^\W\d_]")


SAFE = re.compile(r"0?50[0-9]{8,10}")  # 050x: forwards for as long as a shop or a delivery needs it
LANDLINE = re.compile(r"0?(?:2|[3-6][1-5])[0-9]{7,8}")
SHORT = re.compile(r"0?10[0-9]{4,7}")
OLD = re.compile(r"\+821[16-9]")

Kind = Literal["letters", "short", "safe", "landline", "other"]


class NotAMobile(ValueError):
    """Not a Korean mobile number: a landline, an internet or foreign number, or no number at all.

    `kind`: which mistake it is, for the message to the citizen or official who typed it.
    """

    def __init__(self, message: str, kind: Kind = "other") -> None:
        super().__init__(message)
        self.kind: Kind = kind


def parse_mobile(typed: str) -> str:
    """E.164 of a Korean mobile number; `010-0000-1234`, `+82 10-0000-1234`, full-width digits: one result.

    Raises NotAMobile; the message never holds the number.
    """
    if USUAL.fullmatch(typed):
        return f"+82{typed[1:].replace('-', '')}"
    plain = unicodedata.normalize("NFKC", clean_line(typed))
    if LETTERS.search(plain):
        raise NotAMobile("letters in a number", "letters")
    try:
        number = phonenumbers.parse(plain[:MAX_TYPED], "KR")
    except phonenumbers.NumberParseException:
        raise NotAMobile("no telephone number", _kind(plain)) from None
    if number.country_code != KOREA or number.extension or not phonenumbers.is_valid_number(number):
        raise NotAMobile("not a valid Korean number", _kind(plain))
    if not MOBILE.fullmatch(phonenumbers.national_significant_number(number)):
        raise NotAMobile("not a mobile number", _kind(plain))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(phone: str) -> str:
    """Return a Korean number as people write it: `+821000001234` gives `010-0000-1234`."""
    digits = "0" + phone.removeprefix("+82")
    return f"{digits[:3]}-{digits[3:-4]}-{digits[-4:]}"


def is_old(phone: str) -> bool:
    """Return whether an E.164 number begins with 011 or 016–019. These were changed to 010, the last by 2021, as it is
    described everywhere; no notice of the ministry was read. So a citizen who types one has to confirm it, and is not
    refused."""
    return OLD.match(phone) is not None


def _kind(plain: str) -> Kind:
    digits = re.sub(r"[^0-9]", "", plain.replace("+82", "", 1))
    if SAFE.fullmatch(digits):
        return "safe"
    if SHORT.fullmatch(digits):
        return "short"
    return "landline" if LANDLINE.fullmatch(digits) else "other"
