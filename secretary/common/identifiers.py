"""Row identities that are made before the row exists, so that encryption can bind a value to its row."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)
