"""COUNT: add the changes that deliveries and notices left behind to the counts by the hour and by the day.

Each change is counted once. They are removed by the statement that adds them up. There is no watermark that could pass
by one of them: a change whose transaction commits late is simply seen by a later run.
"""

from django.db import connection

from secretary.kernel.database.retry import retried
from secretary.kernel.database.sql import read_sql

AT_ONCE = 20_000
DELIVERIES = read_sql("notifications", "count_deliveries")
REACH = read_sql("notifications", "count_reach")


def count_deliveries() -> int:
    """Add up all changes of deliveries that are committed; return how many."""
    return _add_all_up(DELIVERIES)


def count_reach() -> int:
    """Add up all outcomes of notices that are committed; return how many."""
    return _add_all_up(REACH)


def _add_all_up(statement: str) -> int:
    counted = 0
    while (added := _add_up(statement)) == AT_ONCE:
        counted += added
    return counted + added


@retried
def _add_up(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"most": AT_ONCE})
        return int(cursor.fetchone()[0])
