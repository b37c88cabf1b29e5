"""Load the shipped data types into the database: manage.py load_catalogue."""

from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from secretary.kernel.time.clock import now
from subscriptions.data_types.load import FOLDER, Loaded, load_catalogue, load_drafts
from subscriptions.data_types.reading import SpecErrors


class Command(BaseCommand):
    help = "Load the shipped data types: a new version where a file has changed, nothing where it has not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--approve",
            action=BooleanOptionalAction,
            default=settings.ENVIRONMENT == "local",
            help="publish what is loaded at once (by default on a local machine only); never the drafts",
        )
        parser.add_argument(
            "--drafts",
            action=BooleanOptionalAction,
            default=True,
            help="also load the further kinds that are shipped as drafts",
        )
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files are (default: the shipped)")

    def handle(self, *args: Any, approve: bool, drafts: bool, folder: Path, **options: Any) -> None:
        try:
            loaded = load_catalogue(now=now(), approve=approve, folder=folder)
            waiting = load_drafts(now=now()) if drafts and folder == FOLDER else []
        except SpecErrors as errors:
            raise CommandError(str(errors)) from errors
        if options["verbosity"] > 0:
            for item in loaded:
                self.stderr.write(_line(item))
            if waiting:
                self.stderr.write(_summary(waiting))


def _line(item: Loaded) -> str:
    state = "live" if item.live else "waits for approval"
    if item.held_back:
        state = "waits as a draft: an administrator's version is live"
    return f"{item.code} v{item.number}: {'new' if item.made else 'unchanged'}, {state}"


def _summary(drafts: list[Loaded]) -> str:
    made, live = sum(item.made for item in drafts), sum(item.live for item in drafts)
    return f"{len(drafts)} further kinds: {made} new as drafts, {live} live (docs/data-types.md)"
