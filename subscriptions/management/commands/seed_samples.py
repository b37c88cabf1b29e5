"""Fill a local installation with sample citizens, offices and accounts. A second run changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from secretary.kernel.time.clock import now
from subscriptions.accounts.sample_accounts import NotLocal, ensure_sample_accounts
from subscriptions.enrolment.consent_texts import ServiceConsentMissing
from subscriptions.enrolment.sample_people import LEFT_TO_SIGN_UP, enrol_samples, read_people
from subscriptions.management.commands.sample_accounts import DEFAULT_PEOPLE


class Command(BaseCommand):
    help = "Enrol sample people (one JSON object a line) and make the sample accounts. ENVIRONMENT=local only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--citizens", type=int, default=2000, metavar="N", help="the first N people of the file")
        parser.add_argument("--people", type=Path, default=DEFAULT_PEOPLE, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        count, file = options["citizens"], options["people"]
        try:
            new = self._enrol(file, count)
        except (NotLocal, ServiceConsentMissing) as error:
            raise CommandError(str(error)) from error
        except FileNotFoundError as error:
            raise CommandError(f"no file {file}: run `python -m sandbox people` first") from error
        self.stdout.write(f"{new} sample citizens are new; the first {LEFT_TO_SIGN_UP} can still sign up themselves")

    def _enrol(self, file: Path, count: int) -> int:
        official = ensure_sample_accounts()
        with Progress(console=Console(stderr=True)) as progress:
            bar = progress.add_task("sample citizens", total=max(0, count - LEFT_TO_SIGN_UP))
            return enrol_samples(
                read_people(file, count),
                official=official,
                now=now(),
                report=lambda done: progress.update(bar, completed=done),
            )
