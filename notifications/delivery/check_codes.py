"""Make and read the short code of a notice, by which a reader can check that the notice is ours.

It is the notice's number behind a keyed permutation: 40 bits in 8 letters that cannot be enumerated, without a
column or an index. A guess hits some notice with probability (notices / 2^40); the page for codes is rate-limited.
The permutation never changes: people keep notices for years, and enter the codes that stand in them.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
READ_AS = str.maketrans("ILO", "110")
HALF_BITS, ROUNDS = 20, 6
HALF = (1 << HALF_BITS) - 1
TURNS = tuple(bytes([turn]) for turn in range(ROUNDS))
LETTERS = tuple(first + second for first in ALPHABET for second in ALPHABET)  # ten bits each


def check_code(notice_id: int) -> str:
    """Return the code of a notice's number: `K7MP-2QX9`."""
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
        codes.append(f"{LETTERS[left >> 10]}{LETTERS[left & 1023]}-{LETTERS[right >> 10]}{LETTERS[right & 1023]}")
    return codes


def notice_number(code: str) -> int | None:
    """Return the notice's number behind a typed code; None for anything that is no code."""
    letters = "".join(code.upper().split()).replace("-", "").translate(READ_AS)
    if len(letters) != 8 or any(letter not in ALPHABET for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    left, right = number >> HALF_BITS, number & HALF
    keyed = _keyed(settings.CHECK_CODE_KEY)
    for turn in reversed(TURNS):
        left, right = right ^ _mix(keyed, left, turn), left
    return left << HALF_BITS | right


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> "hashlib.blake2s":
    return hashlib.blake2s(key=key, digest_size=4)


def _mix(keyed: "hashlib.blake2s", half: int, turn: bytes) -> int:
    digest = keyed.copy()
    digest.update(half.to_bytes(4, "big") + turn)
    return int.from_bytes(digest.digest(), "big") & HALF
