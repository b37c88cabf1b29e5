"""COUNT: add the changes that deliveries left behind to the counts by the hour. Each change is counted once.

The changes are removed by the statement that adds them up. There is no watermark that could pass by one of them: a
change whose transaction commits late is simply seen by a later run.
"""

from django.db import connection

from secretary.kernel.database.retry import retried
from secretary.kernel.database.sql import read_sql

AT_ONCE = 20_000
ADD_UP = read_sql("notifications", "count_deliveries")


def count_deliveries() -> int:
    """Add up all changes that are committed; return how many."""
    counted = 0
    while (added := _add_up()) == AT_ONCE:
        counted += added
    return counted + added


@retried
def _add_up() -> int:
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP, {"most": AT_ONCE})
        return int(cursor.fetchone()[0])
