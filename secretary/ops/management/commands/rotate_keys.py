"""Encrypt everything anew beside the running service, after a new key was put in front of FIELD_KEYS."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.secrets.encryption import cipher
from secretary.kernel.time import clock
from secretary.ops.sealed import SEALED


class Command(BaseCommand):
    help = (
        "Re-encrypt with the current key of FIELD_KEYS what was encrypted with an older one. Run it again to continue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is under an older key")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            self._check()
            return
        unreadable = 0
        for column in SEALED:
            rotated = column.rotate(cipher())
            unreadable += rotated.unreadable
            self.stdout.write(f"{rotated.rows:>10,} of {column.name} re-encrypted")
        record_audit(now=clock.now(), actor="system", action="keys rotated", object=cipher().current.decode())
        if unreadable:
            raise CommandError(
                f"{unreadable} values are opened by no key of FIELD_KEYS: keep the older keys, look for them"
            )
        self._check()

    def _check(self) -> None:
        stale = {column.name: column.stale(cipher()) for column in SEALED}
        for name, count in stale.items():
            self.stdout.write(f"{count:>10,} of {name} under an older key")
        if any(stale.values()):
            raise CommandError("some data are still under an older key: keep it in FIELD_KEYS, and run this again")
        self.stdout.write(
            "Nothing is left: the older keys can be removed from FIELD_KEYS in an hour (sign-ups in progress)."
        )
