"""Make and read the short code of a notice, by which a reader can check that the notice is ours.

Twelve letters, `K7MP-2QX9-3HVC`. Eight are the notice's number behind a keyed permutation (40 bits), so that it is
found by its number, without a column or an index. Three are a keyed tag over that number (15 bits): a guess hits some
notice with probability notices / 2^55. The last is a check letter, which shows a mistyped code without a look-up.

Codes of release 148511c are the first eight letters alone, and people keep notices for years: the permutation never
changes, and such a code still leads to its notice (docs/adr/0039).
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
READ_AS = str.maketrans("ILOU", "110V")
NOT_TYPED = re.compile("[^0-9A-Z]+")  # blanks, hyphens of all kinds, and the Korean label where a line is pasted
LABEL = "CHECKCODE"  # the English label, where a line is pasted
# A code as messages have it, within a line or a whole message that is pasted.
PRINTED = re.compile(r"(?<![0-9A-Z])(?=([0-9A-Z]{4}(?: ?[-‐-―−] ?[0-9A-Z]{4}){2})(?![0-9A-Z]))")
SHORT, LONG, TAG = 8, 12, 3  # letters
HALF_BITS, ROUNDS = 20, 6
HALF = (1 << HALF_BITS) - 1
TAG_BITS = 5 * TAG
TAG_MASK = (1 << TAG_BITS) - 1
TURNS = tuple(bytes([turn]) for turn in range(ROUNDS))
TAG_TURN = bytes([ROUNDS])
LETTERS = tuple(first + second for first in ALPHABET for second in ALPHABET)  # ten bits each
POLYNOMIAL = 0b100101  # x^5 + x^2 + 1 of GF(32): 2 is primitive, so that no two of the twelve places weigh the same


def _times_two(value: int) -> int:
    return value << 1 ^ (POLYNOMIAL if value & 16 else 0)


def _check_value(values: Sequence[int]) -> int:
    """Return Σ valueᵢ · 2^i over GF(32), the last one by 2^0. Of a whole code it is 0: one wrong letter, or two letters
    that changed places, make it another."""
    total = 0
    for value in values:
        total = _times_two(total) ^ value
    return total


def _weighed(place: int) -> tuple[int, ...]:
    """Return what each pair of letters, of which the first stands at `place`, adds to the check letter."""
    rest = [0] * (LONG - place - 2)
    return tuple(_check_value([first, second, *rest]) for first in range(32) for second in range(32))


FIRST, SECOND, THIRD, FOURTH, FIFTH = (_weighed(place) for place in (0, 2, 4, 6, 8))
SIXTH = tuple(_times_two(value) for value in range(32))


class Mistyped(ValueError):
    """What was typed is no code: too short or long, or a letter is wrong. It is refused without a look-up."""


@dataclass(frozen=True, slots=True)
class TypedCode:
    """A code as it was typed. `notice`: the number behind it, of a notice or of none."""

    notice: int
    genuine: bool  # the tag is ours. A short code has none, so that any eight letters are one
    short: bool  # eight letters, as release 148511c made them


def check_code(notice_id: int) -> str:
    """Return the code of a notice's number: `K7MP-2QX9-3HVC`."""
    return check_codes([notice_id])[0]


def check_codes(notice_ids: Sequence[int]) -> list[str]:
    """Return the codes of many notices at once."""
    codes: list[str] = []
    copy, number = _keyed(settings.CHECK_CODE_KEY).copy, int.from_bytes
    for notice_id in notice_ids:
        left, right = notice_id >> HALF_BITS & HALF, notice_id & HALF
        for turn in TURNS:  # `_mix` inlined: it runs six times for every notice
            digest = copy()
            digest.update(right.to_bytes(4, "big") + turn)
            left, right = right, left ^ number(digest.digest(), "big") & HALF
        tag = _tag(copy(), notice_id)
        one, two, three, four = left >> 10, left & 1023, right >> 10, right & 1023
        check = FIRST[one] ^ SECOND[two] ^ THIRD[three] ^ FOURTH[four] ^ FIFTH[tag >> 5] ^ SIXTH[tag & 31]
        codes.append(
            f"{LETTERS[one]}{LETTERS[two]}-{LETTERS[three]}{LETTERS[four]}"
            f"-{LETTERS[tag >> 5]}{LETTERS[(tag & 31) << 5 | check]}"
        )
    return codes


def read_code(typed: str) -> TypedCode:
    """Return the code that a person typed or pasted, also within its line or the whole message, whose last code it is.
    Raises Mistyped.

    Blanks, hyphens, full-width letters and case are ignored; O, I, L and U are read as 0, 1, 1 and V.
    """
    text = unicodedata.normalize("NFKC", typed).upper()
    letters = NOT_TYPED.sub("", text)
    if len(letters) > LONG:
        letters = letters.removeprefix(LABEL)
    try:
        return _read(letters)
    except Mistyped:
        found = [code for code in map(_read_printed, PRINTED.findall(text)) if code is not None]
        if not found:
            raise
        return found[-1]


def _read(letters: str) -> TypedCode:
    if len(letters) not in (SHORT, LONG):
        raise Mistyped("length")
    values = [ALPHABET.index(letter) for letter in letters.translate(READ_AS)]
    notice = _notice(_joined(values[:SHORT]))
    if len(letters) == SHORT:
        return TypedCode(notice, genuine=False, short=True)
    if _check_value(values):
        raise Mistyped("check letter")
    tag, expected = _joined(values[SHORT:-1]), _tag(_keyed(settings.CHECK_CODE_KEY).copy(), notice)
    return TypedCode(notice, genuine=hmac.compare_digest(tag.to_bytes(2), expected.to_bytes(2)), short=False)


def _read_printed(code: str) -> TypedCode | None:
    try:
        return _read(NOT_TYPED.sub("", code))
    except Mistyped:
        return None


def notice_number(code: str) -> int | None:
    """Return the notice's number behind a typed code, a short one included; None for anything that is none of ours."""
    try:
        found = read_code(code)
    except Mistyped:
        return None
    return found.notice if found.genuine or found.short else None


def _joined(values: Sequence[int]) -> int:
    number = 0
    for value in values:
        number = number << 5 | value
    return number


def _notice(permuted: int) -> int:
    left, right = permuted >> HALF_BITS, permuted & HALF
    keyed = _keyed(settings.CHECK_CODE_KEY)
    for turn in reversed(TURNS):
        left, right = right ^ _mix(keyed, left, turn), left
    return left << HALF_BITS | right


def _tag(keyed: "hashlib.blake2s", notice: int) -> int:
    """Return the tag of a notice's number. `keyed`: a copy that may be used up. The turns of the permutation have
    messages of five bytes, so that no tag is one of its values."""
    keyed.update(notice.to_bytes(8, "big") + TAG_TURN)
    return int.from_bytes(keyed.digest(), "big") & TAG_MASK


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> "hashlib.blake2s":
    return hashlib.blake2s(key=key, digest_size=4)


def _mix(keyed: "hashlib.blake2s", half: int, turn: bytes) -> int:
    digest = keyed.copy()
    digest.update(half.to_bytes(4, "big") + turn)
    return int.from_bytes(digest.digest(), "big") & HALF
