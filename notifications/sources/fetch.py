"""GET one page of an untrusted source: bounded in size and time, with failures that tell a retry from a refusal.

The address never appears in a message or an exception chain: its query holds the service key.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from notifications.sources.contract import SourceRefused, SourceUnavailable
from secretary.kernel.http.outbound import CONNECT_SECONDS, OutboundRefused, check_url

_CHUNK = 65_536
_LONGEST_WAIT = 86_400.0
_MOST_OF_AN_ERROR = 65_536  # bytes: an envelope has a few hundred

Failure = SourceRefused | SourceUnavailable


def fetch(
    session: requests.Session,
    url: str,
    params: Mapping[str, str],
    *,
    max_bytes: int,
    read_seconds: float,
    total_seconds: float,
    explain: Callable[[bytes], Failure | None] = lambda _body: None,
) -> bytes:
    """Return the body of a 200. Raises SourceUnavailable (network, 429, 5xx) or SourceRefused (all else).

    `explain`: reads the source's own error out of the body of an HTTP error, where it has one.
    """
    give_up_at = time.monotonic() + total_seconds
    try:
        check_url(url)
        with session.get(
            url,
            params=dict(params),
            headers={"Accept-Encoding": "identity"},
            timeout=(CONNECT_SECONDS, read_seconds),
            stream=True,
        ) as response:
            if response.status_code != 200:
                raise explain(_beginning(response, give_up_at)) or _failure(response)
            return _read(response, max_bytes, give_up_at)
    except OutboundRefused as error:
        raise SourceRefused(error.code, error.detail) from None
    except requests.exceptions.SSLError:
        raise SourceRefused("tls", "the source's certificate was not accepted") from None
    except requests.exceptions.InvalidURL:
        raise SourceRefused("bad_url", "the address cannot be read") from None
    except requests.exceptions.RequestException as error:
        raise SourceUnavailable("network", type(error).__name__) from None


def _failure(response: requests.Response) -> Failure:
    status = response.status_code
    code, detail = f"http_{status}", "the source answered with an error"
    if status == 429 or status >= 500:
        return SourceUnavailable(code, detail, retry_after=_retry_after(response.headers.get("Retry-After", "")))
    return SourceRefused(code, detail)


def _read(response: requests.Response, max_bytes: int, give_up_at: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK):
        size += len(part)
        if size > max_bytes:
            raise SourceRefused("too_large", f"a page of more than {max_bytes} bytes")
        if time.monotonic() > give_up_at:
            raise SourceUnavailable("too_slow", "the page did not end in time")
        parts.append(part)
    return b"".join(parts)


def _beginning(response: requests.Response, give_up_at: float) -> bytes:
    """Return the beginning of an error's body: a long or slow error page must not turn into another error."""
    body = b""
    for part in response.iter_content(_CHUNK):
        body += part
        if len(body) > _MOST_OF_AN_ERROR or time.monotonic() > give_up_at:
            break
    return body[:_MOST_OF_AN_ERROR]


def _retry_after(text: str) -> float | None:
    """Return seconds from either form of Retry-After (RFC 9110 §10.2.3), at most a day."""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return min(float(text), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT)
