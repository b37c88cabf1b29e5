"""Say loudly that a person must look: one open alarm per kind and subject, counted when it repeats."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from notifications.models import Delivery, WordingStop

RAISE = """
INSERT INTO notifications_alarm (kind, subject, message, raised_at, times) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET times = notifications_alarm.times + 1
"""


def raise_alarm(*, kind: str, subject: str, message: str, now: datetime) -> None:
    """`message` is for operators and holds no personal data."""
    with connection.cursor() as cursor:
        cursor.execute(RAISE, [kind[:40], subject[:80], message[:300], now])


def stop_wording(*, delivery_ids: Iterable[int], now: datetime) -> None:
    """A gateway refused these deliveries because of their wording: pass it over until somebody clears the stop."""
    refused = Delivery.objects.filter(pk__in=list(delivery_ids)).select_related("wording__stage__version__data_type")
    for delivery in refused.order_by("wording_id").distinct("wording_id"):
        stop = WordingStop(wording_id=delivery.wording_id, code=delivery.code, stopped_at=now)
        WordingStop.objects.bulk_create([stop], ignore_conflicts=True)
        raise_alarm(
            kind="wording_refused",
            subject=str(delivery.wording),
            message=f"{delivery.channel} refuses this wording ({delivery.code}); notices go to the next channel",
            now=now,
        )
