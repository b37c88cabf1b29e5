"""Run Django's `migrate` beside a running service (secretary/ops/patient_ddl.py), as the owner of the tables.

Then the rights of every role are set anew (secretary/ops/rights.py).
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from secretary.kernel.database.quick_states import quick_states
from secretary.ops.owner import as_owner
from secretary.ops.patient_ddl import is_worth_another_try, patient
from secretary.ops.rights import grant_rights

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0  # seconds in which the sessions that waited behind us get through
PATIENCE_SECONDS = 300.0


class Command(migrate.Command):
    help = f"{migrate.Command.help} Waits for locks only briefly and tries again, so that no statement waits behind it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE_SECONDS,
            metavar="SECONDS",
            help=f"how long to try for a table that others keep locked ({PATIENCE_SECONDS:.0f})",
        )

    def handle(self, *args: Any, patience: float = PATIENCE_SECONDS, **options: Any) -> None:
        with as_owner():
            self._migrate(*args, patience=patience, **options)
            if settings.DATABASE_OWNER and not (options["plan"] or options["check_unapplied"]):
                grant_rights()

    def _migrate(self, *args: Any, patience: float, **options: Any) -> None:
        connection, end, pause = connections[options["database"]], time.monotonic() + patience, FIRST_PAUSE
        if connection.in_atomic_block:  # a test's transaction: there is no other to wait for
            self._migrate_now(*args, **options)
            return
        while True:
            try:
                with patient(connection):
                    self._migrate_now(*args, **options)
                return
            except OperationalError as error:
                if not is_worth_another_try(error) or time.monotonic() > end:
                    raise
            self.stdout.write(f"A table that this changes is locked: retrying in {pause:.1f} s.")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _migrate_now(self, *args: Any, **options: Any) -> None:
        with quick_states():
            super().handle(*args, **options)
