"""Speak to a biller over HTTP: our own small protocol, which docs/agency-biller.md describes for agencies.

Signed by Standard Webhooks. A query has no body, so that its request line (`GET /v1/debts/A-1`, with the query,
without the host) is signed in its place: the signature of one query is not valid for another. Answers are
protected by TLS alone.
"""

import json
import secrets as random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests

from payments.billers.contract import (
    Acknowledged,
    BillerRefused,
    BillerUnavailable,
    Debt,
    DebtState,
    PostedLine,
    Posting,
)
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump, label, mapping
from secretary.kernel.http import outbound
from secretary.kernel.http.standard_webhooks import secret_bytes, sign

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 3.0, 5.0, 8.0  # a citizen waits for the answer
MAX_ANSWER = 2_000_000
MOST = 10**12  # won
T = TypeVar("T")
FINAL = (400, 404, 409, 410, 422)  # with a code: the same answer tomorrow. All else, 401 too, is mended and tried again


def env_names(agency_code: str) -> tuple[str, str]:
    """Return where the biller of an agency is, without a slash at the end; and the secret that both know (whsec_…)."""
    return f"BILLER_{agency_code.upper()}_URL", f"BILLER_{agency_code.upper()}_SECRET"


class HttpBiller:
    def __init__(
        self,
        base_url: str,
        secret: bytes,
        *,
        allow_private: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._base_url, self._secret, self._clock = base_url.rstrip("/"), secret, clock
        self._session = outbound.session(allow_private=allow_private)

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, agency_code: str, allow_private: bool = False) -> "HttpBiller":
        url, secret = env_names(agency_code)
        return cls(env[url], secret_bytes(env[secret]), allow_private=allow_private)

    def poll(self, external_id: str) -> Debt:
        return _read(_debt, self._get(f"/debts/{quote(external_id, safe='')}"))

    def report(self, posting: Posting) -> Acknowledged:
        """Under the posting's own id, so that a repetition is known by its header already."""
        body = {
            "posting_id": posting.posting_id,
            "external_id": posting.external_id,
            "kind": posting.kind,
            "amount": posting.amount,
            "happened_at": posting.happened_at.isoformat(),
            "receipt_number": posting.receipt_number,
            "provider": posting.provider,
        }
        return _read(_acknowledged, self._call("POST", "/postings", posting.posting_id, dump(body)))

    def posted(self, day: date) -> Sequence[PostedLine]:
        """Return all pages; the agency's own word leads from one to the next."""
        lines: list[PostedLine] = []
        after = ""
        while True:
            query = {"day": day.isoformat(), **({"after": after} if after else {})}
            found, following = _read(_page, self._get(f"/postings?{urlencode(query)}"))
            lines += found
            if not following or following == after:
                return lines
            after = following

    def _get(self, target: str) -> bytes:
        return self._call("GET", target, f"ask_{random.token_hex(16)}", None)

    def _call(self, method: str, target: str, message_id: str, body: bytes | None) -> bytes:
        """Return the body of a good answer. Raises BillerRefused, BillerUnavailable."""
        try:
            request = self._session.prepare_request(requests.Request(method, f"{self._base_url}{target}", data=body))
            signed = f"{method} {request.path_url}".encode() if body is None else body
            request.headers.update(sign(message_id, self._clock(), signed, self._secret))
            request.headers["Content-Type"] = "application/json"
            status, answer = self._exchange(request)
        except (requests.RequestException, outbound.OutboundRefused, OSError) as error:
            raise BillerUnavailable(type(error).__name__) from None  # its text would carry the address
        if 200 <= status < 300:
            return answer
        raise _refusal(status, answer)

    def _exchange(self, request: requests.PreparedRequest) -> tuple[int, bytes]:
        give_up_at = time.monotonic() + TOTAL_SECONDS
        with self._session.send(request, timeout=(CONNECT_SECONDS, READ_SECONDS), stream=True) as response:
            parts, size = [], 0
            for part in response.iter_content(65_536):
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER or time.monotonic() > give_up_at:
                    raise BillerUnavailable("too long")
            return response.status_code, b"".join(parts)


ADAPTER = HttpBiller


def _read(read: Callable[[bytes], T], answer: bytes) -> T:
    """Read an answer. Raises BillerUnavailable where it has another shape: nothing is concluded from it."""
    try:
        return read(answer)
    except UNREADABLE:
        raise BillerUnavailable("unreadable") from None


def _refusal(status: int, answer: bytes) -> BillerRefused | BillerUnavailable:
    if status in FINAL:
        try:
            code = code_label(mapping(answer)["code"])
        except UNREADABLE:
            code = ""
        if code:
            return BillerRefused(code)
    return BillerUnavailable(f"http-{status}")


def _debt(answer: bytes) -> Debt:
    body = mapping(answer)
    amount, version = body.get("amount"), body.get("version")
    return Debt(DebtState(body["state"]), _count(amount), _count(version))


def _acknowledged(answer: bytes) -> Acknowledged:
    reference = label(mapping(answer)["reference"])
    if not reference:
        raise ValueError("no reference")
    return Acknowledged(reference)


def _page(answer: bytes) -> tuple[list[PostedLine], str]:
    body = json.loads(answer)
    return [_line(item) for item in body["postings"]], str(body.get("next") or "")


def _line(item: Mapping[str, Any]) -> PostedLine:
    posted_at = datetime.fromisoformat(item["posted_at"])
    amount = item["amount"]
    if posted_at.tzinfo is None or isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError("a time without an offset, or no amount")
    return PostedLine(_text(item["posting_id"]), _text(item["external_id"]), amount, posted_at)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise ValueError("no number of a posting or debt")
    return value


def _count(value: object) -> int | None:
    """Return a whole number that is not negative, or None. Raises ValueError for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError("no whole number")
    return value
