"""A disk of its own for the database's tables, small enough to be filled in a moment: a file system in memory.

The server's write-ahead log lies elsewhere, as `initdb --waldir` lays it on many servers: when that has no room the
server itself goes down (PANIC), which is another fault, that of a killed server. Here the tables have no room left and
the server reports it. Its log lies elsewhere too.
"""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secretary.local.embedded.postgres import Postgres

SIZE = "192m"
BLOCK = 64 * 1024


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """For the cluster of a service in `folder`, which is made here. Only root may mount: see `may_mount()`."""
    postgres = Postgres(folder / "postgres", False)
    postgres.place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", postgres.place], check=True)
    try:
        postgres.start()
        postgres.stop()
        _move(postgres, postgres.data / "pg_wal", folder / "wal")
        _move(postgres, postgres.place / "log", folder / "postgres.log")
        yield
    finally:
        subprocess.run(["umount", "--lazy", postgres.place], check=True)


def _move(postgres: Postgres, found: Path, elsewhere: Path) -> None:
    shutil.move(found, elsewhere)
    postgres.runs_as.give(elsewhere)
    found.symlink_to(elsewhere)


def may_mount(folder: Path) -> bool:
    """Whether a file system can be mounted here: ordinary containers forbid it, to root too."""
    asked = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(asked, capture_output=True).returncode:
        return False
    return subprocess.run(["umount", str(folder)], capture_output=True).returncode == 0


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte is left on it, until the end of the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while _grew(file.fileno()):
            pass
    try:
        yield
    finally:
        ballast.unlink()


def _grew(file: int) -> bool:
    try:
        return os.write(file, b"\0" * BLOCK) > 0
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return False
        raise
