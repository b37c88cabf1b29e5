"""Send many small POSTs at once through libcurl, driven by the event loop: a tenth of the work of aiohttp's client."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pycurl

from sandbox.state.started_by import named

CONNECT_MS, TOTAL_MS = 3_000, 10_000


@dataclass(frozen=True)
class Post:
    """One HTTP request of a vendor to us."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Outbox:
    """Made and used on one event loop. Keeps its connections open from one request to the next."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._named = named()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._timer: asyncio.Handle | None = None
        self._idle: list[pycurl.Curl] = []
        self._answers: dict[pycurl.Curl, asyncio.Future[int]] = {}

    async def post(self, post: Post) -> int:
        """Return the status of the answer; 0 when there was none."""
        curl = self._idle.pop() if self._idle else _new_curl()
        curl.setopt(pycurl.URL, post.url)
        curl.setopt(
            pycurl.HTTPHEADER,
            ["Expect:", *(f"{name}: {value}" for name, value in {**post.headers, **self._named}.items())],
        )
        curl.setopt(pycurl.POSTFIELDS, post.body)
        answer = self._answers[curl] = self._loop.create_future()
        self._multi.add_handle(curl)
        status: int = await answer
        return status

    def close(self) -> None:
        """Abandons what is under way."""
        self._set_timer(-1)
        for curl in [*self._answers]:
            self._finish(curl, 0)
        self._multi.close()

    def _watch(self, what: int, descriptor: int, multi: object, data: object) -> None:
        """Watch a socket of libcurl's for the events that it names."""
        self._loop.remove_reader(descriptor)
        self._loop.remove_writer(descriptor)
        if what in (pycurl.POLL_IN, pycurl.POLL_INOUT):
            self._loop.add_reader(descriptor, self._act, descriptor, pycurl.CSELECT_IN)
        if what in (pycurl.POLL_OUT, pycurl.POLL_INOUT):
            self._loop.add_writer(descriptor, self._act, descriptor, pycurl.CSELECT_OUT)

    def _set_timer(self, milliseconds: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if milliseconds >= 0:
            self._timer = self._loop.call_later(milliseconds / 1000, self._act, pycurl.SOCKET_TIMEOUT, 0)

    def _act(self, descriptor: int, events: int) -> None:
        self._multi.socket_action(descriptor, events)
        more = True
        while more:
            more, done, failed = self._multi.info_read()
            for curl in done:
                self._finish(curl, curl.getinfo(pycurl.RESPONSE_CODE))
            for curl, _number, _message in failed:
                self._finish(curl, 0)

    def _finish(self, curl: pycurl.Curl, status: int) -> None:
        self._multi.remove_handle(curl)
        answer = self._answers.pop(curl)
        self._idle.append(curl)
        if not answer.done():
            answer.set_result(status)


def _new_curl() -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.POST, 1)
    curl.setopt(pycurl.PROXY, "")  # receipts go straight to us, past any proxy of this machine
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, CONNECT_MS)
    curl.setopt(pycurl.TIMEOUT_MS, TOTAL_MS)
    curl.setopt(pycurl.WRITEFUNCTION, _discard)
    return curl


def _discard(_: bytes) -> None:
    """Discard the answers' bodies."""
