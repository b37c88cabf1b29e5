"""Restart children for `./run --reload`: those that run the code of a source file, when that file changes.

File times are compared, once per pause: no library is needed, and every editor and `git checkout` are noticed. A change
counts once nothing has been written for one pause, so that half a checkout starts nothing.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from secretary.local.supervisor import Child, Supervisor

PAUSE = 0.5  # seconds; a look at a thousand files takes about ten milliseconds
# What processes keep in memory. Style sheets and scripts in static/ are read anew for each request.
SOURCES = (".py", ".html", ".toml", ".sql", ".txt", ".css", ".js", ".mo")
SANDBOX = "sandbox"  # a folder and a child of this name; neither it nor the product imports the other
PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens", "templates", "locale")

Times = Mapping[str, tuple[int, int]]  # path → when it was written, and its length


@dataclass
class Sources:
    """The source files in `folders` of `root`, as they were at the last look."""

    root: Path
    folders: Sequence[str] = (*PRODUCT, SANDBOX)

    def __post_init__(self) -> None:
        self._known = self._seen = self._look()

    def changed(self) -> list[str]:
        """Return what was written, added or removed since the last answer, relative to `root`; none while it still goes
        on."""
        now = self._look()
        settled, self._seen = now == self._seen, now
        if not settled or now == self._known:
            return []
        known, self._known = self._known, now
        paths = {path for path in (*known, *now) if known.get(path) != now.get(path)}
        return sorted(os.path.relpath(path, self.root) for path in paths)

    def _look(self) -> Times:
        return {path: times for folder in self.folders for path, times in _files(self.root / folder)}


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:  # removed meanwhile
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _files(Path(entry.path))
        elif entry.name.endswith(SOURCES):
            try:
                stat = entry.stat()
            except FileNotFoundError:
                continue
            yield entry.path, (stat.st_mtime_ns, stat.st_size)


@dataclass
class Reloader:
    """Starts those children again whose sources have changed."""

    supervisor: Supervisor
    sources: Sources
    clock: Callable[[], float] = time.monotonic
    _next: float = field(default=0.0)

    def look(self) -> None:
        """Look at the files once per pause; to be called often."""
        if self.clock() < self._next:
            return
        changed = self.sources.changed()
        if children := [child for child in self.supervisor.children if any(_runs(child, path) for path in changed)]:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            names = ", ".join(child.name for child in children)
            self.supervisor.log.line("run", f"{changed[0]}{more} changed; starting again: {names}")
            self.supervisor.restart(children)
        self._next = self.clock() + PAUSE


def _runs(child: Child, path: str) -> bool:
    """Return whether the file at `path` is of the code that `child` runs."""
    of_sandbox = Path(path).parts[0] == SANDBOX
    return (child.name == SANDBOX) == of_sandbox
