"""Let notices that wait for a person's old hours, or for the bundled message of an earlier choice, be compared with the
new ones by their next claim."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from notifications.matching.match import await_claims

FREE = """
UPDATE notifications_notice SET not_before = %(now)s, reason = '',
    bundle_at = CASE WHEN bundle_at <= %(now)s THEN bundle_at END
WHERE citizen_id = %(citizen)s AND state = 'ready' AND reason IN ('quiet_hours', 'calm') AND not_before > %(now)s
"""


def follow_hours(*, citizen_id: UUID, now: datetime) -> None:
    """Make the person's waiting notices due. Joins the transaction that changes the hours or calm mode.

    A claim that runs meanwhile has read the old hours: what it postpones is found after the commit.
    """
    values: dict[str, Any] = {"citizen": citizen_id, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(FREE, values)

    def once_more() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            await_claims(cursor)
            cursor.execute(FREE, values)

    transaction.on_commit(once_more, robust=True)
