"""A disk of its own for the database, small enough to be filled in a moment: a file system in memory."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secretary.local.postgres import Postgres

SIZE = "192m"
BLOCK = 64 * 1024


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Where the cluster of a service in `folder` will be. Only root may mount; then `may_mount()` says so."""
    place = Postgres(folder / "postgres", False).place
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


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
