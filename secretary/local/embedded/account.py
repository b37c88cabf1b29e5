"""Choose the account of the database server. PostgreSQL refuses to run as root, and ./run must work for root too.

Three ways, the first that is possible: as the user who started us; as root inside a user namespace in which
root has another number (the files still belong to root); as `nobody`, with a copy of the binaries if need be.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY = 65534
UNSHARE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SHARED_PLACE = Path("/var/lib/public-secretary")  # only root can write above it, everyone can pass through
CLEAN_ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C",
}  # a PGPORT or PGDATA of the user's means another server
Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Account:
    """How to run the server's programs. `owner` is to own the data; None: it stays as it is."""

    binaries: Path
    prefix: Sequence[str] = ()
    owner: int | None = None

    def run(self, program: str, *arguments: str | Path, timeout: float = 90) -> Result:
        """Run to the end and return its result with its output; the caller judges its exit code."""
        command = [*self.prefix, str(self.binaries / program), *map(str, arguments)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
            **self._identity(),
        )

    def give(self, path: Path) -> None:
        """Make `path` and everything in it belong to the server's user."""
        if self.owner is None:
            return
        for item in (path, *path.rglob("*")):
            if item.lstat().st_uid != self.owner:
                os.chown(item, self.owner, self.owner, follow_symlinks=False)

    def _identity(self) -> Mapping[str, Any]:
        as_nobody = self.owner == NOBODY
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody else {}


def choose(binaries: Path, libraries: Path) -> Account:
    """Return the account for this machine. `libraries` must keep its place relative to `binaries` when copied."""
    if os.geteuid() != 0:
        return Account(binaries)
    if user_namespaces_allowed():
        return Account(binaries, prefix=UNSHARE, owner=0)
    return Account(readable_copy(binaries, libraries), owner=NOBODY)


def user_namespaces_allowed() -> bool:
    """Return whether root may map itself to another user here; ordinary containers forbid it."""
    if shutil.which(UNSHARE[0]) is None:
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True, timeout=10).returncode == 0


def passable(path: Path) -> bool:
    """Return whether everyone may walk down to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.exists())


def shared_place() -> Path:
    """Return a folder that everyone may walk through and only root may write to."""
    SHARED_PLACE.mkdir(parents=True, exist_ok=True)
    SHARED_PLACE.chmod(0o755)  # independent of the umask
    return SHARED_PLACE


def readable_copy(binaries: Path, libraries: Path) -> Path:
    """`binaries` if `nobody` can reach them, else a copy (with `libraries` beside) where it can."""
    if passable(binaries):
        return binaries
    top = Path(os.path.commonpath([binaries, libraries]))
    version = f"{binaries.parent.name}-{(binaries / 'postgres').stat().st_mtime_ns:x}"
    target = shared_place() / version
    if not target.exists():
        fresh = target.with_name(f".{secrets.token_hex(6)}")
        for folder in (binaries.parent, libraries):
            shutil.copytree(folder, fresh / folder.relative_to(top), symlinks=True)
        fresh.chmod(0o755)
        fresh.rename(target)
    return target / binaries.relative_to(top)
