"""Make and read the code by which a family member answers: nine signs, "K7M-P2Q-X9A".

Neither a check code (three groups of four) nor a receipt number (two of four). A guess hits one of 100,000 live codes
once in 197 million times.
"""

import re
import secrets
import unicodedata

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # no I, L, O, U, 0, 1: it is read out on the telephone
_LETTERS = 9
_CODE = re.compile(f"[{_ALPHABET}]{{{_LETTERS}}}")
_NOT_OF_IT = re.compile(r"[\W_]+")


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))


def shown(code: str) -> str:
    return "-".join(code[start : start + 3] for start in range(0, _LETTERS, 3))


def as_typed(text: str) -> str | None:
    """Return the code in any writing of it, as it is stored; None where it can be none."""
    code = _NOT_OF_IT.sub("", unicodedata.normalize("NFKC", text)).upper()
    return code if _CODE.fullmatch(code) else None
