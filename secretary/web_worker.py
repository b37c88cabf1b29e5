"""Extend gunicorn's threaded worker: threads that are kept free for health probes, and none that waits for a client."""

import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

HEALTH_THREADS = 2
PATHS = tuple(f"{method} {path}".encode() for method in ("GET", "HEAD") for path in ("/healthz", "/readyz"))
LONGEST = max(map(len, PATHS)) + 1  # and what ends the path
NOTIFY_SECONDS = 1.0  # that it lives; gunicorn's main process waits for 30 s
Call = Callable[[], None]


class WarmThreads:
    """A pool in which the thread that was free last works next: it has a connection to the database whose plans are
    made, and its memory is in the processor's caches. Calls that find none free wait in their order."""

    def __init__(self, most: int) -> None:
        self._most, self._started = most, 0
        self._lock = threading.Lock()
        self._free: list[_Thread] = []
        self._waiting: deque[Call] = deque()

    def submit(self, call: Call) -> None:
        """Have it called. It must not raise."""
        with self._lock:
            if self._free:
                self._free.pop().do(call)
            elif self._started < self._most:
                self._started += 1
                _Thread(self, call).start()
            else:
                self._waiting.append(call)

    def following(self, thread: "_Thread") -> Call | None:
        """Return what the thread is to call next; None: it will be given something."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._free.append(thread)
            return None

    def shutdown(self, *, wait: bool) -> None:
        """End the threads that are free, as gunicorn asks for when its process ends; no other one outlives that."""
        with self._lock:
            for thread in self._free:
                thread.do(None)
            self._free.clear()


class _Thread(threading.Thread):
    def __init__(self, pool: WarmThreads, call: Call) -> None:
        super().__init__(daemon=True)
        self._pool, self._first = pool, call
        self._next: Call | None = None
        self._given = threading.Lock()
        self._given.acquire()

    def do(self, call: Call | None) -> None:
        """Call this now; the thread is free. None: end."""
        self._next = call
        self._given.release()

    def run(self) -> None:
        call: Call | None = self._first
        while call is not None:
            call()
            call = self._pool.following(self) or self._wait()

    def _wait(self) -> Call | None:
        self._given.acquire()
        return self._next


class HealthFirst(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers /healthz and /readyz also while all request threads wait, for a lock in the database, say.

    A load balancer or Docker that got no answer then would take a web away that is slow for good reasons, and its load
    would fall on the others. A thread gets a connection only when a request has begun to arrive on it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy = 0  # requests that the request threads have or that wait for one; only the main thread counts
        self._done: deque[tuple[bool, bool]] = (
            deque()
        )  # by threads, and not counted yet: was it a request thread, closed
        self._notified_at = 0.0
        self.inherited_signals: SimpleQueue[int] = SimpleQueue()  # by `post_fork` of web_server.py

    def get_thread_pool(self) -> WarmThreads:
        return WarmThreads(self.cfg.threads)

    def init_process(self) -> None:
        self._health_pool = WarmThreads(HEALTH_THREADS)
        super().init_process()

    def init_signals(self) -> None:
        """End also for a SIGTERM that came first.

        Until here a process has the signal handler of the main process, which puts a signal into a queue that only the
        main process reads (gunicorn 27.0.1, arbiter.py). The worker would go on, and a web that is told to stop while
        it starts would wait `graceful_timeout` before it kills the worker.
        """
        super().init_signals()
        while not self.inherited_signals.empty():
            if self.inherited_signals.get() in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
                self.alive = False

    def notify(self) -> None:
        """Tell the main process, but not after each event: the call would hand the interpreter to another thread."""
        self._count_done()
        now = time.monotonic()
        if now - self._notified_at >= NOTIFY_SECONDS:
            self._notified_at = now
            super().notify()

    def enqueue_req(self, conn: TConn) -> None:
        """Enqueue a request; called in the main thread for every connection that has one, or is new, or has ended."""
        self._count_done()
        if self.cfg.is_ssl or _has_read_ahead(conn):
            self._submit(conn)
        elif (first := _first_bytes(conn)) is None:
            self._wait_for_bytes(conn)
        elif not first:
            self.nr_conns -= 1
            conn.close()
        else:
            conn.data_ready = True
            if self._busy >= self.cfg.threads and _asks_for_health(first):
                self._health_pool.submit(partial(self._answer, conn, self.finish_request))
            else:
                self._submit(conn)

    def _submit(self, conn: TConn) -> None:
        self._busy += 1
        self.tpool.submit(partial(self._answer, conn, self._finish))

    def _count_done(self) -> None:
        while self._done:
            was_request_thread, is_closed = self._done.popleft()
            self._busy -= was_request_thread
            self.nr_conns -= is_closed

    def _answer(self, conn: TConn, finish: Callable[[TConn, "Future[Any]"], None]) -> None:
        """In a thread."""
        done: Future[Any] = Future()
        try:
            done.set_result(self.handle(conn))
        except BaseException as error:  # raised again in the main thread, as by gunicorn's own pool
            done.set_exception(error)
        if self.alive and self._accepting and done.exception() is None and done.result() in (True, False):
            # Nothing of it is left to do, and nothing waits for its place: the main thread may sleep on.
            if done.result() and not _has_read_ahead(conn):
                self._done.append((finish == self._finish, False))
                self._keep(conn)
                return
            if not done.result():
                self._done.append((finish == self._finish, True))
                return
        self.method_queue.defer(finish, conn, done)

    def _keep(self, conn: TConn) -> None:
        """In a thread: wait for the next request on this connection, as gunicorn's main thread does."""
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        if not self.alive:  # since a moment ago: it may have been left out by `_cap_keepalive`
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_client_socket_readable, conn))

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
        """As gunicorn does with who has sent nothing for five seconds, but at once: no thread is to wait for that."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _cap_keepalive(self, deadline: float) -> None:
        """When it stops, do not wait for who has sent nothing either, nor for a second where all are answered."""
        self._count_done()
        for conn in (*self.keepalived_conns, *self.pending_conns):  # threads may add to the first meanwhile
            conn.timeout = min(conn.timeout, deadline)


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
