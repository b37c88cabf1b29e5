"""Load template codes of providers from a file: manage.py load_template_codes FILE."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from secretary.kernel.time.clock import now
from subscriptions.data_types.drafts import Refused
from subscriptions.template_codes.lines import write_lines
from subscriptions.template_codes.load import Plan, load_codes, plan_codes
from subscriptions.template_codes.places import Places

RIGHT = "subscriptions.change_datatypeversion"


class Command(BaseCommand):
    help = (
        "Load template codes of providers from a CSV file, all or none. Without --apply: a table of what would change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the CSV file, in UTF-8")
        parser.add_argument(
            "--write", metavar="PROVIDER", help="print such a file of a provider, with the codes of now"
        )
        parser.add_argument(
            "--apply", action="store_true", help="load it; codes of live templates wait for a second person"
        )
        parser.add_argument(
            "--by", metavar="ACCOUNT", help="the account of a writer, who answers for it (with --apply)"
        )
        parser.add_argument("--reason", default="", help="why, for the audit trail (with --apply)")
        parser.add_argument("--language", choices=("en", "ko"), default="en", help="of the table and of errors")

    def handle(self, *args: Any, file: Path | None, write: str | None, language: str, **options: Any) -> None:
        with override(language):
            if write:
                self.stdout.write(write_lines(Places().all(write)), ending="")
                return
            if file is None:
                raise CommandError("Name a file, or --write PROVIDER for one to begin with.")
            content = file.read_text("utf-8-sig")
            plan = plan_codes(content)
            self._show(plan)
            if plan.problems:
                raise CommandError("\n".join(map(str, plan.problems)))
            if options["apply"]:
                self._apply(content, plan, options["by"], options["reason"].strip())

    def _show(self, plan: Plan) -> None:
        for change in plan.changes:
            line = change.line
            place = f"{line.data_type} {line.stage} {line.language} {line.channel} {line.provider} {line.text}".rstrip()
            codes = f"{change.place.code or '–'} → {line.code or '–'}"
            self.stdout.write(f"{line.number:>5}  {place}: {codes} ({change.words})")
        self.stderr.write(f"{len(plan.to_do)} of {len(plan.changes)} lines change a code")

    def _apply(self, content: str, plan: Plan, account: str | None, reason: str) -> None:
        by = get_user_model().objects.filter(username=account or "", is_active=True).first()
        if by is None or not by.has_perm(RIGHT) or not reason:
            raise CommandError(
                "--apply needs --by with the account of an active writer, and --reason. Nothing was loaded."
            )
        try:
            load_codes(content, by=by, actor=f"user:{by.pk}", reason=reason, seen=plan.digest, now=now())
        except Refused as refused:
            raise CommandError(f"{refused} Nothing was loaded.") from None
        self.stderr.write("loaded")
