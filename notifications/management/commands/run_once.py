import argparse
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from notifications.intake.read_feed import FeedBusy
from notifications.operations.run_once import AgencyFailed, Report, run_once
from secretary.kernel.time import clock, database_clock
from secretary.kernel.time.instants import BadInstant, parse_now
from subscriptions.preferences.hours import usual_hours


class Command(BaseCommand):
    help = (
        "Do the main job one time: ingest, match, deliver, receipts. Prints a table, or one JSON object. "
        "Exits 1 where nothing arrived of what was to go out."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        parser.add_argument("--now", default="", help="instant used as now (ISO 8601, KST without an offset)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = parse_now(options["now"]) if options["now"] else self._decent_hour()
        except BadInstant as error:
            raise CommandError(str(error)) from error
        try:
            report = self._run(now)
        except (AgencyFailed, FeedBusy) as error:
            raise CommandError(f"the job failed: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        else:
            _print(report)
        if report.delivered_nothing:
            states = ", ".join(f"{state} {number:,}" for state, number in report.states.items())
            raise CommandError(f"nothing was delivered of {report.notices['due']:,} notices that were due ({states})")

    def _decent_hour(self) -> datetime:
        """Return now; or, in the quiet hours, this day at an hour when notices may go out, so that some are sent."""
        now = database_clock.now()
        if usual_hours().include(now.astimezone(clock.KST).time()):
            return now
        awake = clock.kst_instant(clock.kst_date(now), settings.DAY_STARTS)
        self.stderr.write(f"It is {now.astimezone(clock.KST):%H:%M} in Korea, when only urgent notices go out:")
        self.stderr.write(f"working as of {awake.astimezone(clock.KST):%Y-%m-%d %H:%M} (choose with --now)")
        return awake

    def _run(self, now: datetime) -> Report:
        columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("start", total=None)
            return run_once(
                now=now,
                step=lambda name, done, total: bar.update(task, description=name, completed=done, total=total),
            )


def _print(report: Report) -> None:
    console = Console()
    counts = ", ".join(f"{number:,} {name}" for name, number in report.records.items())
    console.print(f"Records: {counts}")
    types = ", ".join(f"{code} {number:,}" for code, number in report.data_types.items()) or "none"
    console.print(f"Notices made: {report.notices['made']:,} ({types})")
    table = Table("channel", "sent", "delivered", "failed", "unknown", "waiting")
    for channel, row in report.channels.items():
        table.add_row(channel, *(f"{row[name]:,}" for name in ("sent", "delivered", "failed", "unknown", "waiting")))
    console.print(table)
    console.print(f"{report.seconds} s")
