"""Read from an HTTP answer what is the same for every vendor, before the vendor's own codes."""

from collections.abc import Mapping
from typing import Any

import orjson

from notifications.channels.contract import Outcome, UnreadableCallback, Verdict
from secretary.kernel.adapters.exchange import Fate, HttpAnswer
from secretary.kernel.adapters.reading import UNREADABLE, http_code


def from_transport(reference: str, answer: HttpAnswer) -> Outcome | None:
    """Return the outcome when HTTP itself decides it; None for a 2xx or 4xx, which the vendor's codes explain.

    A 5xx may come from a proxy after the gateway had accepted the message: UNKNOWN. A 429, and a 503 with a
    Retry-After, are refusals: RETRY_LATER.
    """
    if answer.fate is Fate.NOT_SENT:
        return Outcome(reference, Verdict.RETRY_LATER, answer.reason)
    if answer.fate is Fate.UNSENDABLE:
        return Outcome(reference, Verdict.UNDELIVERABLE, answer.reason)  # this address stays invalid for this vendor
    if answer.fate is Fate.LOST:
        return Outcome(reference, Verdict.UNKNOWN, answer.reason)
    if 200 <= answer.status < 300:
        return None
    wait = answer.retry_after()
    if answer.status == 429 or (answer.status == 503 and wait is not None):
        return Outcome(reference, Verdict.RETRY_LATER, http_code(answer), retry_after=wait)
    if 400 <= answer.status < 500:
        return None
    return Outcome(reference, Verdict.UNKNOWN, http_code(answer))


def unreadable(reference: str, answer: HttpAnswer) -> Outcome:
    """Return the outcome when the body cannot be read: a 4xx is a refusal all the same, anything else is UNKNOWN."""
    if 400 <= answer.status < 500:
        return Outcome(reference, Verdict.RETRY_LATER, http_code(answer))
    return Outcome(reference, Verdict.UNKNOWN, "unreadable")


def callback_json(body: bytes) -> Any:
    """Return a callback's JSON. Raises UnreadableCallback."""
    try:
        return orjson.loads(body)
    except UNREADABLE:
        raise UnreadableCallback("not JSON") from None  # the cause would carry the body


def national(e164: str) -> str:
    """`+821012345678` → `01012345678`, as Korean gateways want it; other countries' numbers as digits."""
    return "0" + e164[3:] if e164.startswith("+82") else e164.removeprefix("+")


def text_values(values: Mapping[str, str], wrap: str = "{}") -> dict[str, str]:
    """Return the text with placeholders in a vendor's form: `wrap` is the form with `{}` for the name."""
    return {wrap.format(name): value for name, value in values.items()}
