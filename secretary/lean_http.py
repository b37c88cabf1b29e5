"""Answer plain HTTP requests on an event loop for a third of what aiohttp's server needs, and leave all others to it.

Plain: a POST of a callback, whole and with a body of stated length, over a connection that is kept. What is anything
else (a body in parts, a repeated header, a compressed body, another method) is handed over to aiohttp's own protocol
with the connection, unread and for good, so that there is no second reading of HTTP to keep right
(docs/adr/0057-one-receipt-one-request.md).
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

HEAD = re.compile(
    rb"POST (/webhooks/([-A-Za-z0-9_]+)/(?:\?[!-\"$-~]*)?) HTTP/1\.1\r\n"
    rb"((?:[-!#$%&'*+.^_`|~0-9A-Za-z]++:[\t -~]*+\r\n)++)\r\n"
)
ODD = frozenset(("transfer-encoding", "content-encoding", "expect", "upgrade", "connection"))
LONGEST = 65_536  # bytes of a body, and of what may wait behind a request; batches are longer and few
IDLE_SECONDS = 3630.0  # as aiohttp: longer than a proxy keeps it


class Plain(NamedTuple):
    """A request. `path` with its query, as it was called; `headers` by lower-case names."""

    gateway: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    peer: str


Answer = Callable[[HTTPStatus, Mapping[str, str]], None]
Take = Callable[[Plain, Answer], None]  # answers later, or at once; raises nothing


class Lean(asyncio.Protocol):
    """One connection, with one request under way at most."""

    def __init__(self, take: Take, others: Callable[[], asyncio.Protocol], *, alive: set["Lean"]) -> None:
        self._take, self._others, self._alive = take, others, alive
        self._held = b""
        self._is_paused = False
        self._is_last = False
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._peer = str((transport.get_extra_info("peername") or [""])[0])
        self._alive.add(self)
        self._loop = asyncio.get_running_loop()
        self._used_at = self._loop.time()
        self._idle = self._loop.call_later(IDLE_SECONDS, self._end_if_idle)

    def connection_lost(self, _: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._held = self._held + data if self._held else data
        if self.busy:
            if len(self._held) > LONGEST and not self._is_paused:
                self._transport.pause_reading()
                self._is_paused = True
        else:
            self._go_on()

    def part(self) -> None:
        """Close the connection after its next answer."""
        self._is_last = True

    def finish(self) -> None:
        """Close the connection after the request under way, at once where there is none."""
        self._is_last = True
        if not self.busy:
            self._transport.close()

    def _go_on(self) -> None:
        while self._held and not self.busy and not self._transport.is_closing():
            request, rest = read(self._held, self._peer)
            if request is None:
                if rest is None:
                    self._hand_over()
                return
            self._held = rest or b""
            self._used_at = self._loop.time()
            self.busy = True
            self._take(request, self._answer)

    def _answer(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.busy = False
        if self._transport.is_closing():
            return
        self._transport.write(answered(status, {**headers, "Connection": "close"} if self._is_last else headers))
        if self._is_last:
            self._transport.close()
            return
        if self._is_paused:
            self._transport.resume_reading()
            self._is_paused = False
        if self._held:
            self._loop.call_soon(self._go_on)

    def _hand_over(self) -> None:
        self._leave()
        others = self._others()
        self._transport.set_protocol(others)
        others.connection_made(self._transport)
        others.data_received(self._held)

    def _leave(self) -> None:
        self._alive.discard(self)
        self._idle.cancel()

    def _end_if_idle(self) -> None:
        left = self._used_at + IDLE_SECONDS - self._loop.time()
        if left <= 0 and not self.busy:
            self._transport.close()
        else:
            self._idle = self._loop.call_later(max(left, 1.0), self._end_if_idle)


def read(data: bytes, peer: str) -> tuple[Plain | None, bytes | None]:
    """Return the first request and what follows it. Without a request: b"" where the rest of its body is still to
    come, None where it is no plain request."""
    head = HEAD.match(data)
    if head is None:
        return None, None
    lines = head.group(3).decode("ascii").split("\r\n")
    lines.pop()
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    length, end = headers.get("content-length", ""), head.end()
    if len(headers) != len(lines) or not length.isdecimal() or len(length) > 9 or _is_odd(headers):
        return None, None
    end += int(length)
    if len(data) < end:
        return None, b"" if int(length) <= LONGEST else None
    path, gateway = head.group(1).decode("ascii"), head.group(2).decode("ascii")
    return Plain(gateway, path, headers, data[head.end() : end], peer), data[end:]


def _is_odd(headers: Mapping[str, str]) -> bool:
    odd = ODD.intersection(headers)
    return bool(odd) and not (odd == {"connection"} and headers["connection"].lower() == "keep-alive")


_dated: tuple[int, str] = 0, ""


def _date() -> str:
    global _dated
    second = int(time.time())
    if _dated[0] != second:
        _dated = second, formatdate(second, usegmt=True)
    return _dated[1]


def answered(status: HTTPStatus, headers: Mapping[str, str]) -> bytes:
    """Return an answer without a body."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: 0\r\nDate: {_date()}\r\n{lines}\r\n".encode()
