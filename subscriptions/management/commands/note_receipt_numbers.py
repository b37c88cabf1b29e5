"""Note the receipt numbers of people who enrolled under a release that did not note them, while the service runs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from subscriptions.enrolment.receipt_numbers import note_all


class Command(BaseCommand):
    help = "Note the receipt number of each person who is enrolled. Run twice, it does nothing new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=5000, help="people read at once (5000)")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        people = 0
        for people in note_all(batch=batch):
            self.stdout.write(f"{people:>12,} people")
        self.stdout.write(f"Finished: {people:,} people.")
