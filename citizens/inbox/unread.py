"""Remember which notices a person has opened, and count the ones that are new to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from citizens.inbox.notices import NEVER_OUT
from citizens.models import ReadNotice

COUNTED = 9  # a header says "9+" beyond
LOOKED_AT = 100  # of the newest notices: a long history costs no more
COUNT = """
SELECT count(*) FROM (
    SELECT 1 FROM (
        SELECT n.id, n.state FROM notifications_notice n WHERE n.citizen_id = %(citizen)s
        ORDER BY n.id DESC LIMIT %(most)s
    ) newest
    WHERE newest.state <> ALL(%(never_out)s)
      AND NOT EXISTS (SELECT 1 FROM citizens_readnotice rd WHERE rd.notice_id = newest.id) LIMIT %(counted)s
) unread
"""


def mark_read(*, notice_id: int, citizen_id: UUID, now: datetime) -> None:
    """Remember that the person has opened it. Waits for no lock; a second time it changes nothing."""
    row = ReadNotice(notice_id=notice_id, citizen_id=citizen_id, read_at=now)
    ReadNotice.objects.bulk_create([row], ignore_conflicts=True)


def unread(citizen_id: UUID) -> int:
    """Return how many of the newest notices are new, at most one more than COUNTED."""
    values: dict[str, Any] = {
        "citizen": citizen_id,
        "most": LOOKED_AT,
        "never_out": list(NEVER_OUT),
        "counted": COUNTED + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        (count,) = cursor.fetchone()
    return int(count)
