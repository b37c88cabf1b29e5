"""Write the present instant as headers do, once for each second: two headers of each answer say it."""

import time
from email.utils import formatdate

_kept: tuple[int, str] = (0, "")


def http_date_now() -> str:
    """Return it as RFC 9110 §5.6.7 has it: Mon, 30 Nov 2026 12:00:00 GMT"""
    global _kept
    second, kept = int(time.time()), _kept
    if kept[0] != second:
        _kept = kept = (second, formatdate(second, usegmt=True))
    return kept[1]
