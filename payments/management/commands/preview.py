import argparse
import json
import sys
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.preview import NoSuchDataType, Occasion, RecordRefused, Statement, preview
from secretary.kernel.time import clock
from secretary.kernel.time.instants import BadInstant, parse_now
from subscriptions.triggers import STATES

REFUSED = 2  # exit code
A_YEAR = timedelta(days=365)
NOTHING = (
    "No notice would be sent: no stage begins between --arrives and --until for a record in this state. A stage whose "
    "day was more than STAGE_GRACE_DAYS before --arrives is left out."
)


class Command(BaseCommand):
    help = "Preview all notices of one record, in every channel and language. Leaves nothing in the database."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("data_type", metavar="DATA_TYPE", help="code of a data type, live or draft")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            type=field,
            dest="fields",
            help="one field of the record; once for each",
        )
        parser.add_argument("--arrives", required=True, type=instant, metavar="TIME", help="2026-07-20T10:00, in Korea")
        parser.add_argument("--until", type=day, metavar="DAY", help="default: a year later")
        parser.add_argument("--state", default="open", choices=STATES, help="the record's state; default: open")
        parser.add_argument("--was", default="", choices=STATES, help="state of the record that was notified before")
        parser.add_argument("--event", default="opened", help="the agency's event; default: opened")
        parser.add_argument("--name", default="홍길동")
        parser.add_argument("--born", type=day, default=date(1985, 3, 14), metavar="DAY")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        arrives = options["arrives"]
        occasion = Occasion(
            data_type=options["data_type"],
            fields=dict(options["fields"]),
            arrives=arrives,
            until=options["until"] or clock.kst_date(arrives) + A_YEAR,
            **{name: options[name] for name in ("state", "was", "event", "name", "born")},
        )
        try:
            statements = preview(occasion)
        except NoSuchDataType as error:
            raise CommandError(f"no data type {occasion.data_type!r}; there are: {error}") from error
        except RecordRefused as error:
            cure = f" (give it by --set {error.field}=VALUE)" if error.reason == "missing" else ""
            self.stderr.write(f"refused: {error.field}: {error.reason}{cure}")
            sys.exit(REFUSED)
        self.stdout.write(as_json(statements) if options["json"] else as_text(statements))


def as_json(statements: list[Statement]) -> str:
    names = ("stage", "channel", "language", "text", "amount")
    return json.dumps(
        [{"on": item.on.isoformat(), **{name: getattr(item, name) for name in names}} for item in statements],
        ensure_ascii=False,
        indent=2,
    )


def as_text(statements: list[Statement]) -> str:
    if not statements:
        return NOTHING
    heads = [
        f"── {item.on} {item.stage} · {item.channel} · {item.language} · {won(item.amount)}" for item in statements
    ]
    return "\n\n".join(f"{head}\n{item.title}\n{item.text}" for head, item in zip(heads, statements, strict=True))


def won(amount: int | None) -> str:
    return "nothing to pay" if amount is None else f"{amount:,} won"


def field(written: str) -> tuple[str, str]:
    name, sign, value = written.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"{written!r} is not of the form FIELD=VALUE")
    return name, value


def day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day like 2026-12-31") from error


def instant(written: str) -> datetime:
    try:
        return parse_now(written)
    except BadInstant as error:
        raise argparse.ArgumentTypeError(str(error)) from error
