"""Send many small HTTP requests at once over kept-alive connections, and report what happened to each.

Why not `requests` or the vendors' clients, and what libcurl would do by default: docs/adr/0002-bulk-http.md.
"""

import math
import os
import time
from collections import deque
from collections.abc import Mapping, Sequence
from io import BytesIO

import pycurl

from secretary.kernel.adapters.exchange import Fate, HttpAnswer, HttpRequest
from secretary.kernel.adapters.kept_connections import IS_HERE, KeptConnections, origin_of
from secretary.kernel.adapters.timing import USUAL, Timing

__all__ = ["BulkHttp", "Fate", "HttpAnswer", "HttpRequest"]

_LONGEST_SLEEP = 1.0  # seconds without news from any connection


class _Slot:
    """One reusable easy handle. libcurl keeps its connection in the multi handle's pool, and the handle its options:
    setting those of a request anew cost a third of it."""

    def __init__(self, options: Sequence[tuple[int, object]], max_answer: int) -> None:
        self.curl = pycurl.Curl()
        for option, value in options:
            self.curl.setopt(option, value)
        self.curl.setopt(pycurl.SEEKFUNCTION, self._rewind)
        self.curl.setopt(pycurl.READFUNCTION, self._read)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._write)
        self._head: list[bytes] = []  # the lines of the answer's headers
        self.curl.setopt(pycurl.HEADERFUNCTION, self._head.append)
        self._max_answer = max_answer
        self.index = -1
        self.url = ""
        self._headers: Mapping[str, str] | None = None
        self._posts = False

    def load(self, index: int, request: HttpRequest) -> None:
        self.index, self._answer, self._size = index, list[bytes](), 0
        self._head.clear()
        curl = self.curl
        if request.url != self.url:
            curl.setopt(pycurl.URL, request.url)
            self.url = request.url
        if request.headers is not self._headers:  # the same mapping for a whole batch: parsed once
            # An empty `Expect` keeps libcurl from waiting for a 100 Continue.
            curl.setopt(pycurl.HTTPHEADER, [*_header_lines(request.headers), "Expect:"])
            self._headers = request.headers
        if request.body is None:
            curl.setopt(pycurl.HTTPGET, 1)
            self._posts = False
        else:
            self._load_body(request.body, request.repeatable)

    def _load_body(self, body: bytes, repeatable: bool) -> None:
        self._body, self._repeatable = BytesIO(body), repeatable
        if not self._posts:
            self.curl.setopt(pycurl.POST, 1)
            self._posts = True
        self.curl.setopt(pycurl.POSTFIELDSIZE, len(body))

    def _read(self, size: int) -> bytes:
        return self._body.read(size)

    def _write(self, chunk: bytes) -> int:
        """Keep a part of the answer, up to a limit: taking less than was given makes libcurl end the transfer."""
        self._size += len(chunk)
        if self._size > self._max_answer:
            return 0
        self._answer.append(chunk)
        return len(chunk)

    def _rewind(self, offset: int, origin: int) -> int:
        # When a kept-alive connection dies without an answer, libcurl would send the POST a second time by itself
        # (its guess: "the connection was stale"). It may not rewind this body, so it gives up, and we report "lost".
        if not self._repeatable:
            return int(pycurl.SEEKFUNC_FAIL)
        self._body.seek(offset, origin)
        return int(pycurl.SEEKFUNC_OK)

    def answer(self) -> HttpAnswer:
        return HttpAnswer(
            Fate.ANSWERED,
            self.curl.getinfo(pycurl.RESPONSE_CODE),
            b"".join(self._answer),
            raw_headers=b"".join(self._head),
        )

    def failure(self, number: int) -> HttpAnswer:
        # REQUEST_SIZE counts the bytes of this request that went out, headers and body: none means not sent.
        sent = self.curl.getinfo(pycurl.REQUEST_SIZE) > 0
        return HttpAnswer(Fate.LOST if sent else Fate.NOT_SENT, reason=f"curl-{number}")


