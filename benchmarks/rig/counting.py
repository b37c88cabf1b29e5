"""Count SQL statements and Celery tasks in every process, at the price of two additions in shared memory.

Each process has a small file of its own; the measuring process adds them up.
"""

import mmap
import os
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

SLOTS = ("statements", "tasks")
SIZE = 8 * len(SLOTS)


class Tally:
    """This process's counts, in a file that others may read at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid, self._counts = 0, [0] * len(SLOTS)

    def add(self, slot: int) -> None:
        if self._pid != os.getpid():  # a child of a fork begins at zero
            self._open()
        self._counts[slot] += 1
        struct.pack_into("<q", self._map, 8 * slot, self._counts[slot])

    def _open(self) -> None:
        self._pid, self._counts = os.getpid(), [0] * len(SLOTS)
        path = self._folder / str(self._pid)
        path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)


def install() -> Tally:
    """Count from now on in this process and in those it forks."""
    tally = Tally(Path(os.environ["BENCHMARK_COUNTERS"]))

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        tally.add(0)
        return execute(sql, params, many, context)

    def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
        if count not in connection.execute_wrappers:
            connection.execute_wrappers.append(count)

    connection_created.connect(watch, weak=False, dispatch_uid="benchmarks")
    for connection in connections.all(initialized_only=True):
        watch(connection)
    return tally


def totals(folder: Path) -> Counter[str]:
    """Return what all processes together have counted so far."""
    found: Counter[str] = Counter()
    for path in folder.iterdir():
        found.update(dict(zip(SLOTS, struct.unpack(f"<{len(SLOTS)}q", path.read_bytes()), strict=True)))
    return found
