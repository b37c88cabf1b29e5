"""SWEEP: find what a lost message, a killed worker, a silent provider or a silent agency left behind."""

from dataclasses import dataclass

from django.db import connection

WAITING = """
SELECT
    EXISTS (SELECT 1 FROM payments_payment WHERE ask_at <= clock_timestamp()),
    EXISTS (SELECT 1 FROM payments_refund WHERE ask_at <= clock_timestamp()
            AND state IN ('approved', 'sending', 'unknown')),
    EXISTS (SELECT 1 FROM payments_agencyposting WHERE next_at <= clock_timestamp() AND state = 'waiting')
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Which tasks have work, so that only those are enqueued."""

    poll: bool
    refund: bool
    post: bool


def find_waiting() -> Waiting:
    """In one statement that only touches partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return Waiting(*cursor.fetchone())
