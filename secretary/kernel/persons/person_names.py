"""Make one key of every spelling of a person's name.

Registers, identity cards and people write the names of foreigners in many ways: "NGUYEN THI HOA", "Nguyen Thi-Hoa",
"O’Brien". What differs in them (case, width, blanks, hyphens, apostrophes, dots) is left out, on both sides.
Letters stay apart: "José" and "Jose" are two names, and so are 리 and 이.
"""

import re
import unicodedata
from typing import Final

from secretary.kernel.korean.korean import clean_line

MAX_NAME: Final = 80  # letters; a person's name in every form, feed and document

_HANGUL: Final = re.compile("[가-힣]+")  # nearly every name; nothing of it is left out
_ASCII: Final = re.compile("[ -~]+")
_NOT_ASCII_LETTERS: Final = re.compile("[^a-z0-9]")
# Beside modifier symbols, which NFKC takes apart into a blank and a mark of the letter before: ㆍ and ㅡ as hyphens.
_SIGNS_LIKE_LETTERS: Final = frozenset("\u037a\u119e\u3161\u318d")
_MODIFIERS: Final = range(0x02B9, 0x0300)  # ʼ, ʻ, ʹ: letters to Unicode, apostrophes to the people who type them


def name_key(name: str) -> str:
    """Return the letters and digits of `name`, in one case, width and composition; "" where there is none."""
    if _HANGUL.fullmatch(name):
        return name
    if _ASCII.fullmatch(name):
        return _NOT_ASCII_LETTERS.sub("", name.lower())
    letters = "".join(character for character in clean_line(name) if not _is_sign(character))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", letters).casefold())
    return unicodedata.normalize("NFC", "".join(character for character in folded if _counts(character)))


def has_former_key(name: str) -> bool:
    """Return whether releases up to 148511c made another key of `name`."""
    return _HANGUL.fullmatch(name) is None and name_key(name) != former_name_key(name)


def former_name_key(name: str) -> str:
    """As releases up to 148511c made it: NFC, without blanks. Keys of that time still stand in the tables."""
    return "".join(unicodedata.normalize("NFC", name).split())


def _is_sign(character: str) -> bool:
    return character in _SIGNS_LIKE_LETTERS or unicodedata.category(character) == "Sk"


def _counts(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" and ord(character) not in _MODIFIERS
