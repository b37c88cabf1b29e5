"""Release the database connection while the process waits for another company's server."""

from django.db import connection


def let_go() -> None:
    """Give this thread's connection back before a call over HTTP; the next statement opens one again."""
    if not connection.in_atomic_block:
        connection.close()
