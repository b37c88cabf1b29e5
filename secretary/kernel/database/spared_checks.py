"""Do not ask the database whether a connection still works that it has answered on a moment ago.

Django asks at the start of each request (CONN_HEALTH_CHECKS), which is one round trip more for every page.
"""

import time
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connections

SECONDS = 2.0
USED_AT = "_used_at"


def spare_checks() -> None:
    """Begin, in a process that answers requests; Django's own receivers of these signals come first."""
    request_started.connect(_spare, dispatch_uid="spared_checks")
    request_finished.connect(_note, dispatch_uid="spared_checks")


def _spare(**_: Any) -> None:
    for connection in connections.all(initialized_only=True):
        if time.monotonic() - connection.__dict__.get(USED_AT, 0.0) < SECONDS:
            connection.health_check_done = True  # type: ignore[attr-defined]  # missing in the stubs


def _note(**_: Any) -> None:
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and not connection.errors_occurred:
            connection.__dict__[USED_AT] = time.monotonic()
