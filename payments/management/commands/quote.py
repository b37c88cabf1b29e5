import argparse
import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.tariffs.contract import BadFacts, Change, NotPayable, Quote, Tariff
from payments.tariffs.ladder import fields_of, from_values, kinds_of, parse, read, tariffs
from secretary.kernel.time import clock


class Command(BaseCommand):
    help = "Compute what a debt costs on a day, step by step, and when that changes. Needs no server and no database."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        choices = parser.add_subparsers(dest="tariff", metavar="TARIFF", required=True)
        for code, tariff in sorted(tariffs().items()):
            name = f"{tariff.name.en} ({tariff.name.ko})"
            add_tariff(choices.add_parser(code, help=name, description=name), tariff)

    def handle(self, *args: Any, **options: Any) -> None:
        tariff = tariffs()[options["tariff"]]
        try:
            ladder = tariff.ladder(from_values(tariff.facts, options))
            quote = read(ladder, on=options["on"], agency_amount=options["agency_amount"])
        except (BadFacts, NotPayable) as error:
            raise CommandError(f"{error} (manage.py quote {tariff.code} --help)") from error
        answer = as_json(tariff.code, quote) if options["json"] else as_text(tariff, quote)
        self.stdout.write(answer)


def add_tariff(parser: argparse.ArgumentParser, tariff: Tariff[Any]) -> None:
    """Add one option for each fact, so that a new tariff needs no line here."""
    kinds = kinds_of(tariff.facts)
    for item in fields_of(tariff.facts):
        parser.add_argument(
            option(item.name),
            type=reader(item.name, kinds[item.name]),
            metavar=metavar(kinds[item.name]),
            help=str(item.metadata.get("help", "")),
        )
    today = clock.kst_date(clock.now())
    parser.add_argument("--on", type=reader("on", date), default=today, metavar="DAY", help="default: today in Korea")
    parser.add_argument(
        "--agency-amount",
        type=reader("agency-amount", int),
        metavar="N",
        help="won, amount that the agency states on that day",
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def metavar(kind: type) -> str:
    return "DAY" if kind is date else "N"


def reader(name: str, kind: type) -> Any:
    """Return a converter for argparse whose message is ours."""

    def convert(text: str) -> int | date:
        try:
            return parse(name, kind, text)
        except BadFacts as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def as_json(code: str, quote: Quote) -> str:
    answer = {
        "tariff": code,
        "version": str(quote.version),
        "on": str(quote.on),
        "amount": quote.amount,
        "by_law": quote.by_law,
        "steps": [
            {"code": step.code, "what": step.what.en, "what_ko": step.what.ko, "article": step.article}
            | {"amount": step.amount}
            for step in quote.steps
        ],
        "next_change": change_as_json(quote.next_change),
        "after_next": change_as_json(quote.after_next),
        "ends_procedure": quote.ends_procedure,
        "notes": [
            {"code": note.code, "what": note.what.en, "what_ko": note.what.ko, "article": note.article}
            for note in quote.notes
        ],
        "differs": quote.differs,
        "differences": [
            {"what": item.what, "agency": item.agency, "by_law": item.by_law} for item in quote.differences
        ],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def change_as_json(change: Change | None) -> dict[str, str | int] | None:
    return {"on": str(change.on), "amount": change.amount} if change else None


def as_text(tariff: Tariff[Any], quote: Quote) -> str:
    lines = [f"{tariff.name.en} ({tariff.name.ko}) on {quote.on}: {quote.amount:,} won"]
    lines += [f"{step.amount:>+12,}  {step.what.en} ({step.article or 'agency'})" for step in quote.steps]
    lines += [f"From {change.on}: {change.amount:,} won" for change in (quote.next_change, quote.after_next) if change]
    if quote.next_change is None:
        lines.append("No later change is known.")
    lines += [f"Note: {note.what.en} ({note.article})" for note in quote.notes]
    lines += [
        f"DIFFERS: {item.what}: the agency says {item.agency}, by law {item.by_law}" for item in quote.differences
    ]
    return "\n".join(lines)
