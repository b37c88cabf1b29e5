"""Mask a refused value: how it is written, and nothing of what it says.

"홍길동" becomes 가가가, and "2026/13/40" 9999/99/99.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

LONGEST = 40
_SIGNS = {"Nd": "9", "Lu": "A", "Ll": "a"}  # by the Unicode category


def masked_value(data: Mapping[str, Any] | None, where: str) -> str:
    """Return the value that the reason is about, masked; "" where the line has none at that place."""
    name = where.partition(":")[0]
    for part in ((data or {}).get("fields"), (data or {}).get("subject"), data):
        if isinstance(part, Mapping) and part.get(name) is not None:
            return masked(part[name])
    return ""


def masked(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return "{…}"
    text = str(value)
    shown = "".join(map(_sign, text[:LONGEST]))
    return f"{shown}… ({len(text)})" if len(text) > LONGEST else shown


def _sign(sign: str) -> str:
    """Return a digit as 9, a letter as one of its kind, and punctuation as it is."""
    category = unicodedata.category(sign)
    if category in _SIGNS:
        return _SIGNS[category]
    if category.startswith(("L", "M")):
        return "가"
    return sign if category.startswith(("P", "Z", "S")) else "?"
