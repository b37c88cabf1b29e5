"""Print the output of the children, line by line with their name in front, on standard error."""

import os
import sys
import threading
from typing import IO

COLOURS = (36, 33, 35, 32, 34, 96, 93, 95)  # of terminals; the names that come first get the first
WIDTH = 8


class Log:
    """Writes whole lines; several threads may use it."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stderr
        self._coloured = self._out.isatty() and "NO_COLOR" not in os.environ
        self._names: list[str] = []
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        with self._lock:
            self._out.write(f"{self._prefix(name)} {text}\n")
            self._out.flush()

    def follow(self, name: str, stream: IO[str]) -> None:
        """Copy `stream` to its end, in a thread of its own."""
        threading.Thread(target=self._copy, args=(name, stream), daemon=True).start()

    def _copy(self, name: str, stream: IO[str]) -> None:
        with stream:
            for text in stream:
                self.line(name, text.rstrip("\n"))

    def _prefix(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        plain = f"{name:<{WIDTH}} |"
        colour = COLOURS[self._names.index(name) % len(COLOURS)]
        return f"\033[{colour}m{plain}\033[0m" if self._coloured else plain
