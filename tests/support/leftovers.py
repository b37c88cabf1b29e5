"""What belongs to one run of the tests, and its end: processes, servers and folder.

Every process that a run starts inherits MARK, the run's folder in this checkout. Database and broker, which do not show
their environment, work where their data are: in that folder, or in pytest's temporary one, where a file says whose it
is. Nothing else marks a process as ours.
"""

import os
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from secretary.local.embedded import account, servers
from secretary.local.files import LocalFailure, locked, read

MARK = "TEST_RUN"
ALIVE = "alive"  # a lock that the run holds as long as it lives
TEMPORARY = "temporary"  # where pytest's temporary folder is; in there, whose it is
ROUNDS = 5  # what is ended may have started something at that moment
SECONDS = 20


@contextmanager
def folder_of_its_own(runs: Path) -> Iterator[Path]:
    """A new folder among `runs` that no sweep takes while this lasts: it has its name only once its lock is held."""
    runs.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=runs))
    fresh.chmod(0o755)  # the database's user must get through
    with locked(fresh / ALIVE):
        yield fresh.rename(fresh.with_name(fresh.name.replace("new-", "run-", 1)))


def remember_temporary(folder: Path, base: Path) -> None:
    """`base`: pytest's temporary folder of the run."""
    (folder / TEMPORARY).write_text(str(base), encoding="utf-8")
    (base / TEMPORARY).write_text(str(folder), encoding="utf-8")


def sweep(runs: Path) -> None:
    """End what runs of this checkout left that were killed: the lock of their folder is free."""
    for _ in range(ROUNDS):
        dead = [folder for folder in runs.glob("run-*") if not _lives(folder)]
        for folder in dead:
            end(folder)
        if not dead:
            return


def end(folder: Path) -> None:
    """Everything of this run ends, and its folder goes. Its servers are stopped in order, all else is killed."""
    with suppress(LocalFailure, OSError):
        servers.stop(folder)
    elsewhere = _elsewhere(folder)
    for _ in range(ROUNDS):
        found = list(processes(folder))
        for pid in found:
            _kill(pid, folder)
        if not found:
            break
    for each in (*elsewhere, folder):
        shutil.rmtree(each, ignore_errors=True)


def processes(folder: Path) -> Iterator[int]:
    """The process ids of a run, but for this process. On Linux; elsewhere none is known."""
    if hasattr(os, "pidfd_open"):
        homes = _homes(folder)
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid() and _belongs(entry, folder, homes):
                yield int(entry.name)


def _lives(folder: Path) -> bool:
    try:
        with locked(folder / ALIVE, busy="in use"):
            return False
    except LocalFailure:
        return True


def _belongs(process: Path, folder: Path, homes: Sequence[Path]) -> bool:
    with suppress(OSError):  # it has ended, or is another user's
        if f"{MARK}={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
            return True
        return _is_daemon(process) and any((process / "cwd").readlink().is_relative_to(home) for home in homes)
    return False


def _is_daemon(process: Path) -> bool:
    """Without a terminal: not the shell of an engineer who inspects what a run has left."""
    terminal = (process / "stat").read_text().rpartition(")")[2].split()[4]
    return terminal == "0"


def _homes(folder: Path) -> list[Path]:
    """Where data of the run lie: its folder, pytest's temporary one, and what these name."""
    return [folder, *_temporary(folder), *_elsewhere(folder)]


def _temporary(folder: Path) -> list[Path]:
    with suppress(OSError):
        base = Path((folder / TEMPORARY).read_text(encoding="utf-8"))
        if (base / TEMPORARY).read_text(encoding="utf-8") == str(folder):
            return [base]
    return []


def _elsewhere(folder: Path) -> list[Path]:
    """Of databases whose user cannot reach their own folder (`Postgres.place`)."""
    return [
        account.shared_place() / read(file) for home in (folder, *_temporary(folder)) for file in home.rglob("place")
    ]


def _kill(pid: int, folder: Path) -> None:
    """This very process, not one that has got its number since; until it is gone."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if _belongs(Path(f"/proc/{pid}"), folder, _homes(folder)):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                select.select([descriptor], [], [], SECONDS)
        finally:
            os.close(descriptor)
