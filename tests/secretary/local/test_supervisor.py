"""The supervisor with real child processes."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from secretary.local.files import LocalFailure
from secretary.local.logs import Log
from secretary.local.supervisor import STOP_SIGNALS, Interrupted, Supervisor, catch_signals

ROOT = Path(__file__).resolve().parents[3]
SLEEPS = "import time; time.sleep(600)"


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(output: io.StringIO) -> Iterator[Supervisor]:
    made = Supervisor(dict(os.environ), Log(output))
    yield made
    made.stop(seconds=0)


def test_a_childs_lines_carry_its_name(supervisor: Supervisor, output: io.StringIO) -> None:
    supervisor.start("beat", python("print('tick', flush=True); import time; time.sleep(600)"))
    eventually(lambda: "tick" in output.getvalue())
    assert "beat     | tick\n" in output.getvalue()


def test_stopping_lets_children_finish_what_they_do(supervisor: Supervisor, output: io.StringIO) -> None:
    supervisor.start("worker", python(ON_TERM.format("print('batch written back', flush=True), sys.exit()")))
    eventually(lambda: "ready" in output.getvalue())
    child = supervisor.children[0]
    supervisor.stop()
    eventually(lambda: "batch written back" in output.getvalue())
    assert child.process is not None
    assert child.process.returncode == 0  # it ended by itself: -9 would be the kill that follows a time-out


def test_stopping_leaves_no_grandchild(supervisor: Supervisor, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    supervisor.start("worker", python(WITH_GRANDCHILD.format(str(pid_file))))
    eventually(lambda: pid_file.exists() and pid_file.read_text() != "")
    supervisor.stop()
    eventually(lambda: not alive(int(pid_file.read_text())))


def test_a_child_that_does_not_listen_is_killed(supervisor: Supervisor, output: io.StringIO) -> None:
    child = supervisor.start("deaf", python(ON_TERM.format("")))
    eventually(lambda: "ready" in output.getvalue())
    supervisor.stop(seconds=0.2)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_a_crashed_child_starts_again_after_longer_and_longer_pauses(output: io.StringIO) -> None:
    now = [0.0]
    supervisor = Supervisor(dict(os.environ), Log(output), clock=lambda: now[0])
    child = supervisor.start("web", python("raise SystemExit(3)"))
    for pause in (1, 2, 4):
        eventually(lambda: (supervisor.look(), child.start_at is not None)[1])  # type: ignore[func-returns-value]
        assert child.start_at == now[0] + pause
        now[0] = child.start_at
        supervisor.look()
    supervisor.stop(seconds=0)
    assert "web      | ended with 3; starts again in 4 s" in output.getvalue()


def test_waiting_for_a_child_that_ended_is_a_failure_that_names_it(supervisor: Supervisor) -> None:
    child = supervisor.start("sandbox", python("raise SystemExit(1)"))
    with pytest.raises(LocalFailure, match="sandbox does not start"):
        supervisor.wait_until(child, lambda: False, seconds=60)


def test_a_command_in_the_foreground_gives_its_exit_code(supervisor: Supervisor) -> None:
    assert supervisor.run("step", python("raise SystemExit(7)")) == 7
    assert supervisor.children == []


def test_a_child_that_ends_while_a_command_runs_is_a_failure_that_names_it(supervisor: Supervisor) -> None:
    child = supervisor.start("web", python("raise SystemExit(3)"))
    eventually(lambda: child.process is not None and child.process.poll() is not None)
    with pytest.raises(LocalFailure, match="web has ended with 3"):
        supervisor.run("once", python(SLEEPS))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_with_exit_code_0(number: signal.Signals, tmp_path: Path) -> None:
    with supervising_process(tmp_path) as (process, child):
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert not alive(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with supervising_process(tmp_path) as (process, child):
        process.kill()
        process.wait()
        eventually(lambda: not alive(child))


WHATEVER_COMES_NEXT: dict[str, Callable[[Supervisor], object]] = {
    "start": lambda supervisor: supervisor.start("child", python(SLEEPS)),
    "run": lambda supervisor: supervisor.run("step", python(SLEEPS)),
    "look": lambda supervisor: supervisor.look(),
    "watch": lambda supervisor: supervisor.watch(),
    "wait_until": lambda supervisor: supervisor.wait_until(supervisor.children[0], lambda: False, seconds=60),
}


@pytest.mark.parametrize("turn", WHATEVER_COMES_NEXT.values(), ids=WHATEVER_COMES_NEXT)
def test_a_signal_is_not_forgotten_when_its_exception_was_eaten(
    supervisor: Supervisor, signals_caught: None, monkeypatch: pytest.MonkeyPatch, turn: Callable[[Supervisor], object]
) -> None:
    supervisor.start("first", python(SLEEPS))
    eaten: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: eaten.append(raised.exc_type))
    Finalised()
    assert eaten == [Interrupted]
    with pytest.raises(Interrupted):
        turn(supervisor)


@pytest.fixture
def signals_caught() -> Iterator[None]:
    """As ./run catches them; afterwards pytest gets its own again."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    catch_signals()
    yield
    catch_signals()  # forgets the one that came
    for number, handler in before.items():
        signal.signal(number, handler)


class Finalised:
    """A signal comes just while Python runs its finaliser: what is raised there cannot be caught."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


ON_TERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: [{}])
print("ready", flush=True)
while True: time.sleep(0.05)
"""
WITH_GRANDCHILD = """
import pathlib, subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({!r}).write_text(str(other.pid))
time.sleep(600)
"""
SUPERVISING = """
import os, pathlib, sys
from secretary.local.logs import Log
from secretary.local.supervisor import Interrupted, Supervisor, catch_signals
supervisor = Supervisor(dict(os.environ), Log())
try:
    catch_signals()
    child = supervisor.start("child", [sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path(sys.argv[1]).write_text(str(child.process.pid))
    supervisor.watch()
except Interrupted:
    supervisor.stop()
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@contextmanager
def supervising_process(tmp_path: Path) -> "Iterator[tuple[subprocess.Popen[bytes], int]]":
    """A supervisor in a process of its own, and the pid of its child. Whatever the test's outcome, both are gone
    then."""
    pid_file = tmp_path / "pid"
    with subprocess.Popen([*python(SUPERVISING), str(pid_file)], cwd=ROOT) as process:
        try:
            eventually(lambda: pid_file.exists() and pid_file.read_text() != "")
            yield process, int(pid_file.read_text())
        finally:
            process.kill()
            with suppress(FileNotFoundError, ValueError, ProcessLookupError):
                os.kill(int(pid_file.read_text()), signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie whose exit code was not collected does not."""
    state = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def eventually(true: Callable[[], object], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.02)
