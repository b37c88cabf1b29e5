"""A run that is broken off leaves nothing behind; what a killed one has left, the next one ends."""

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.plugin import ROOT
from tests.support.interrupted_run import REPORT_TO
from tests.support.leftovers import MARK, folder_of_its_own, processes, sweep

SECONDS = 300  # whatever else this machine does
TARGET = "tests/support/interrupted_run.py"


class Pipe:
    """Lines that processes write when they have come so far."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "pipe"
        os.mkfifo(self.path)
        self._end = os.open(self.path, os.O_RDWR)  # open for writing too: so it never says that it is at its end

    def line(self, process: subprocess.Popen[bytes]) -> str:
        """The next line. Raises AssertionError where the process that was to write it has ended."""
        read = b""
        with Process(process.pid) as its:
            while not read.endswith(b"\n"):
                ready, _, _ = select.select([self._end, its.descriptor], [], [], SECONDS)
                assert self._end in ready, f"it ended with {process.wait()}" if ready else "it says nothing"
                read += os.read(self._end, 1)
        return read.decode().strip()

    def close(self) -> None:
        os.close(self._end)


class Process:
    """This very process, whatever gets its number later."""

    def __init__(self, pid: int) -> None:
        self.descriptor = os.pidfd_open(pid)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)

    def ends(self, seconds: float = SECONDS) -> bool:
        return bool(select.select([self.descriptor], [], [], seconds)[0])


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    with closing(Pipe(tmp_path)) as pipe:
        yield pipe


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *options, TARGET]


def environment(**more: str) -> dict[str, str]:
    """Of a run by itself, though one of our own workers starts it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | more


def start(pipe: Pipe, options: Sequence[str], stack: ExitStack) -> tuple[subprocess.Popen[bytes], Path, list[Process]]:
    """A run that has come so far that it waits, its folder, and the processes that belong to it."""
    log = stack.enter_context(pipe.path.with_name("log").open("wb"))
    ours = environment(**{REPORT_TO: str(pipe.path)})
    run = subprocess.Popen(command(*options), cwd=ROOT, env=ours, stdout=log, stderr=log)
    stack.callback(run.kill)
    folder = Path(pipe.line(run))
    return run, folder, [stack.enter_context(Process(pid)) for pid in processes(folder)]


@pytest.mark.parametrize(("how", "options"), [(signal.SIGTERM, ["-n", "1"]), (signal.SIGINT, [])])
def test_a_run_that_is_interrupted_ends_all_that_it_started(
    pipe: Pipe, how: signal.Signals, options: list[str]
) -> None:
    with ExitStack() as stack:
        run, folder, started = start(pipe, options, stack)
        assert len(started) > 10  # two PostgreSQLs, the broker, the one that the test has started
        run.send_signal(how)
        assert run.wait(SECONDS) == pytest.ExitCode.INTERRUPTED
        assert all(process.ends() for process in started)
        assert not folder.exists()


def test_what_a_killed_run_has_left_is_ended_by_the_next(pipe: Pipe) -> None:
    with ExitStack() as stack:
        run, folder, started = start(pipe, [], stack)
        run.kill()
        run.wait()
        assert folder.exists() and not any(process.ends(0) for process in started)
        subprocess.run(command("--collect-only"), cwd=ROOT, env=environment(), check=True, timeout=SECONDS)
        assert all(process.ends() for process in started)
        assert not folder.exists()
        assert Path(os.environ[MARK]).exists()  # our own run lives


def test_a_run_that_lives_and_what_is_no_runs_are_left_alone(tmp_path: Path) -> None:
    def marked(folder: Path) -> Process:
        waits = [sys.executable, "-c", "import signal; signal.pause()", str(folder.parent)]
        child = subprocess.Popen(waits, env={**os.environ, MARK: str(folder)})
        stack.callback(child.wait)
        stack.callback(child.kill)
        return stack.enter_context(Process(child.pid))

    with ExitStack() as stack:
        with folder_of_its_own(tmp_path) as folder:
            ours, other = marked(folder), marked(folder.with_name(f"{folder.name}-too"))
            sweep(tmp_path)
            assert folder.exists() and not ours.ends(0)
        sweep(tmp_path)
        assert ours.ends() and not folder.exists()
        assert not other.ends(0)


def hear_signals() -> None:
    """Under nohup, or behind `&` in a script, some are ignored, and a shell cannot trap what it began with ignored."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_script_passes_on_that_it_is_to_end(tmp_path: Path, pipe: Pipe, how: signal.Signals) -> None:
    """Python is a stand-in, which says its number and waits."""
    shutil.copy(ROOT / "test", tmp_path)
    for name, text in {
        "secretary/local/install.sh": "install_requirements() { :; }\n",
        ".venv/bin/python": f"#!/bin/sh\necho $$ >{pipe.path}\nexec tail -f /dev/null\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    with ExitStack() as stack:
        script = subprocess.Popen(["sh", "./test"], cwd=tmp_path, stderr=subprocess.DEVNULL, preexec_fn=hear_signals)
        stack.callback(script.kill)
        started = [stack.enter_context(Process(int(pipe.line(script)))) for _ in ("pytest", "a static check")]
        script.send_signal(how)
        assert script.wait(SECONDS) == 1
        assert all(process.ends() for process in started)
