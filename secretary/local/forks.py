"""Start processes as forks of one that has loaded the application (secretary/preloaded.py), which share its memory.

On Linux only: elsewhere a process that has loaded so much is not safe to fork, and each is started by itself.
"""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from signal import SIGKILL, SIGTERM
from typing import IO, Protocol

POSSIBLE = sys.platform == "linux"
LONGEST = 1024  # bytes of an answer
PAUSE_SECONDS = 0.1


class Process(Protocol):
    """What is known of a running process: `subprocess.Popen`, or a fork."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def stdout(self) -> IO[str] | None: ...

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...


@dataclass
class Forks:
    """Starts the process that has loaded the application when it is needed, and asks it for forks."""

    launch: Callable[[int], "subprocess.Popen[str]"]  # starts that process with a descriptor as its standard input
    _parent: "Parent | None" = None

    def load(self) -> None:
        """Begin to load, if that was not begun before."""
        if self._parent is None or self._parent.process.poll() is not None:
            self.end()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._parent = Parent(self.launch(theirs.fileno()), ours)

    def fork(self, name: str, command: Sequence[str], look: Callable[[], None]) -> Process:
        """Run `command` in a fork of that name; call `look` while it is waited for.

        Where the application cannot be loaded, return the process that has failed to.
        """
        self.load()
        assert self._parent is not None
        return self._parent.fork([name, *command], look) or self._parent.process

    def end(self) -> None:
        """End it: the next fork loads the application as it is then. Its forks are told to stop."""
        if self._parent is not None:
            self._parent.end()
            self._parent = None


@dataclass
class Parent:
    """The process that forks."""

    process: "subprocess.Popen[str]"
    control: socket.socket
    codes: dict[int, int | None] = field(default_factory=dict)  # process → how it ended
    _unclaimed: list[int] = field(default_factory=list)

    def fork(self, words: Sequence[str], look: Callable[[], None]) -> "Fork | None":
        """`words`: name and command. None where this process ends before it has forked."""
        reader, writer = os.pipe()
        try:
            with suppress(ConnectionError):  # it has just ended
                socket.send_fds(self.control, [json.dumps(list(words)).encode()], [writer])
        finally:
            os.close(writer)
        output = os.fdopen(reader, encoding="utf-8", errors="replace")
        while not self._unclaimed:
            look()
            if not self.read(PAUSE_SECONDS):
                output.close()
                self.process.wait()
                return None
        return Fork(self._unclaimed.pop(), output, self)

    def read(self, seconds: float = 0.0) -> bool:
        """Read what it reports, and wait for that so long. False: it has ended, and its forks are told to."""
        if self.control.fileno() < 0:  # ended by `end`
            return False
        while select.select([self.control], [], [], seconds)[0]:
            try:
                message = self.control.recv(LONGEST)
            except ConnectionError:
                message = b""
            if not message:
                self.codes = {pid: -SIGTERM if code is None else code for pid, code in self.codes.items()}
                return False
            report = json.loads(message)
            if "code" not in report:
                self._unclaimed.append(report["pid"])
            self.codes[report["pid"]] = report.get("code")
            seconds = 0.0
        return True

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        while self.read(PAUSE_SECONDS):
            continue
        self.control.close()
        for pid in self._unclaimed:  # who wanted it was interrupted
            with suppress(ProcessLookupError):
                os.killpg(pid, SIGKILL)


@dataclass
class Fork:
    """As much of `subprocess.Popen` as the supervisor needs."""

    pid: int
    stdout: IO[str] | None
    _parent: Parent
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self._parent.read()
            self.returncode = self._parent.codes[self.pid]
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired([], timeout or 0.0)
            self._parent.read(PAUSE_SECONDS if end is None else max(0.0, end - time.monotonic()))
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, SIGTERM)
