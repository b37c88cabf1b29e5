"""Verify the audit trail. Exit codes: 0 all of it holds, 1 something was altered or is missing, 2 not verified."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from secretary.kernel.audit.audit_links import Head, read_heads
from secretary.kernel.audit.verify_audit import Verdict, verify_audit

NOT_VERIFIED = 2


class Command(BaseCommand):
    help = (
        "Verify every line and seal of the audit trail. Exit codes: 0 all of it holds, 1 something was altered, "
        "removed, put in or cut off, 2 it could not be verified."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", metavar="FILE", help="heads that were exported before, or a log with them")
        parser.add_argument("--export", metavar="FILE", help="append the newest head as one line, if all of it holds")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        heads = _heads(Path(options["head"])) if options["head"] else []
        report = (lambda _: None) if options["json"] else (lambda part: self.stderr.write(f"reading {part}"))
        try:
            verdict = verify_audit(heads=heads, report=report)
        except DatabaseError as error:
            raise CommandError(f"not verified: {error}", returncode=NOT_VERIFIED) from error
        self.stdout.write(_as_json(verdict, len(heads)) if options["json"] else _as_text(verdict, len(heads)))
        if not verdict.holds:
            sys.exit(1)
        if options["export"]:
            _export(verdict, Path(options["export"]))


def _heads(file: Path) -> list[Head]:
    try:
        heads = read_heads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"not verified: {file}: {error}", returncode=NOT_VERIFIED) from error
    if not heads:
        raise CommandError(f"not verified: no exported head in {file}", returncode=NOT_VERIFIED)
    return heads


def _export(verdict: Verdict, file: Path) -> None:
    if verdict.head is None:
        raise CommandError("nothing is sealed yet: there is no head to export", returncode=NOT_VERIFIED)
    try:
        with file.open("a", encoding="utf-8") as kept:
            kept.write(verdict.head.line() + "\n")
    except OSError as error:
        raise CommandError(f"verified, but not exported: {error}", returncode=NOT_VERIFIED) from error


def _as_text(verdict: Verdict, heads: int) -> str:
    where = f"head {verdict.head.line()}" if verdict.head else "nothing is sealed yet"
    if verdict.holds:
        return f"The audit trail holds; {where}; compared with {heads} exported heads."
    return "\n".join([f"THE AUDIT TRAIL DOES NOT HOLD; {where}.", *(f"- {finding}" for finding in verdict.findings)])


def _as_json(verdict: Verdict, heads: int) -> str:
    answer = {
        "holds": verdict.holds,
        "head": json.loads(verdict.head.line()) if verdict.head else None,
        "heads_compared": heads,
        "findings": [asdict(finding) for finding in verdict.findings],
    }
    return json.dumps(answer, ensure_ascii=False, default=str)
