"""Read an HTTP/1.1 answer to a POST out of the bytes that have arrived. What is not plain is read by `http.client`."""

import http.client
import io
import re
from typing import NamedTuple

from secretary.kernel.adapters.exchange import Fate, HttpAnswer

EMPTY, CUT_OFF, NO_HTTP = 52, 18, 8  # libcurl's numbers, so that a reason reads the same by whichever way it came
HEAD = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [^\r\n]*)?\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)+)\r\n")
INTERIM = re.compile(rb"HTTP/1\.[01] 1[0-9]{2}(?: [^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n")
LENGTH = re.compile(rb"(?i)(?:^|\n)content-length:[ \t]*([0-9]+)[ \t]*\r")
IN_PARTS = re.compile(rb"(?i)(?:^|\n)transfer-encoding:")
CLOSES = re.compile(rb"(?i)(?:^|\n)connection:(?![ \t]*keep-alive[ \t]*\r)")
WITHOUT_BODY = (204, 304)


class Found(NamedTuple):
    answer: HttpAnswer
    is_kept: bool  # the connection may be used again


class _Held:
    """What `http.client` takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def lost(number: int) -> HttpAnswer:
    return HttpAnswer(Fate.LOST, reason=f"curl-{number}")


def read_answer(data: bytes, *, has_ended: bool) -> Found | None:
    """Return the whole answer; None where more must come. `has_ended`: nothing more will."""
    while interim := INTERIM.match(data):
        data = data[interim.end() :]
    head = HEAD.match(data)
    if head is None:
        return _odd(data, has_ended)
    status, headers, start = int(head[1]), head[2], head.end()
    lengths = LENGTH.findall(headers)
    if len(lengths) != 1 or len(lengths[0]) > 9 or IN_PARTS.search(headers) or status in WITHOUT_BODY:
        return _odd(data, has_ended)
    end = start + int(lengths[0])
    if len(data) < end:
        return Found(lost(CUT_OFF), is_kept=False) if has_ended else None
    is_kept = len(data) == end and not has_ended and CLOSES.search(headers) is None
    return Found(HttpAnswer(Fate.ANSWERED, status, data[start:end], raw_headers=data[:start]), is_kept)


def _odd(data: bytes, has_ended: bool) -> Found | None:
    """Read an answer in parts, one that ends with its connection, or what is no answer; the connection is not kept."""
    head, found, _ = data.partition(b"\r\n\r\n")
    if not found:
        return Found(lost(CUT_OFF if data else EMPTY), is_kept=False) if has_ended else None
    if len(set(LENGTH.findall(head + b"\r\n"))) > 1:
        return Found(lost(NO_HTTP), is_kept=False)
    response = http.client.HTTPResponse(_Held(data), method="POST")  # type: ignore[arg-type]
    try:
        response.begin()
        is_delimited = response.chunked or response.length is not None
        body = response.read()
    except http.client.IncompleteRead:
        return Found(lost(CUT_OFF), is_kept=False) if has_ended else None
    except (http.client.HTTPException, ValueError, OverflowError, OSError):  # a length beyond all memory, …
        return Found(lost(NO_HTTP), is_kept=False)
    if not (is_delimited or has_ended):
        return None
    if response.chunked and not data.endswith(b"\r\n\r\n"):  # the number that seems the last may be half of one
        return Found(lost(CUT_OFF), is_kept=False) if has_ended else None
    return Found(HttpAnswer(Fate.ANSWERED, response.status, body, raw_headers=head + found), is_kept=False)
