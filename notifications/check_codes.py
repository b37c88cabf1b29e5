"""The short code that every notice carries, so that anyone can ask "is this really from you?".

It is the notice's number behind a keyed permutation: 40 bits in 8 letters that nobody can count up from, without a
column or an index. A guess hits some notice with probability (notices / 2^40); the page that asks is rate-limited.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
READ_AS = str.maketrans("ILO", "110")
HALF_BITS, ROUNDS = 20, 6
HALF = (1 << HALF_BITS) - 1
LETTERS = tuple(first + second for first in ALPHABET for second in ALPHABET)  # ten bits each


def check_code(notice_id: int) -> str:
    """`K7MP-2QX9` for a notice's number."""
    return check_codes([notice_id])[0]


def check_codes(notice_ids: Sequence[int]) -> list[str]:
    """Those of many notices at once: a round of all of them is one call of AES."""
    lefts = [notice_id >> HALF_BITS & HALF for notice_id in notice_ids]
    rights = [notice_id & HALF for notice_id in notice_ids]
    for turn in range(ROUNDS):
        mixed = _mix(rights, turn)
        lefts, rights = rights, [left ^ mask & HALF for left, mask in zip(lefts, mixed, strict=True)]
    return [
        f"{LETTERS[left >> 10]}{LETTERS[left & 1023]}-{LETTERS[right >> 10]}{LETTERS[right & 1023]}"
        for left, right in zip(lefts, rights, strict=True)
    ]


def notice_number(code: str) -> int | None:
    """The notice's number behind a code as somebody typed it; None when it is no code at all."""
    letters = "".join(code.upper().split()).replace("-", "").translate(READ_AS)
    if len(letters) != 8 or any(letter not in ALPHABET for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    left, right = number >> HALF_BITS, number & HALF
    for turn in reversed(range(ROUNDS)):
        left, right = right ^ _mix([left], turn)[0] & HALF, left
    return left << HALF_BITS | right


def _mix(halves: Sequence[int], turn: int) -> tuple[int, ...]:
    """A round's 32 pseudo-random bits for each half: AES of a block that holds the half and the round."""
    pairs = [number for half in halves for number in (half, turn)]
    blocks = _keyed(settings.CHECK_CODE_KEY).update(struct.pack(">" + "I8xI" * len(halves), *pairs))
    return struct.unpack(">" + "I12x" * len(halves), blocks)


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> CipherContext:
    """Single blocks that never repeat within a round: what ECB is a pseudo-random function for."""
    return Cipher(AES256(key), modes.ECB()).encryptor()  # noqa: S305  (no message is encrypted)