class BulkHttp:
    """A pool of connections to one or more gateways; one thread at a time, safe to build before a fork.

    `connections`: requests in flight at once. `timing`: how long they may take, so that a silent gateway outlasts
    neither the task's time limit nor the claim's lease. `one_by_one`: its POSTs are many and short, one for each
    message: once libcurl has had an answer, they go over `kept_connections.py`. `certificate`, `key`: PEM files of our
    client certificate (mTLS). `ca`: PEM file of accepted authorities, "" for the system's.
    """

    def __init__(
        self,
        *,
        connections: int = 64,
        timing: Timing = USUAL,
        max_answer: int = 4_000_000,
        one_by_one: bool = False,
        certificate: str = "",
        key: str = "",
        ca: str = "",
    ) -> None:
        self._connections = connections
        self._timing = timing
        self._max_answer = max_answer
        self._options = _options(timing, certificate, key, ca)
        self._one_by_one = one_by_one and IS_HERE and not (certificate or key or ca)
        self._kept: KeptConnections | None = None
        self._pid = 0

    def perform(self, requests: Sequence[HttpRequest]) -> list[HttpAnswer]:
        """Send all; the answers come in the order of the requests. Never raises for what the network does."""
        self._open_for_this_process()
        try:
            return self._perform(requests)
        except BaseException:  # a task whose time is over: what is under way must not answer later requests
            self._pid = 0
            raise

    def _perform(self, requests: Sequence[HttpRequest]) -> list[HttpAnswer]:
        answers: list[HttpAnswer | None] = [None] * len(requests)
        patience, give_up_at = _Patience(self._timing), time.monotonic() + self._timing.batch_seconds
        if self._kept is not None:
            self._kept.perform(requests, answers, give_up_at=give_up_at, patience=patience)
        waiting = deque(index for index, answer in enumerate(answers) if answer is None)
        while True:
            while self._idle and waiting and time.monotonic() < give_up_at:
                index = waiting.popleft()
                answers[index] = self._start(index, requests[index])
            if not self._busy:
                break
            self._drive(answers, patience())
        return [answer or HttpAnswer(Fate.NOT_SENT, reason="batch-time-over") for answer in answers]

    def _open_for_this_process(self) -> None:
        # A connection shared by two processes would mix two citizens' messages.
        if self._pid == os.getpid():
            return
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, self._connections)
        self._idle = [_Slot(self._options, self._max_answer) for _ in range(self._connections)]
        self._busy: dict[pycurl.Curl, _Slot] = {}
        if self._one_by_one:
            self._kept = KeptConnections(
                connections=self._connections, timing=self._timing, max_answer=self._max_answer
            )
        self._pid = os.getpid()

    def _start(self, index: int, request: HttpRequest) -> HttpAnswer | None:
        slot = self._idle.pop()
        try:
            slot.load(index, request)
        except ValueError:  # text that is no ASCII, a line break in a header: one address must not stop a batch
            self._idle.append(_Slot(self._options, self._max_answer))
            return HttpAnswer(Fate.UNSENDABLE, reason="unsendable")
        self._multi.add_handle(slot.curl)
        self._busy[slot.curl] = slot
        return None

    def _drive(self, answers: list[HttpAnswer | None], patience: float) -> None:
        """Move every transfer on; where none ends, wait for news, at most until patience is over."""
        self._multi.perform()
        if not self._collect(answers):
            due = self._multi.timeout()  # milliseconds to libcurl's next timer, -1 for none
            self._multi.select(max(0.0, min(_LONGEST_SLEEP if due < 0 else due / 1000, _LONGEST_SLEEP, patience)))

    def _collect(self, answers: list[HttpAnswer | None]) -> int:
        collected = 0
        while True:
            waiting, done, failed = self._multi.info_read()
            for curl in done:
                self._finish(curl, answers, 0)
            for curl, number, _text in failed:
                self._finish(curl, answers, number)
            collected += len(done) + len(failed)
            if not waiting:
                return collected

    def _finish(self, curl: pycurl.Curl, answers: list[HttpAnswer | None], error: int) -> None:
        slot = self._busy.pop(curl)
        answers[slot.index] = slot.failure(error) if error else slot.answer()
        if self._kept is not None and not error and self._kept.wants_address and (origin := origin_of(slot.url)):
            self._kept.learn(origin, curl.getinfo(pycurl.PRIMARY_IP), curl.getinfo(pycurl.PRIMARY_PORT))
        self._multi.remove_handle(curl)
        self._idle.append(slot)


class _Patience:
    """Lets go once of what must not be held while a server is slow (`Timing`)."""

    def __init__(self, timing: Timing) -> None:
        self._let_go, self._at = timing.let_go, time.monotonic() + timing.patience_seconds

    def __call__(self) -> float:
        """Return the seconds until then."""
        if time.monotonic() >= self._at:
            self._at = math.inf
            self._let_go()
        return self._at - time.monotonic()


def _header_lines(headers: Mapping[str, str]) -> list[str]:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("a header that is not printable ASCII")
    return lines


def _options(timing: Timing, certificate: str, key: str, ca: str) -> list[tuple[int, object]]:
    """Return what every handle has; no redirects, no proxy out of the environment, HTTP/1.1 (see the ADR)."""
    options: list[tuple[int, object]] = [
        (pycurl.NOSIGNAL, 1),
        (pycurl.CONNECTTIMEOUT_MS, int(timing.connect_seconds * 1000)),
        (pycurl.TIMEOUT_MS, int(timing.total_seconds * 1000)),
        (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
        (pycurl.FOLLOWLOCATION, 0),
        (pycurl.PROXY, ""),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
        (pycurl.USERAGENT, "public-secretary"),
        (pycurl.TCP_NODELAY, 1),
    ]
    files = [(pycurl.SSLCERT, certificate), (pycurl.SSLKEY, key), (pycurl.CAINFO, ca)]
    return options + [(option, path) for option, path in files if path]
