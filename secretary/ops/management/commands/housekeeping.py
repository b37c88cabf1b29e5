"""Count the rows whose retention period is over, or remove them now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from secretary.kernel.retention import remove_old
from secretary.kernel.time import clock
from secretary.ops.retention import KEPT


class Command(BaseCommand):
    help = "Delete what has passed its retention period (table in docs/privacy.md); the hourly job does the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would be deleted, delete nothing")
        parser.add_argument("--seconds", type=float, default=600.0, help="stop after about so long; run again to go on")

    def handle(self, *args: Any, dry_run: bool, seconds: float, **options: Any) -> None:
        now = clock.now()
        if dry_run:
            for keep in KEPT:
                chosen = f" ({keep.setting})" if keep.setting else ""
                length = _length(keep.period().total_seconds())
                self._say(keep.count(now=now), f"of {keep.what}, kept {length}{chosen}")
            return
        for what, removed in remove_old(KEPT, now=now, seconds=seconds).items():
            self._say(removed.rows, f"of {what}{'' if removed.complete else ': there is more'}")

    def _say(self, rows: int, what: str) -> None:
        self.stdout.write(f"{rows:>10,} {what}")


def _length(seconds: float) -> str:
    return f"{seconds / 86400:g} days"
