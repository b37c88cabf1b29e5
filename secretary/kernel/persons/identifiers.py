"""Make row identities before the row exists, so that encryption can bind a value to its row; read them from text."""

import os
import re
import time
from uuid import UUID

_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # fits PostgreSQL's bigint, and Python reads it at any length limit


def uuid7() -> UUID:
    """Return a time-ordered UUID (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)


def row_number(text: str) -> int | None:
    """Return the number of a row as people and addresses write it; None for all else, "²" and a thousand digits
    included."""
    return int(text) if _ROW_NUMBER.fullmatch(text) else None
