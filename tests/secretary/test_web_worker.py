"""gunicorn as ./run and production start it: a health probe gets an answer while every request thread waits."""

import logging
import os
import select
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from queue import Queue
from selectors import DefaultSelector
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from secretary import web_server
from secretary.local import commands
from secretary.local.embedded.ports import random_free
from secretary.web_worker import HealthFirst, WarmThreads
from tests.plugin import ROOT

# Every address but /healthz waits until the file is there.
APPLICATION = """
import os, time
def application(environ, start_response):
    while environ["PATH_INFO"] != "/healthz" and not os.path.exists({released!r}):
        time.sleep(0.02)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
# Each worker begins a second after its fork, and notes its end, which one that is killed cannot.
SLOW_FORKS = """
import atexit, os, pathlib, time
main = os.getpid()
os.register_at_fork(after_in_child=lambda: (pathlib.Path({folder!r}, f"began-{{os.getpid()}}").touch(), time.sleep(1)))
atexit.register(lambda: os.getpid() == main or pathlib.Path({folder!r}, f"ended-{{os.getpid()}}").touch())
"""
PAGE = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
THREADS = web_server.workers * web_server.threads


class Web:
    def __init__(self, folder: Path, besides: str = "") -> None:
        self.port, self.released = random_free(), folder / "released"
        (folder / "waiting.py").write_text(APPLICATION.format(released=str(self.released)) + besides)
        command = ["waiting" if word == "secretary.wsgi" else word for word in commands.web(self.port)]
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def healthz(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60) as answer:
            return int(answer.status)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    made = Web(tmp_path)
    try:
        end = time.monotonic() + 300
        while not answers(made):
            assert made.process.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        yield made
    finally:
        made.released.touch()
        made.process.terminate()
        made.process.wait(60)


def answers(web: Web) -> bool:
    try:
        return web.healthz() == 200
    except OSError:
        return False


def answer(page: socket.socket) -> bytes:
    """All of it, after which this side closes too: for who stays, gunicorn keeps a thread two seconds longer."""
    with page, page.makefile("rb") as read:
        return read.read()


def test_health_is_answered_while_every_thread_waits_and_then_the_others_are(web: Web) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(closing(web.connect()))  # sends nothing yet
        pages = [stack.enter_context(closing(web.connect())) for _ in range(2 * THREADS)]
        for page in pages:
            page.sendall(PAGE)
        assert [web.healthz() for _ in range(2 * web_server.workers)] == [200] * 2 * web_server.workers
        web.released.touch()
        assert [answer(page)[:12] for page in pages] == [b"HTTP/1.1 200"] * len(pages)
        silent.sendall(PAGE)
        assert silent.recv(12) == b"HTTP/1.1 200"


def test_what_is_sent_in_one_go_is_answered_one_after_the_other(web: Web) -> None:
    """Two requests over one connection, the second of which comes along with the first, while all threads wait."""
    with ExitStack() as stack:
        pages = [stack.enter_context(closing(web.connect())) for _ in range(2 * THREADS)]
        for page in pages:
            page.sendall(PAGE)
        both = stack.enter_context(closing(web.connect()))
        both.sendall(b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + PAGE)
        web.released.touch()
        assert [answer(page)[:12] for page in pages] == [b"HTTP/1.1 200"] * len(pages)
        assert answer(both).count(b"HTTP/1.1 200") == 2


def test_a_web_that_is_stopped_while_it_starts_ends_its_workers(tmp_path: Path) -> None:
    web = Web(tmp_path, SLOW_FORKS.format(folder=str(tmp_path)))
    try:
        while len(began := sorted(tmp_path.glob("began-*"))) < web_server.workers:
            assert web.process.poll() is None
            time.sleep(0.01)
    finally:
        web.process.terminate()
        web.process.wait(60)
    assert sorted(tmp_path.glob("ended-*")) == [path.with_name(path.name.replace("began", "ended")) for path in began]


@pytest.fixture
def worker() -> Iterator[HealthFirst]:
    config = Config()
    config.set("threads", 2)
    made = HealthFirst(1, 1, [], None, 30, config, None)
    made.poller, made.tpool = DefaultSelector(), made.get_thread_pool()
    made.method_queue.init()
    yield made
    made.tpool.shutdown(wait=False)
    made.method_queue.close()
    made.poller.close()
    made.tmp.close()


def test_who_sends_nothing_takes_no_thread_and_who_has_gone_takes_nothing(worker: HealthFirst) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, ExitStack() as stack:

        def accepted(*, gone: bool = False) -> TConn:
            client = stack.enter_context(closing(socket.create_connection(listener.getsockname())))
            if gone:
                client.close()
            worker.nr_conns += 1
            return TConn(worker.cfg, *listener.accept(), listener.getsockname())

        silent, gone = accepted(), accepted(gone=True)
        worker.enqueue_req(silent)
        select.select([gone.sock], [], [])
        worker.enqueue_req(gone)
        assert list(worker.pending_conns) == [silent]
        assert worker.nr_conns == 1
        assert gone.sock.fileno() == -1
        assert worker._busy == 0
        worker._cap_keepalive(0.0)  # as when it stops
        worker.murder_pending()
        assert worker.nr_conns == 0


def test_who_has_been_answered_is_counted_later_and_at_once_where_a_place_is_waited_for(worker: HealthFirst) -> None:
    worker.log = logging.getLogger("gunicorn.error")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def break_off() -> None:
            with closing(socket.create_connection(listener.getsockname())) as client:
                client.sendall(b"GET / HTTP")
                worker.nr_conns += 1
                conn = TConn(worker.cfg, *listener.accept(), listener.getsockname())
                select.select([conn.sock], [], [])
                worker.enqueue_req(conn)

        worker._accepting = True
        break_off()
        end = time.monotonic() + 60
        while not worker._done and time.monotonic() < end:
            time.sleep(0.01)
        assert worker.nr_conns == worker._busy == 1
        assert not select.select([worker.method_queue.fileno()], [], [], 0)[0]  # the main thread sleeps on
        worker.notify()
        assert worker.nr_conns == worker._busy == 0

        worker._accepting = False  # as many connections as there may be
        break_off()
        select.select([worker.method_queue.fileno()], [], [], 60)
        worker.method_queue.run_callbacks(None)
        assert worker.nr_conns == worker._busy == 0


def test_a_connection_that_is_kept_waits_for_its_next_request_without_the_main_thread(worker: HealthFirst) -> None:
    answered = Queue[TConn]()

    def handle(conn: TConn) -> bool:
        conn.sock.recv(100)
        answered.put(conn)
        return True

    worker.handle = handle  # type: ignore[method-assign]
    worker._accepting = True
    end = time.monotonic() + 60
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        worker.nr_conns += 1
        conn = TConn(worker.cfg, *listener.accept(), listener.getsockname())
        for is_first in (True, False):
            client.sendall(b"GET / HTTP/1.1")
            if is_first:
                select.select([conn.sock], [], [])
                worker.enqueue_req(conn)
            else:
                worker.wait_for_and_dispatch_events(timeout=60)
            assert answered.get(timeout=60) is conn
            while conn.sock.fileno() not in worker.poller.get_map() and time.monotonic() < end:
                time.sleep(0.001)
            assert list(worker.keepalived_conns) == [conn]
            assert not select.select([worker.method_queue.fileno()], [], [], 0)[0]  # the main thread sleeps on
            worker.notify()
            assert (worker.nr_conns, worker._busy) == (1, 0)
        worker.alive = False  # as when it stops
        worker._cap_keepalive(0.0)
        worker.murder_keepalived()
        assert worker.nr_conns == 0 and conn.sock.fileno() == -1


def test_the_thread_that_was_free_last_works_next_and_the_others_wait_in_their_order() -> None:
    pool, begun, done = WarmThreads(2), Queue[int](), Queue[tuple[int, int]]()
    gates = [threading.Event() for _ in range(4)]

    def call(number: int) -> None:
        begun.put(number)
        gates[number].wait()
        done.put((number, threading.get_ident()))

    for number in range(3):
        pool.submit(partial(call, number))
    assert {begun.get(), begun.get()} == {0, 1}
    gates[0].set()
    assert begun.get() == 2
    _, former = done.get()
    gates[2].set()
    assert done.get() == (2, former)
    while not pool._free:
        time.sleep(0.001)
    gates[1].set()
    _, last = done.get()
    while len(pool._free) < 2:
        time.sleep(0.001)
    pool.submit(partial(call, 3))
    gates[3].set()
    assert done.get() == (3, last)
    pool.shutdown(wait=False)
    assert pool._free == []


@pytest.mark.skipif(not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="Linux alone can")
def test_connections_are_handed_over_with_their_first_request(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "socket"))
        web_server.when_ready(SimpleNamespace(LISTENERS=[SimpleNamespace(sock=each) for each in (listener, local)]))
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT) > 0
