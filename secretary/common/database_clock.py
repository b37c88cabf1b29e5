"""The database's clock, on which all machines agree (docs/adr/0001). Tasks and commands ask it for `now`.

A worker's own clock may be an hour off: what is due, when to try again and what is too late must not depend on whose
worker looks. Pages may use this machine's clock (`clock.now`): it was compared with this one when they started.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection

from secretary.common import clock


def now() -> datetime:
    """The present instant by the database's clock, aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant.astimezone(UTC)


def ahead() -> timedelta:
    """How far this machine's clock is ahead of the database's; negative: behind. Too small by the time that the answer
    took, at most."""
    before = clock.now()
    return before - now()


def ahead_by_a_connection_of_its_own() -> timedelta:
    """The same, for a process that starts: its children must inherit no connection."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            before = clock.now()
            cursor.execute("SELECT clock_timestamp()")
            instant: datetime = cursor.fetchone()[0]
            return before - instant
    finally:
        own.close()
