"""Watch how much memory process trees hold while work goes on: PSS, in which a shared page is divided by its users."""

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY_SECONDS = 2.0


class Watched:
    """Enter it, and read `most` after it: the most that each tree held, and all of them at the same moment, in MB."""

    def __init__(self, trees: Mapping[str, int]) -> None:
        self._trees, self._over = trees, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.most: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            held = {name: tree(pid) for name, pid in self._trees.items()}
            held["together"] = sum(held.values())
            self.most = {name: max(kilobytes // 1000, self.most.get(name, 0)) for name, kilobytes in held.items()}
            if self._over.wait(EVERY_SECONDS):
                return


def tree(pid: int) -> int:
    """Kilobytes of a process, its children and theirs."""
    total, waiting = 0, [pid]
    while waiting:
        current = waiting.pop()
        try:
            rollup = Path(f"/proc/{current}/smaps_rollup").read_text()
            waiting += map(int, Path(f"/proc/{current}/task/{current}/children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended in this moment
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total
