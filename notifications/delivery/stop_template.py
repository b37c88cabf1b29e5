"""Stop message templates that a gateway refuses until a person clears the stop: notices use the next channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from notifications.alarms import raise_alarm
from notifications.models import Bundle, Delivery, TemplateStop
from subscriptions.models import MessageTemplate, TemplateVariant

# One row per record, for any number of attempts.
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


def stop_template(
    *, template_id: int, channel: str, code: str, now: datetime, why: str = "refuses this message template"
) -> None:
    """Skip a template until an administrator clears the stop. Does nothing where it is stopped already."""
    stop = TemplateStop(template_id=template_id, code=code[:40], stopped_at=now)
    TemplateStop.objects.bulk_create([stop], ignore_conflicts=True)
    template = MessageTemplate.objects.select_related("stage__version__data_type").get(pk=template_id)
    raise_alarm(
        kind="wording_refused",
        subject=template.in_codes(),
        message=f"{channel} {why} ({code}); notices go to the next channel",
        now=now,
    )


def doubt_template(*, delivery_ids: Sequence[int], code: str, now: datetime) -> None:
    """Count a value that a gateway refuses. It concerns one record, whose person gets the notice on another channel;
    once TEMPLATE_VALUE_RECORDS different records have it within TEMPLATE_VALUE_HOURS it concerns the template."""
    values: dict[str, Any] = {
        "deliveries": list(delivery_ids),
        "code": code[:40],
        "records": settings.TEMPLATE_VALUE_RECORDS,
        "hours": settings.TEMPLATE_VALUE_HOURS,
    }
    with connection.cursor() as cursor:
        cursor.execute(COMPLAIN, values)
        cursor.execute(COUNT, values)
        found = cursor.fetchall()
    for template_id, channel, records in found:
        why = f"refuses values of {records} different records in this message template"
        stop_template(template_id=template_id, channel=channel, code=code, now=now, why=why)


def withdraw_codes(*, delivery_ids: Sequence[int], code: str, now: datetime) -> None:
    """Remove a further provider's codes of a message template that it refuses (docs/adr/0060): the channel's other
    providers go on with theirs."""
    bundles = dict(Bundle.objects.filter(carrier__in=delivery_ids).values_list("carrier_id", "template_id"))
    rows = Delivery.objects.filter(pk__in=delivery_ids).values_list("pk", "template_id", "gateway")
    for template_id, gateway in sorted({(bundles.get(pk, template_id), gateway) for pk, template_id, gateway in rows}):
        of_gateway = TemplateVariant.objects.filter(template_id=template_id, key__startswith=f"{gateway}:")
        of_gateway.update(vendor_template="")
        template = MessageTemplate.objects.select_related("stage__version__data_type").get(pk=template_id)
        raise_alarm(
            kind="wording_refused",
            subject=f"{template.in_codes()} {gateway}",
            message=f"{gateway} refuses this message template ({code}); its codes are removed; other providers go on",
            now=now,
        )
