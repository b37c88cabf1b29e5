"""Count CPU seconds of whole process trees, from /proc; children that have ended are in their parent's account."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> float:
    """User and system seconds of a process, its children and theirs, living or reaped."""
    total, waiting = 0.0, [pid]
    while waiting:
        current = waiting.pop()
        try:
            fields = Path(f"/proc/{current}/stat").read_text().rpartition(")")[2].split()
            children = Path(f"/proc/{current}/task/{current}/children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended in this moment: its parent has its time
        total += sum(map(int, fields[11:15])) / TICKS
        waiting += [int(child) for child in children]
    return total


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def machine() -> tuple[float, float]:
    """Busy and all CPU seconds of the whole machine since it started."""
    numbers = [int(word) / TICKS for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(numbers) - numbers[3] - numbers[4], sum(numbers)


def own() -> float:
    """Of this process alone."""
    return sum(os.times()[:2])
