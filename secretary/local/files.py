"""Write small private files, and lock between processes."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class LocalFailure(Exception):
    """A precondition on this machine is not met; the message is one line for its user."""


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, content: str) -> None:
    """Replace `path` in one step; only its owner may read it, at every moment."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def remember(path: Path, make: Callable[[], str]) -> str:
    """Return what `path` holds, made the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, make())
    return read(path)


@contextmanager
def locked(path: Path, *, busy: str = "") -> Iterator[None]:
    """Hold the lock file `path`; wait for it, or with `busy` fail with that line. Ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            raise LocalFailure(busy) from error
        yield
