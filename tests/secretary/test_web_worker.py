"""gunicorn as ./run and production start it: a health probe gets an answer while every request thread waits."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from secretary import web_server
from secretary.local import commands
from secretary.local.embedded.ports import random_free
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
PAGE = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
THREADS = web_server.workers * web_server.threads


class Web:
    def __init__(self, folder: Path) -> None:
        self.port, self.released = random_free(), folder / "released"
        (folder / "waiting.py").write_text(APPLICATION.format(released=str(self.released)))
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


def test_health_is_answered_while_every_thread_waits_and_then_the_others_are(web: Web) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(closing(web.connect()))  # sends nothing yet
        pages = [stack.enter_context(closing(web.connect())) for _ in range(2 * THREADS)]
        for page in pages:
            page.sendall(PAGE)
        assert [web.healthz() for _ in range(2 * web_server.workers)] == [200] * 2 * web_server.workers
        web.released.touch()
        assert [page.recv(12) for page in pages] == [b"HTTP/1.1 200"] * len(pages)
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
        output = b""
        while part := both.recv(65536):
            output += part
        assert output.count(b"HTTP/1.1 200") == 2
