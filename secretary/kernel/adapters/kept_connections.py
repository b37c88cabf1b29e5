"""Exchange POSTs over kept connections for half of what libcurl needs for each (docs/adr/0067).

Connections are opened only to an address from which libcurl has had an answer within the last minute. What they cannot
take is left to libcurl, unsent. A request of which a byte may have left is given to no other: it ends answered or lost.
"""

import errno
import select
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from secretary.kernel.adapters.answer_bytes import lost, read_answer
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.timing import Timing

KNOWN_SECONDS = 60.0  # how long an address counts, as libcurl keeps it
IDLE_SECONDS = 50.0  # an older connection may have been given up on the other side
LONGEST_SLEEP = 1.0
CHUNK = 65_536
LONGEST = 16_000  # bytes of a body that it takes: with its head one record of TLS, and room in any socket
SEND_FAILED, TIMED_OUT, RECEIVE_FAILED, TOO_LONG = 55, 28, 56, 23  # libcurl's numbers
IS_HERE = hasattr(select, "epoll")  # Linux; elsewhere libcurl sends everything
NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Origin(NamedTuple):
    is_secure: bool
    host: str  # as its certificate must name it
    port: int


def origin_of(url: str) -> Origin | None:
    """Return where a URL leads; None for one that only libcurl may judge."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    is_plain = parts.scheme in ("http", "https") and url.isascii() and url.isprintable() and " " not in url
    if not is_plain or not parts.hostname or parts.username is not None or parts.fragment:
        return None
    return Origin(parts.scheme == "https", parts.hostname, port)


class Connection:
    """One connection: being opened, ready, or with one request under way."""

    __slots__ = ("answer", "index", "socket", "until")

    def __init__(self, opening: socket.socket, until: float) -> None:
        self.socket = opening
        self.until = until  # of its opening, its request or its idleness, by time.monotonic()
        self.index = -1
        self.answer = b""


def _close(connections: dict[int, Connection]) -> None:
    for connection in connections.values():
        connection.socket.close()


class KeptConnections:
    """Connections to the origin that is known, `connections` at most."""

    def __init__(self, *, connections: int, timing: Timing, max_answer: int) -> None:
        self._most, self._timing, self._max_answer = connections, timing, max_answer
        self._origin = Origin(False, "", 0)
        self._address = "", 0
        self._known_until = 0.0
        self._all: dict[int, Connection] = {}  # by descriptor
        self._opening: dict[Connection, None] = {}  # the oldest first
        self._busy: dict[Connection, None] = {}  # the oldest first
        self._ready: list[Connection] = []
        self._epoll = select.epoll()
        self._tls: ssl.SSLContext | None = None
        self._url, self._head = "", b""
        self._headers: Mapping[str, str] = {}
        weakref.finalize(self, _close, self._all)

    def knows(self, origin: Origin) -> bool:
        return origin == self._origin and not self.wants_address

    @property
    def wants_address(self) -> bool:
        return time.monotonic() >= self._known_until

    def learn(self, origin: Origin, address: str, port: int) -> None:
        """Note that libcurl has had an answer of `origin` from there."""
        if (origin, (address, port)) != (self._origin, self._address):
            for connection in list(self._all.values()):
                self._drop(connection)
            self._origin, self._address = origin, (address, port)
        self._known_until = time.monotonic() + KNOWN_SECONDS

    def perform(
        self,
        requests: Sequence[HttpRequest],
        answers: list[HttpAnswer | None],
        *,
        give_up_at: float,
        patience: Callable[[], float],
    ) -> None:
        """Send what it can and write the answers; None stays where nothing was sent.

        `patience`: called between two waits; the seconds until it wants to be called again.
        """
        if not requests or not self._is_headed_for(requests[0]):
            return
        waiting = deque(index for index, request in enumerate(requests) if self._takes(request))
        self._drop_what_ended(answers)
        while waiting or self._busy:
            now = time.monotonic()
            while waiting and self._ready and now < give_up_at:
                index = waiting.popleft()
                if not self._send(index, requests[index], answers):
                    waiting.appendleft(index)
            if waiting and now < give_up_at:
                self._open(len(waiting))
            if not self._busy and not (waiting and self._opening and now < give_up_at):
                break
            self._wait(answers, patience())
        for connection in list(self._opening):
            self._drop(connection)

    def _is_headed_for(self, request: HttpRequest) -> bool:
        """Write the head that requests like this one share, up to the number of bytes; return whether it can be sent
        from here."""
        origin = origin_of(request.url)
        if origin is None or not self.knows(origin):
            return False
        if request.url == self._url and request.headers is self._headers:
            return True
        parts = urlsplit(request.url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", "User-Agent: public-secretary"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        if not all(line.isascii() and line.isprintable() for line in lines):
            return False  # libcurl's pool has an answer for it
        self._head = "".join([f"{line}\r\n" for line in lines]).encode()
        self._url, self._headers = request.url, request.headers
        return True

    def _takes(self, request: HttpRequest) -> bool:
        body, is_alike = request.body, request.headers is self._headers and request.url == self._url
        return is_alike and body is not None and not request.repeatable and len(body) <= LONGEST

    def _open(self, wanted: int) -> None:
        """Open as many connections as requests wait for one, within the limit."""
        while len(self._opening) < wanted and len(self._all) < self._most and self._known_until:
            try:
                opening = self._begun()
            except (OSError, ValueError):  # no descriptor is left, an address of another family, …
                self._give_up_opening()
                return
            connection = Connection(opening, time.monotonic() + self._timing.connect_seconds)
            self._all[opening.fileno()] = connection
            self._opening[connection] = None
            self._epoll.register(opening.fileno(), select.EPOLLOUT)

    def _begun(self) -> socket.socket:
        """Return a socket that connects. Raises OSError, ValueError."""
        opening = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET)
        try:
            opening.setblocking(False)
            opening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._origin.is_secure:
                context, host = self._context(), self._origin.host
                opening = context.wrap_socket(opening, server_hostname=host, do_handshake_on_connect=False)
            failed = opening.connect_ex(self._address)
            if failed not in (0, errno.EINPROGRESS):
                raise OSError(failed, "not connected")
        except BaseException:
            opening.close()
            raise
        return opening

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()  # checks the certificate and its name
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._tls

    def _go_on_opening(self, connection: Connection) -> None:
        opening = connection.socket
        try:
            if opening.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._give_up_opening()
                return
            if isinstance(opening, ssl.SSLSocket):
                opening.do_handshake()
        except ssl.SSLWantReadError:
            self._epoll.modify(opening.fileno(), select.EPOLLIN)
        except ssl.SSLWantWriteError:
            self._epoll.modify(opening.fileno(), select.EPOLLOUT)
        except (OSError, ValueError):  # a certificate that does not fit is either
            self._give_up_opening()
        else:
            self._epoll.modify(opening.fileno(), select.EPOLLIN)
            del self._opening[connection]
            self._keep(connection)

    def _give_up_opening(self) -> None:
        """Open nothing until libcurl has had another answer; what is open already goes on."""
        self._known_until = 0.0
        for connection in list(self._opening):
            self._drop(connection)

    def _send(self, index: int, request: HttpRequest, answers: list[HttpAnswer | None]) -> bool:
        """Send over a ready connection; return False where not a byte has left."""
        connection = self._ready.pop()
        assert request.body is not None
        data = b"%bContent-Length: %d\r\n\r\n%b" % (self._head, len(request.body), request.body)
        try:
            sent = connection.socket.send(data)
        except OSError:
            sent = 0
            if not isinstance(connection.socket, ssl.SSLSocket):
                self._drop(connection)
                return False
        connection.index, connection.answer = index, b""
        connection.until = time.monotonic() + self._timing.total_seconds
        self._busy[connection] = None
        if sent < len(data):
            self._end(connection, answers, lost(SEND_FAILED))
        return True

    def _wait(self, answers: list[HttpAnswer | None], patience: float) -> None:
        now = time.monotonic()
        ends = [next(iter(some)).until - now for some in (self._busy, self._opening) if some]
        for descriptor, _ in self._epoll.poll(max(0.0, min(LONGEST_SLEEP, patience, *ends))):
            connection = self._all.get(descriptor)
            if connection in self._opening:
                self._go_on_opening(connection)
            elif connection is not None:
                self._read(connection, answers)
        now = time.monotonic()
        while self._busy and (oldest := next(iter(self._busy))).until <= now:
            self._end(oldest, answers, lost(TIMED_OUT))
        if self._opening and next(iter(self._opening)).until <= now:
            self._give_up_opening()

    def _read(self, connection: Connection, answers: list[HttpAnswer | None]) -> None:
        try:
            arrived = connection.socket.recv(CHUNK)
            if isinstance(connection.socket, ssl.SSLSocket) and (held := connection.socket.pending()):
                arrived += connection.socket.recv(held)
        except NOT_YET:
            return
        except OSError:
            arrived = None
        if connection not in self._busy:
            self._drop(connection)  # closed, or it says what was not asked
            return
        if arrived is None:
            self._end(connection, answers, lost(RECEIVE_FAILED))
            return
        connection.answer = connection.answer + arrived if connection.answer else arrived
        if len(connection.answer) > self._max_answer:
            self._end(connection, answers, lost(TOO_LONG))
        elif found := read_answer(connection.answer, has_ended=not arrived):
            self._end(connection, answers, found.answer, is_kept=found.is_kept)

    def _end(
        self, connection: Connection, answers: list[HttpAnswer | None], answer: HttpAnswer, *, is_kept: bool = False
    ) -> None:
        answers[connection.index] = answer
        del self._busy[connection]
        if is_kept:
            self._keep(connection)
        else:
            self._drop(connection)

    def _keep(self, connection: Connection) -> None:
        connection.until = time.monotonic() + IDLE_SECONDS
        self._ready.append(connection)

    def _drop_what_ended(self, answers: list[HttpAnswer | None]) -> None:
        """Drop the ready connections that are old, or that were closed or written to since they were used."""
        now = time.monotonic()
        for connection in [each for each in self._ready if each.until < now]:
            self._drop(connection)
        for descriptor, _ in self._epoll.poll(0):
            self._read(self._all[descriptor], answers)

    def _drop(self, connection: Connection) -> None:
        self._opening.pop(connection, None)
        with suppress(ValueError):
            self._ready.remove(connection)
        del self._all[connection.socket.fileno()]
        self._epoll.unregister(connection.socket.fileno())
        connection.socket.close()
