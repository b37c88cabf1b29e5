"""No database connection is held while another company's server is waited for."""

from django.db import connection


def let_go() -> None:
    """Give this thread's connection back before a call over HTTP; the next statement opens one again."""
    if not connection.in_atomic_block:
        connection.close()
