"""Print the accounts that can sign in to a local installation, and the sample people who can sign up."""

import json
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from subscriptions.accounts.sample_accounts import ACCOUNTS, PASSWORD, NotLocal, ensure_sample_accounts
from subscriptions.enrolment.sample_people import LEFT_TO_SIGN_UP

DEFAULT_PEOPLE = settings.BASE_DIR / "var" / "sandbox" / "people.jsonl"


class Command(BaseCommand):
    help = "Create missing sample accounts (ENVIRONMENT=local only) and print them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=Path, default=DEFAULT_PEOPLE, help="file of sample people")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ensure_sample_accounts()
        except NotLocal as error:
            raise CommandError(str(error)) from error
        base = settings.PUBLIC_BASE_URL.rstrip("/")
        self.stdout.write(f"Sign up (citizen)     {base}/sign-up/")
        self.stdout.write(f"Officials             {base}/officials/")
        self.stdout.write(f"Administration        {base}/admin/")
        self.stdout.write(f"Agencies              {base}/agencies/")
        self.stdout.write("")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username:<12}{PASSWORD}   {account.role_en} ({account.role_ko})")
        self._print_people(options["people"])

    def _print_people(self, file: Path) -> None:
        if not file.is_file():
            return
        self.stdout.write("\nNot signed up yet; try the sign-up as one of them:")
        with file.open(encoding="utf-8") as lines:
            for line in islice(lines, LEFT_TO_SIGN_UP):
                person = json.loads(line)
                first7 = person["birth_date"].replace("-", "")[2:] + person.get("sex_digit", "")
                phone = "0" + person["phone"].removeprefix("+82")
                self.stdout.write(f"  {person['name']:<12}{phone}   {person['carrier']:<9} {first7}")
        self.stdout.write("The code arrives on the sample phone; all other people in the file are signed up already.")
