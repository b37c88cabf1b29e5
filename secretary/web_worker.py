"""Extend gunicorn's threaded worker by threads that are kept free for health probes."""

import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEALTH_THREADS = 2
PATHS = tuple(f"{method} {path}".encode() for method in ("GET", "HEAD") for path in ("/healthz", "/readyz"))
LONGEST = max(map(len, PATHS)) + 1  # and what ends the path


class HealthFirst(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers /healthz and /readyz also while all request threads wait, for a lock in the database, say.

    A load balancer or Docker that got no answer then would take a web away that is slow for good reasons, and its load
    would fall on the others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy = 0  # requests that the request threads have or that wait for one; only the main thread counts

    def init_process(self) -> None:
        self._health_pool = ThreadPoolExecutor(HEALTH_THREADS, thread_name_prefix="health")
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """Enqueue a request; called in the main thread for every connection that has one, or is new."""
        if self._busy < self.cfg.threads or _has_read_ahead(conn):
            self._submit(conn)
        elif (first := _first_bytes(conn)) is None:
            self._wait_for_bytes(conn)
        elif _asks_for_health(first):
            answering = self._health_pool.submit(self.handle, conn)
            answering.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))
        else:
            self._submit(conn)

    def _submit(self, conn: TConn) -> None:
        self._busy += 1
        answering = self.tpool.submit(self.handle, conn)
        answering.add_done_callback(lambda done: self.method_queue.defer(self._finish, conn, done))

    def _finish(self, conn: TConn, done: "Future[Any]") -> None:
        self._busy -= 1
        self.finish_request(conn, done)

    def handle(self, conn: TConn) -> Any:
        """In a thread: answer, and close here what is not kept. False: it is closed.

        gunicorn waits up to two seconds for the other side to close first, in the main thread, in which a few who do
        not would stop every request.
        """
        kept = super().handle(conn)
        if kept is False:
            conn.close(graceful=True)
        return kept

    def finish_request(self, conn: TConn, done: "Future[Any]") -> None:
        if not done.cancelled() and done.exception() is None and done.result() is False:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, done)

    def _wait_for_bytes(self, conn: TConn) -> None:
        """As gunicorn does with who has sent nothing for five seconds, but at once: no thread is free to wait in."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))


def _has_read_ahead(conn: TConn) -> bool:
    """Return whether the next request, or its beginning, came along with the last one: the socket no longer has it."""
    return conn.parser is not None and bool(conn.parser.unreader.buf.getvalue())


def _first_bytes(conn: TConn) -> bytes | None:
    """Return what has arrived and was not read; None where nothing has."""
    try:
        return bytes(conn.sock.recv(LONGEST, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return None
    except OSError:
        return b""  # it has gone: its reader finds out


def _asks_for_health(first: bytes) -> bool:
    return first.startswith(tuple(path + ending for path in PATHS for ending in (b" ", b"?")))
