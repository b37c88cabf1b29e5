import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from notifications.intake.read_feed import FeedBusy, read_feed
from notifications.models import Feed, FeedRun
from notifications.models.feed_run import VERSION_ADVICE
from secretary.kernel.time import database_clock
from secretary.kernel.time.instants import BadInstant, parse_now

LINES_SHOWN = 20


class Command(BaseCommand):
    help = "Read one feed now, from where it stood. --dry-run checks every line and writes nothing."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="the feed's name; without a match the names are listed")
        parser.add_argument("--dry-run", action="store_true", help="check only; keep the counts, not the records")
        parser.add_argument("--now", default="", help="instant used as now (ISO 8601, KST without an offset)")

    def handle(self, *args: Any, **options: Any) -> None:
        feed = Feed.objects.filter(name=options["name"]).first()
        if feed is None or feed.kind == Feed.PUSH:
            names = ", ".join(Feed.objects.exclude(kind=Feed.PUSH).values_list("name", flat=True)) or "none yet"
            raise CommandError(f"no feed {options['name']!r} that can be read; there are: {names}")
        try:
            now = parse_now(options["now"]) if options["now"] else database_clock.now()
        except BadInstant as error:
            raise CommandError(str(error)) from error
        run = self._read(feed, now, dry_run=options["dry_run"])
        for line in run.refused_lines.all()[:LINES_SHOWN]:
            self.stderr.write(f"  {line.place} line {line.line} {line.external_id}: {line.reason} {line.detail}")
        self.stdout.write(
            f"{feed.name}: {run.read} read, {run.new} new, {run.changed} changed, {run.duplicate} duplicate, "
            f"{run.refused} refused"
        )
        if run.advice:
            self.stdout.write(f"  {VERSION_ADVICE[run.advice]}")
        if run.state != FeedRun.FINISHED:
            raise CommandError(f"{run.state}: {run.message}")

    def _read(self, feed: Feed, now: Any, *, dry_run: bool) -> FeedRun:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(feed.name, total=None)
            try:
                return read_feed(
                    feed_id=feed.pk,
                    now=now,
                    dry_run=dry_run,
                    progress=lambda counts, total: bar.update(task, completed=counts.read, total=total),
                )
            except FeedBusy as error:
                raise CommandError(f"{error} is being read by another process; try again in a moment") from error
