"""Write everything that must be in the database before the service starts on this machine, in one process."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Migrate, load the shipped data types, and put the sample people in place. May be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--citizens", type=int, required=True, metavar="N")
        parser.add_argument("--people", required=True, metavar="FILE", help="where the sandbox wrote its people")

    def handle(self, *args: Any, citizens: int, people: str, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_catalogue")
        call_command("seed_samples", "--citizens", str(citizens), "--people", people)
        call_command("seed_feeds")
