"""Keep connections to the database: skip the check if it has answered a moment ago, and keep none while another
company's server answers.

Django asks at the start of each request (CONN_HEALTH_CHECKS) whether a connection still works, which is one round trip
more for every page. One that was cut has something to read, the end of its stream, which costs no round trip to see.
"""

import select
import time
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections, reset_queries

SECONDS = 2.0
USED_AT = "_used_at"


def spare_checks() -> None:
    """Begin, in a process that answers requests: what Django's own receivers of these signals do is done here too, for
    each of them looks for the connections of its thread anew."""
    for signal, theirs, ours in (
        (request_started, (reset_queries, close_old_connections), _begin),
        (request_finished, (close_old_connections,), _end),
    ):
        for each in theirs:
            signal.disconnect(each)
        signal.connect(ours, dispatch_uid="spared_checks")


def _begin(**_: Any) -> None:
    for each in connections.all(initialized_only=True):
        each.queries_log.clear()
        each.close_if_unusable_or_obsolete()
        _spare(each)


def _end(**_: Any) -> None:
    for each in connections.all(initialized_only=True):
        each.close_if_unusable_or_obsolete()
        _note(each)


def _spare(each: Any) -> None:
    if time.monotonic() - each.__dict__.get(USED_AT, 0.0) < SECONDS and _has_nothing_to_read(each.connection):
        each.health_check_done = True


def _has_nothing_to_read(session: Any) -> bool:
    if session is None or session.closed:
        return False
    look = select.poll()
    look.register(session.fileno(), select.POLLIN)
    return not look.poll(0)


def _note(each: Any) -> None:
    if each.connection is not None and not each.errors_occurred:
        each.__dict__[USED_AT] = time.monotonic()


def let_go() -> None:
    """Give this thread's connection back before a call over HTTP; the next statement opens one again."""
    if not connection.in_atomic_block:
        connection.close()
