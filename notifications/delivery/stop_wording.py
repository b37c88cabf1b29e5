"""Stop message templates that a gateway refuses until a person clears the stop: notices use the next channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from notifications.alarms import raise_alarm
from notifications.models import WordingStop
from subscriptions.models import Wording

# One record each, however often it is tried.
COMPLAIN = """
INSERT INTO notifications_wordingcomplaint (wording_id, record_id, code, said_at)
SELECT DISTINCT d.wording_id, n.record_id, %(code)s, clock_timestamp()
FROM notifications_delivery d JOIN notifications_notice n ON n.id = d.notice_id WHERE d.id = ANY(%(deliveries)s)
ORDER BY 1, 2
ON CONFLICT (wording_id, record_id) DO UPDATE SET code = excluded.code, said_at = excluded.said_at
"""
COUNT = """
SELECT c.wording_id, w.channel, count(*) FROM notifications_wordingcomplaint c
JOIN subscriptions_wording w ON w.id = c.wording_id
WHERE c.wording_id IN (SELECT wording_id FROM notifications_delivery WHERE id = ANY(%(deliveries)s))
  AND c.said_at > clock_timestamp() - make_interval(hours => %(hours)s)
GROUP BY 1, 2 HAVING count(*) >= %(records)s
"""


def stop_wording(
    *, wording_id: int, channel: str, code: str, now: datetime, why: str = "refuses this message template"
) -> None:
    """Pass a wording over until an administrator clears the stop. Nothing more where it is stopped already."""
    stop = WordingStop(wording_id=wording_id, code=code[:40], stopped_at=now)
    WordingStop.objects.bulk_create([stop], ignore_conflicts=True)
    wording = Wording.objects.select_related("stage__version__data_type").get(pk=wording_id)
    raise_alarm(
        kind="wording_refused",
        subject=str(wording),
        message=f"{channel} {why} ({code}); notices go to the next channel",
        now=now,
    )


def doubt_wording(*, delivery_ids: Sequence[int], code: str, now: datetime) -> None:
    """Count a value that a gateway refuses. It is about one person's record, who gets the notice on another channel;
    once WORDING_VALUE_RECORDS different records have it within WORDING_VALUE_HOURS it is about the wording."""
    values: dict[str, Any] = {
        "deliveries": list(delivery_ids),
        "code": code[:40],
        "records": settings.WORDING_VALUE_RECORDS,
        "hours": settings.WORDING_VALUE_HOURS,
    }
    with connection.cursor() as cursor:
        cursor.execute(COMPLAIN, values)
        cursor.execute(COUNT, values)
        found = cursor.fetchall()
    for wording_id, channel, records in found:
        why = f"refuses values of {records} different records in this message template"
        stop_wording(wording_id=wording_id, channel=channel, code=code, now=now, why=why)
