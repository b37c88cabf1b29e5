import argparse
import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.models import Difference
from payments.reconciliation.reconcile import reconcile
from payments.reconciliation.remedies import KINDS, REMEDIES
from secretary.kernel.time import clock


class Command(BaseCommand):
    help = "Compare one day three ways: providers' settlement files, our ledger, agencies' lists. May run again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--date", required=True, type=a_day, metavar="DAY", help="of Korea, like 2026-03-02")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if options["date"] > clock.kst_date(now):
            raise CommandError("that day is in the future")
        done = reconcile(day=options["date"], now=now)
        rows = list(done.run.differences.order_by("where", "kind", "reference"))
        run = done.run
        answer: dict[str, Any] = {
            "day": str(run.day),
            "complete": run.complete,
            "providers": run.provider_total,
            "ledger": run.ledger_total,
            "due_to_agencies": run.due_to_agencies,
            "agencies": run.agency_total,
            "open": done.open,
            "differences": [as_json(row) for row in rows],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) if options["json"] else as_text(answer))


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day that exists, like 2026-03-02") from error


def as_json(row: Difference) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "what": str(KINDS[row.kind]),
        "where": row.where,
        "reference": row.reference,
        "ours": row.ours,
        "theirs": row.theirs,
        "remedy": str(REMEDIES[row.kind]),
        "resolved": row.resolved_at.isoformat() if row.resolved_at else None,
    }


def as_text(answer: dict[str, Any]) -> str:
    lines = [
        f"{answer['day']}: providers {answer['providers']:,} won, ledger {answer['ledger']:,} won, "
        f"due to agencies {answer['due_to_agencies']:,} won, agencies {answer['agencies']:,} won",
        "All have answered." if answer["complete"] else "INCOMPLETE: not all have answered; run it again.",
    ]
    for row in answer["differences"]:
        state = "resolved" if row["resolved"] else "OPEN"
        lines.append(f"{state}: {row['what']}: {row['where']} {row['reference']} (ours {row['ours']}, {row['theirs']})")
        lines.append(f"    {row['remedy']}")
    return "\n".join(lines)
