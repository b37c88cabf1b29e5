"""Find resident registration numbers (주민등록번호, 외국인등록번호), which are never stored.

Six digits of a birth date and seven more, of which the first says century and sex: 1 to 4 for citizens, 5 to 8 for
foreigners, 9 and 0 for those born before 1900 (as it is described everywhere; the statute's text was not read). Other
numbers of 13 digits are none.
"""

import re
import unicodedata
from typing import Final

SHORTEST: Final = 13
_PLAIN: Final = re.compile("[ -~가-힣]*")  # NFKC changes nothing of these
# Nearly every text is of this kind, and each number has 13 digits.
_FEW_DIGITS: Final = re.compile("[ -/:-~가-힣]*(?:[0-9][ -/:-~가-힣]*){0,12}")
_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
# Between the halves stands what people type there: blanks, a dot, a hyphen or a dash of any length, ㅡ, ~.
_DASH: Final = r"[~∼〜ㅡᅳー_\-‐-―−－⁃˗➖]"
_BETWEEN: Final = r"[\s.·․‧~∼〜ㅡᅳー_\-‐-―−－⁃˗➖]{0,5}"
_APART: Final = rf"\d\s?\d\s?(?:0\s?[1-9]|1\s?[0-2])\s?(?:0\s?[1-9]|[12]\s?\d|3\s?[01])\s?{_DASH}?(?:\s?\d){{7}}"
# Parted by any other sign or two, as in a table's cell or a form: there an ordinary number looks alike (a day and an
# amount, a year's case and its number), so the day must be one, the digit of the century must agree with a year that is
# none of late, and no won may follow. People born before 1930 or since 2020 who are written like this are not found:
# accepted.
_REAL_DAY: Final = (
    r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)|02(?:0[1-9]|[12]\d))"
)
_SIGNS: Final = r"\s?[^\w\s]{1,2}\s?"
_OF_ITS_CENTURY: Final = rf"(?:[3-9]\d{_REAL_DAY}{_SIGNS}[1256]|[01]\d{_REAL_DAY}{_SIGNS}[3478])\d{{6}}"
_SEVEN: Final = re.compile(r"\d(?:\s?\d){6}")  # stands in all of them, and in few other texts
_NUMBER: Final = re.compile(
    rf"(?<!\d)\d\d{_DAY}{_BETWEEN}\d{{7}}(?!\d)"
    # with its year in full, which must agree with the digit of the century (not of late, as serials begin so too)
    rf"|(?<!\d)(?:19\d\d{_DAY}{_BETWEEN}[1256]|20[01]\d{_DAY}{_DASH}[3478])\d{{6}}(?!\d)"
    # its date in parts, or its digits apart
    rf"|(?<!\d)(?:19|20)?\d\d([.\-])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])\.?\s?{_DASH}\s?\d{{7}}(?!\d)"
    rf"|(?<!\d)(?<!\d\s){_APART}(?!\s?\d)"
    rf"|(?<!\d){_OF_ITS_CENTURY}(?!\d|\s?(?:원|won|KRW))"
)


def holds_resident_number(text: str) -> bool:
    """Return whether one stands in `text`, however it is written (full width, with dashes between its halves)."""
    if len(text) < SHORTEST or _FEW_DIGITS.fullmatch(text):
        return False
    plain = text if _PLAIN.fullmatch(text) else unicodedata.normalize("NFKC", text)
    if not _SEVEN.search(plain):
        return False
    return _NUMBER.search(plain if plain.isascii() else _in_ascii_digits(plain)) is not None


def may_hold_resident_number(plain: str) -> bool:
    """Return whether one can stand in `plain`, a text (or many, with commas between them) of printable ASCII and
    Hangul syllables: each has seven digits in a row. Much faster over many texts than a search in each."""
    return _SEVEN.search(plain) is not None


def _in_ascii_digits(text: str) -> str:
    """Digits of other scripts are digits too."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
