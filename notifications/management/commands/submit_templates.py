from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.operations.submit_templates import submit_templates, to_submit
from secretary.kernel.time import database_clock


class Command(BaseCommand):
    help = "Submit templates: the live message templates, where vendors must approve them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print what would be submitted, and submit nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now = database_clock.now()
        if dry_run:
            for text in to_submit(now=now):
                self.stdout.write(text)
            return
        self.stderr.write(f"{submit_templates(now=now)} templates submitted")
