"""The keeper of listening sockets and the servers that use them, as processes, with connections that wait."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from secretary.listeners.use import KEEPER_GONE
from secretary.local.embedded.ports import random_free
from tests.plugin import ROOT

# Sends its name to each connection, on every socket it was given; ends on SIGTERM.
SERVER = """
import selectors, sys
from secretary.listeners import inherited
waiting = selectors.DefaultSelector()
for listener in inherited():
    waiting.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select():
        connection, _ = key.fileobj.accept()
        connection.sendall(sys.argv[1].encode())
        connection.close()
"""


class Stage:
    """One keeper of one socket, and its users."""

    def __init__(self, folder: Path) -> None:
        self.at, self.port = folder / "listeners", random_free()
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "secretary.listeners", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
        self.processes.append(process)
        return process

    def keep(self) -> "subprocess.Popen[bytes]":
        return self.run("keep", "--at", str(self.at), f"door=127.0.0.1:{self.port}")

    def use(self, name: str, *options: str) -> "subprocess.Popen[bytes]":
        return self.run("use", "door", "--at", str(self.at), *options, "--", sys.executable, "-c", SERVER, name)

    def connect(self, port: int | None = None) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port or self.port), timeout=60)

    def answer(self, port: int | None = None) -> str:
        with closing(self.connect(port)) as connection:
            return connection.recv(100).decode()

    def end(self) -> None:
        for process in reversed(self.processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.end()


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_client_that_comes_while_no_server_answers_waits_for_the_next(stage: Stage) -> None:
    stage.keep()
    first = stage.use("first")
    assert answered(stage) == "first"
    first.terminate()
    assert first.wait(60) == 128 + signal.SIGTERM
    with closing(stage.connect()) as waiting:  # not refused
        stage.use("second")
        assert waiting.recv(100) == b"second"


def answered(stage: Stage) -> str:
    """The first answer; until the keeper listens connections are refused."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(ConnectionRefusedError):
            return stage.answer()
        time.sleep(0.02)
    raise AssertionError("no listener")


def test_a_server_answers_for_itself_at_its_private_address(stage: Stage) -> None:
    stage.keep()
    ports = {name: random_free() for name in ("first", "second")}
    for name, port in ports.items():
        stage.use(name, "--private", f"127.0.0.1:{port}")
    for name, port in ports.items():
        eventually(lambda port=port: listens(port))  # type: ignore[misc]
        assert stage.answer(port) == name


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_whose_keeper_is_gone_ends_so_that_it_is_started_again(stage: Stage) -> None:
    keeper, server = stage.keep(), stage.use("first")
    assert answered(stage) == "first"
    keeper.kill()
    assert server.wait(60) == KEEPER_GONE
    stage.keep()
    stage.use("second")
    assert answered(stage) == "second"


def test_a_name_that_no_keeper_holds_is_reported(stage: Stage) -> None:
    stage.keep()
    asked = stage.run("use", "window", "--at", str(stage.at), "--", "true")
    assert asked.wait(60) == 1
    assert asked.stderr is not None
    assert b"has no socket 'window'" in asked.stderr.read()


def test_a_server_that_does_not_exist_is_reported(stage: Stage) -> None:
    stage.keep()
    asked = stage.run("use", "door", "--at", str(stage.at), "--", "no-such-program")
    assert asked.wait(60) == 127
    assert asked.stderr is not None
    assert b"no-such-program: No such file or directory" in asked.stderr.read()


def test_the_exit_code_is_the_servers(stage: Stage) -> None:
    stage.keep()
    assert stage.run("use", "door", "--at", str(stage.at), "--", "sh", "-c", "exit 7").wait(60) == 7
