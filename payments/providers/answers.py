"""Conclude from an HTTP answer what holds for every provider, before the vendor's own codes are read."""

from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from typing import Any

from payments.providers.contract import (
    Outcome,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    UnreadableCallback,
    Verdict,
)
from secretary.kernel.adapters.exchange import Fate, HttpAnswer
from secretary.kernel.adapters.reading import UNREADABLE, code_label, http_code, label, mapping

KST = timezone(timedelta(hours=9))  # without daylight saving since 1988
VENDOR_ID = 200  # characters: Toss's paymentKey is the longest

Body = Mapping[str, Any]


def of_confirm(answer: HttpAnswer) -> Outcome | None:
    """Return the outcome when HTTP itself decides it; None for a 2xx or 4xx, which the vendor's own codes explain.

    A 5xx may come from a proxy after the money was captured: UNKNOWN. A 429 is a refusal before anything: OPEN.
    """
    if answer.fate in (Fate.NOT_SENT, Fate.UNSENDABLE):
        return Outcome(Verdict.OPEN, code=answer.reason)
    if answer.fate is Fate.LOST:
        return Outcome(Verdict.UNKNOWN, code=answer.reason)
    if answer.status == 429:
        return Outcome(Verdict.OPEN, code=http_code(answer), retry_after=answer.retry_after())
    return None if explained(answer) else Outcome(Verdict.UNKNOWN, code=http_code(answer))


def of_poll(answer: HttpAnswer) -> Outcome | None:
    """As `of_confirm`, of a question: where it was not answered, nothing is known."""
    settled = of_confirm(answer)
    if settled is None:
        return None
    return Outcome(Verdict.UNKNOWN, code=settled.code, retry_after=settled.retry_after)


def of_refund(answer: HttpAnswer) -> Refunded | None:
    """As `of_confirm`, of a refund: anything but an answer is polled and tried again."""
    settled = of_confirm(answer)
    return None if settled is None else Refunded(RefundVerdict.UNKNOWN, code=settled.code)


def explained(answer: HttpAnswer) -> bool:
    return answer.fate is Fate.ANSWERED and (200 <= answer.status < 300 or 400 <= answer.status < 500)


def succeeded(answer: HttpAnswer) -> bool:
    return answer.fate is Fate.ANSWERED and 200 <= answer.status < 300


def body_of(answer: HttpAnswer, refusal: Callable[[Body], str]) -> Body:
    """Return the answer to a call that captures no money. Raises ProviderRefused with `refusal(body)`,
    ProviderUnavailable."""
    if not explained(answer) or answer.status == 429:
        raise ProviderUnavailable(answer.reason or http_code(answer))
    try:
        body = mapping(answer.body)
        code = "" if succeeded(answer) else refusal(body)
    except UNREADABLE:
        raise ProviderUnavailable("unreadable") from None
    if code or not succeeded(answer):
        raise ProviderRefused(code_label(code) or http_code(answer))
    return body


def unreadable(answer: HttpAnswer) -> Outcome:
    return Outcome(Verdict.UNKNOWN, code="unreadable" if succeeded(answer) else http_code(answer))


def won(value: object) -> int:
    """Return an amount as a vendor writes it: 40000, 40000.0 or "40000". Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("no amount")
    amount = int(value)
    if amount != float(value):
        raise ValueError("not whole won")
    return amount


def claimed(text: str) -> int | None:
    """Return an amount that a browser brought."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def vendor_label(value: object) -> str:
    return label(value, VENDOR_ID)


def web_address(value: object) -> str:
    """Return an address that a citizen's browser may be sent to. Raises ValueError."""
    text = str(value)
    if not text.startswith(("https://", "http://")) or not text.isprintable() or " " in text:
        raise ValueError("no web address")
    return text


def callback_body(body: bytes) -> Body:
    """Return a callback's JSON object. Raises UnreadableCallback."""
    try:
        return mapping(body)
    except UNREADABLE:
        raise UnreadableCallback("not a JSON object") from None  # the cause would carry the body
