from typing import Any

from django.core.management.base import BaseCommand

from notifications.intake.move_deadlines import move_all_deadlines
from secretary.kernel.time import clock


class Command(BaseCommand):
    help = "Recompute the legal deadlines of all records from today on: after EXTRA_HOLIDAYS has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        moved = move_all_deadlines(now=clock.now())
        self.stdout.write(f"{moved.changed} records have a new deadline")
        if moved.unread:
            numbers = ", ".join(map(str, moved.unread))
            self.stderr.write(f"{len(moved.unread)} records cannot be read, and keep their deadlines: {numbers}")
