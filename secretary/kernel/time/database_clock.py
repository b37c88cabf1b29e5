"""Read the database's clock, on which all machines agree (docs/adr/0001). Tasks and commands take `now` from it.

A worker's own clock may be an hour off: what is due, when to try again and what is too late must not depend on which
worker looks. Pages may use this machine's clock (`clock.now`): it was compared with this one when they started.
"""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from secretary.kernel.time import clock

# So long an answer is carried on by the machine's monotonic clock, which is never set: a deliverer reads `now` many
# times a second, and each query is a statement.
READ_AGAIN_SECONDS = 2.0
_last: tuple[float, datetime] | None = None  # what the monotonic clock showed, and the database's answer


def now() -> datetime:
    """Return the present instant by the database's clock, aware, in UTC."""
    global _last
    reading = time.clock_gettime(time.CLOCK_MONOTONIC)
    if _last is None or not 0 <= reading - _last[0] < READ_AGAIN_SECONDS:
        _last = reading, _asked()
    return _last[1] + timedelta(seconds=reading - _last[0])


def ahead() -> timedelta:
    """Return how far this machine's clock is ahead of the database's; negative: behind. Too small by the time that the
    answer took, at most."""
    before = clock.now()
    return before - _asked()


def _asked() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant.astimezone(UTC)


def ahead_by_a_connection_of_its_own() -> timedelta:
    """Return the same, for a process that starts: its children must inherit no connection."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            before = clock.now()
            cursor.execute("SELECT clock_timestamp()")
            instant: datetime = cursor.fetchone()[0]
            return before - instant
    finally:
        own.close()
