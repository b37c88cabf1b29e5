"""The short code that every notice carries, so that anyone can ask "is this really from you?".

It is the notice's number behind a keyed permutation: 40 bits in 8 letters that nobody can count up from, without a
column or an index. A guess hits some notice with probability (notices / 2^40); the page that asks is rate-limited.
"""

import hashlib

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
READ_AS = str.maketrans("ILO", "110")
HALF_BITS, ROUNDS = 20, 6
HALF = (1 << HALF_BITS) - 1


def check_code(notice_id: int) -> str:
    """`K7MP-2QX9` for a notice's number."""
    left, right = notice_id >> HALF_BITS & HALF, notice_id & HALF
    for turn in range(ROUNDS):
        left, right = right, left ^ _mix(right, turn)
    number = left << HALF_BITS | right
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


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
        left, right = right ^ _mix(left, turn), left
    return left << HALF_BITS | right


def _mix(half: int, turn: int) -> int:
    block = half.to_bytes(4, "big") + bytes([turn])
    digest = hashlib.blake2s(block, key=settings.CHECK_CODE_KEY, digest_size=4).digest()
    return int.from_bytes(digest, "big") & HALF
