"""Find what a text must not have: digits as a number of their own, since ids and digests have any digits in a row."""

import re
from collections.abc import Iterable


def traces_in(text: str, traces: Iterable[str]) -> list[str]:
    """Return those that stand in the text."""
    return [trace for trace in traces if _stands(trace, text)]


def _stands(trace: str, text: str) -> bool:
    if trace.isdecimal():
        return re.search(rf"(?<![0-9A-Za-z]){trace}(?![0-9A-Za-z])", text) is not None
    return trace in text
