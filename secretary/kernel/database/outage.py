"""Recognise a database outage, so that the answer is "try again shortly" and no error of our own."""

from django.db import InterfaceError, OperationalError

RETRY_AFTER = {"Retry-After": "30"}  # seconds: a database that starts again or fails over takes about that long
# Classes of SQLSTATE: connection lost, no resources left (connections, disk, memory), shutting down or starting up.
# And a session that the server ended because its transaction was silent for too long (IDLE_IN_TRANSACTION_SECONDS).
AWAY = ("08", "53", "57P", "25P03")


def is_outage(error: BaseException | None) -> bool:
    """Return whether the database could not be reached or accepts no work.

    Not where it answered: a wrong statement, a deadlock, a lock or a statement that took too long.
    """
    if isinstance(error, InterfaceError):
        return "connection" in str(error)  # the other ones are wrong uses of a cursor
    if isinstance(error, OperationalError):
        code = getattr(error.__cause__, "pgcode", None)
        return code is None or code.startswith(AWAY)  # without a code it was no server that spoke
    return False
