"""Our side of the receipts: an endpoint that keeps what it receives and answers what a test sets."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

WAIT_SECONDS = 60  # whatever else this machine does


class Received(NamedTuple):
    path: str
    headers: dict[str, str]  # lower-case names
    body: bytes


class Receiver:
    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []  # statuses of the next answers; 200 when there are none left
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.test = 0
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """Under which this test's receipts are kept: one of an earlier test may still be on its way."""
        return f"http://127.0.0.1:{self._server.server_port}/{self.test}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def begin_a_test(self) -> None:
        self.test += 1
        self.forget()

    def forget(self) -> None:
        self.received.clear()
        self.answers.clear()

    def wait_for(self, count: int) -> list[Received]:
        wait_until(lambda: len(self.received) >= count)
        return list(self.received)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            mine = f"/{receiver.test}"
            if is_mine := self.path.startswith(f"{mine}/"):
                receiver.received.append(Received(self.path.removeprefix(mine), headers, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers and is_mine else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    return Handler
