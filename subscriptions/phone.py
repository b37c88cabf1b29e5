"""Telephone numbers as people type them, and the one form (E.164) in which they are kept."""

import re
import unicodedata

import phonenumbers

from secretary.common.korean import clean_line

KOREA = 82
MAX_TYPED = 40  # characters; longer input is no telephone number
# 010 and eight digits; 011, 016–019 and seven or eight, which agencies' older registers still name. `phonenumbers` has
# one pattern for all of 01x: it takes 010 with a digit short and 012, and dials letters.
MOBILE = re.compile(r"10[0-9]{8}|1[16-9][0-9]{7,8}")
# As agencies write most of them: `phonenumbers` takes all of these (of 0105… it does not), and its time is saved.
USUAL = re.compile(r"010-?[0-46-9][0-9]{3}-?[0-9]{4}")
LETTERS = re.compile(r"[^\W\d_]")


class NotAMobile(ValueError):
    """Not a Korean mobile number: a landline, an internet or foreign number, or no number at all."""


def parse_mobile(typed: str) -> str:
    """E.164 of a Korean mobile number; `010-0000-1234`, `+82 10-0000-1234`, full-width digits: one result.

    Raises NotAMobile; the message never holds the number.
    """
    if USUAL.fullmatch(typed):
        return f"+82{typed[1:].replace('-', '')}"
    plain = unicodedata.normalize("NFKC", clean_line(typed))
    if LETTERS.search(plain):
        raise NotAMobile("letters in a number")
    try:
        number = phonenumbers.parse(plain[:MAX_TYPED], "KR")
    except phonenumbers.NumberParseException:
        raise NotAMobile("no telephone number") from None
    if number.country_code != KOREA or number.extension or not phonenumbers.is_valid_number(number):
        raise NotAMobile("not a valid Korean number")
    if not MOBILE.fullmatch(phonenumbers.national_significant_number(number)):
        raise NotAMobile("not a mobile number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
