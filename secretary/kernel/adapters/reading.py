"""Read and write vendors' JSON in the way that all adapters share, before they read the vendor's own codes."""

import json
from collections.abc import Collection
from datetime import datetime, tzinfo
from typing import Any

import orjson

from secretary.kernel.adapters.exchange import HttpAnswer

# What reading an answer of an unexpected shape can raise (RecursionError: JSON nested without end); adapters
# turn it into UNKNOWN, never into a guess.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


def label(value: object, limit: int = 80) -> str:
    """Return a vendor's code or id as we keep it: printable ASCII and no longer than its column."""
    text = str(value)
    if text.isascii() and text.isprintable() and " " not in text:
        return text[:limit]
    return "".join(sign for sign in text if "!" <= sign <= "~")[:limit]


def are_labels(values: Collection[str], limit: int = 80) -> bool:
    """Return whether `label` would leave each of them as it is. Raises TypeError where one is no text."""
    joined = "".join(values)
    short = max(map(len, values), default=0) <= limit
    return short and joined.isascii() and joined.isprintable() and " " not in joined


def code_label(value: object) -> str:
    return label(value, 40)


def instant(value: object, zone: tzinfo) -> datetime | None:
    """Return a vendor's time (ISO 8601 or `YYYY-MM-DD HH:MM:SS.S`); `zone` where it names none; None if unreadable."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def http_code(answer: HttpAnswer) -> str:
    return f"http-{answer.status}"


def mapping(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises ValueError for anything else."""
    value = orjson.loads(body)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def dump(value: object) -> bytes:
    """JSON in UTF-8. Half a surrogate pair, which no phone could show, becomes a question mark."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
