"""Move name keys, once after the release that made one key of all spellings of a name, while the service runs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time import clock
from subscriptions.enrolment.move_name_keys import move_all, start_again
from subscriptions.models import NameKeyMove


class Command(BaseCommand):
    help = "Give people whose names are not in Hangul alone the key of all spellings. Continues where it was stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="people read at once (500)")
        parser.add_argument("--again", action="store_true", help="from the first person on, also those done before")

    def handle(self, *args: Any, batch: int, again: bool, **options: Any) -> None:
        if again:
            start_again()
        for done in move_all(batch=batch, now=clock.now()):
            self.stdout.write(f"{done.looked_at:>8,} checked, {done.moved:,} moved, {done.twice:,} duplicates merged")
        total = NameKeyMove.objects.get(pk=1)
        counts = f"{total.looked_at:,} people, {total.moved:,} moved, {total.merged:,} were there twice"
        record_audit(now=clock.now(), actor="system", action="name keys moved", object=counts)
        self.stdout.write(f"Finished: {counts}.")
