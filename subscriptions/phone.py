"""Telephone numbers as people type them, and the one form (E.164) in which they are kept."""

import unicodedata

import phonenumbers

from secretary.common.korean import clean_line

KOREA = 82
MAX_TYPED = 40  # characters; longer input is no telephone number


class NotAMobile(ValueError):
    """Not a Korean mobile number: a landline, an internet or foreign number, or no number at all."""


def parse_mobile(typed: str) -> str:
    """E.164 of a Korean mobile number; `010-0000-1234`, `+82 10-0000-1234`, full-width digits: one result.

    Raises NotAMobile; the message never holds the number.
    """
    plain = unicodedata.normalize("NFKC", clean_line(typed))
    try:
        number = phonenumbers.parse(plain[:MAX_TYPED], "KR")
    except phonenumbers.NumberParseException:
        raise NotAMobile("no telephone number") from None
    if number.country_code != KOREA or number.extension or not phonenumbers.is_valid_number(number):
        raise NotAMobile("not a valid Korean number")
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        raise NotAMobile("not a mobile number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
