"""Keep the children of ./run running, and stop them together.

Every child leads a session of its own: Ctrl-C reaches only the supervisor, and a child's group can be ended.
Where `setpriv` exists (Linux), a child gets a signal to stop when the supervisor itself is killed.
Children of the service may be forks of one process that has loaded it (forks.py).
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from secretary.local import commands, forks
from secretary.local.files import LocalFailure
from secretary.local.forks import Process
from secretary.local.logs import Log

STOP_SECONDS = 15.0
RESTART_SECONDS = 5.0  # for what runs on old code; a claim that is cut off has a lease
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a crashed child starts again; doubles each time
STEADY_SECONDS = 60.0  # a child that lived as long starts again at once
PAUSE_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_came: list[int] = []  # the signal on which this process stops


class Interrupted(BaseException):
    """SIGINT or SIGTERM came: stop everything in order. No Exception, so that nothing on the way eats it."""


@dataclass
class Child:
    """A process that is to run all the time."""

    name: str
    command: Sequence[str]
    more: Mapping[str, str] = field(default_factory=dict)
    forked: bool = False  # it is of the service, and a fork of what has loaded that, where this is possible
    process: Process | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    start_at: float | None = None  # when to start again after a crash


@dataclass
class Supervisor:
    """Starts children with `environment`, in the order given, and stops them in the opposite order."""

    environment: Mapping[str, str]
    log: Log
    clock: Callable[[], float] = time.monotonic
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._forks = forks.Forks(self._launch_parent)

    def preload(self) -> None:
        """Begin to load the service, for children that will be forked."""
        if forks.POSSIBLE:
            self._forks.load()

    def start(self, name: str, command: Sequence[str], *, forked: bool = False) -> Child:
        child = Child(name, command, forked=forked and forks.POSSIBLE)
        self.children.append(child)
        self._launch(child)
        return child

    def run(
        self, name: str, command: Sequence[str], *, shown: bool = False, more: Mapping[str, str] | None = None
    ) -> int:
        """Run a command to its end; its exit code. `shown`: it writes to our own output, without prefixes.

        `more`: variables that only this command gets. Raises LocalFailure when another child ends meanwhile: what the
        command does would go to no worker, or to another server that takes the port.
        """
        child = Child(name, command, more or {})
        self.children.append(child)
        self._launch(child, shown=shown)
        while (code := self._code(child)) is None:
            stop_if_asked()
            self._refuse_ended(child)
        self.children.remove(child)
        return code

    def _refuse_ended(self, under_way: Child) -> None:
        for child in self.children:
            if child is not under_way and child.process is not None and (code := child.process.poll()) is not None:
                raise LocalFailure(f"{child.name} has ended with {code} meanwhile; its last lines are above")

    def watch(self, also: Callable[[], None] | None = None) -> None:
        """Start crashed children again, for ever, and call `also` between two looks. Ends by Interrupted."""
        while True:
            self.look()
            if also is not None:
                also()
            time.sleep(PAUSE_SECONDS)

    def restart(self, children: Sequence[Child], *, seconds: float = RESTART_SECONDS) -> None:
        """End these children and start them again at once, also those that wait after a crash."""
        self._end([child.process for child in children if child.process is not None], seconds)
        if any(child.forked for child in children):
            self._forks.end()
        for child in children:
            child.pause = FIRST_PAUSE
            self._launch(child)

    def look(self) -> None:
        """Look at all children once: note which crashed, start again those whose pause is over."""
        stop_if_asked()
        for child in self.children:
            self._look_after(child)

    def wait_until(self, child: Child, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`. Raises LocalFailure when the child ends before that, or the time is over."""
        end = self.clock() + seconds
        while not ready():
            stop_if_asked()
            if child.process is None or child.process.poll() is not None:
                raise LocalFailure(f"{child.name} does not start; its last lines are above")
            if self.clock() > end:
                raise LocalFailure(f"{child.name} was not ready within {seconds:.0f} s")
            time.sleep(PAUSE_SECONDS)

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Send every child SIGTERM, wait, then kill what is left of their groups."""
        self._end([child.process for child in reversed(self.children) if child.process is not None], seconds)
        self._forks.end()
        self.children.clear()

    def _end(self, running: Sequence[Process], seconds: float) -> None:
        for process in running:
            if process.poll() is None:
                process.terminate()
        end = self.clock() + seconds
        while self.clock() < end and any(process.poll() is None for process in running):
            time.sleep(0.02)
        for process in running:
            end_group(process)

    @staticmethod
    def _code(child: Child) -> int | None:
        """Return the exit code, where it comes within a moment."""
        with suppress(subprocess.TimeoutExpired):
            return child.process.wait(PAUSE_SECONDS) if child.process is not None else 1
        return None

    def _launch(self, child: Child, *, shown: bool = False) -> None:
        stop_if_asked()
        if child.forked:
            child.process = self._forks.fork(child.name, child.command, stop_if_asked)
        else:
            child.process = self._popen(child.command, child.more, shown=shown)
        child.started_at, child.start_at = self.clock(), None
        if child.process.stdout is not None:
            self.log.follow(child.name, child.process.stdout)

    def _launch_parent(self, control: int) -> "subprocess.Popen[str]":
        """Start the process that forks; `control`: its standard input."""
        parent = self._popen(commands.preloaded(), {}, control=control)
        if parent.stdout is not None:
            self.log.follow("service", parent.stdout)
            parent.stdout = None  # the log has it
        return parent

    def _popen(
        self, command: Sequence[str], more: Mapping[str, str], *, shown: bool = False, control: int = subprocess.DEVNULL
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*_stopped_when_we_die(), *command],
            env={**self.environment, **more},
            stdin=control,
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _look_after(self, child: Child) -> None:
        if child.start_at is not None:
            if self.clock() >= child.start_at:
                self._launch(child)
        elif child.process is not None and (code := child.process.poll()) is not None:
            self._plan_restart(child, child.process, code)

    def _plan_restart(self, child: Child, process: Process, code: int) -> None:
        end_group(process)
        steady = self.clock() - child.started_at > STEADY_SECONDS
        pause = FIRST_PAUSE if steady else child.pause
        child.pause = min(pause * 2, LONGEST_PAUSE)
        child.start_at = self.clock() + pause
        self.log.line(child.name, f"ended with {code}; starts again in {pause:.0f} s")


def end_group(process: Process) -> None:
    """Kill the process and everything that it started and that is still in its group."""
    with suppress(ProcessLookupError, PermissionError):  # nothing is left; macOS answers "not permitted" for zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def catch_signals() -> None:
    """From now on the first SIGINT, SIGTERM or SIGHUP raises Interrupted; later ones are ignored."""
    _came.clear()
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)


def ignore_signals() -> None:
    """While everything is being stopped, nothing may interrupt that."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def stop_if_asked() -> None:
    """Raise Interrupted again, for a signal that came where Python eats what is raised: in a finaliser, a callback."""
    for number in _came:
        raise Interrupted(number)


def _interrupt(number: int, frame: FrameType | None) -> None:
    ignore_signals()
    _came.append(number)
    raise Interrupted(number)


def _stopped_when_we_die() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
