"""Start the processes of a service under test as ./run does: as forks of one that has loaded the service, where the
system allows that (docs/adr/0059). To load it takes two seconds of CPU; a fork of it begins at once."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from secretary.local import commands, forks
from secretary.local.forks import Forks, Process
from tests.plugin import ROOT


class Starter:
    """Loads the service once for each environment. Of one that is not `usual`, until the next such one comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder  # of the logs
        self._usual, self._other = _Loaded(folder), _Loaded(folder)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, usual: bool) -> Process:
        """In a process group of its own; its words go to NAME.log."""
        log = self._folder / f"{name}.log"
        if forks.POSSIBLE:
            return (self._usual if usual else self._other).fork(name, command, environment, log)
        with log.open("ab") as file:
            return _popen(command, environment, file)

    def end(self) -> None:
        for loaded in (self._usual, self._other):
            loaded.end()


class _Loaded:
    """The service, loaded in one environment at a time."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "loaded.log"
        self._environment: Mapping[str, str] = {}
        self._forks = Forks(self._launch)

    def fork(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
        if environment != self._environment:
            self.end()
            self._environment = dict(environment)
        process = self._forks.fork(name, command, _look)
        if process.stdout is not None:
            threading.Thread(target=_copy, args=(process.stdout, log), daemon=True).start()
        return process

    def end(self) -> None:
        self._forks.end()

    def _launch(self, control: int) -> "subprocess.Popen[str]":
        with self._log.open("ab") as log:
            return _popen(commands.preloaded(), self._environment, log, control=control)


def send(how: signal.Signals, process: Process) -> None:
    """To its whole process group, or to a process that was forked a moment ago and leads none yet."""
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, how)


def _popen(
    command: Sequence[str], environment: Mapping[str, str], log: IO[bytes], *, control: int = subprocess.DEVNULL
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=control, stdout=log, stderr=log, text=True, start_new_session=True
    )


def _look() -> None:
    """The rig has nothing to look at while it waits for a fork."""


def _copy(output: IO[str], log: Path) -> None:
    with output, log.open("a", encoding="utf-8") as file:
        for line in output:
            file.write(line)
            file.flush()
