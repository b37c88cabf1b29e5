"""Stop message templates at a gateway that refuses them until a person clears the stop: notices go to the channel's
next provider, or to the next channel (docs/adr/0069)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection

from notifications.alarms import raise_alarm
from notifications.delivery.gateways import first_gateway, gateways_of
from notifications.models import Bundle, Delivery, TemplateStop
from subscriptions.models import MessageTemplate

# No more than is needed to know that they are few.
OF_BATCH = """
SELECT count(*) FROM (
    SELECT 1 FROM notifications_delivery WHERE id BETWEEN %(first)s AND %(last)s AND wording_id = %(template)s
      AND gateway = %(gateway)s AND state IN ('sending', 'sent', 'delivered', 'failed') LIMIT %(enough)s
) found
"""
# One row per record, for any number of attempts.
COMPLAIN = """
INSERT INTO notifications_wordingcomplaint (wording_id, record_id, gateway, code, said_at)
SELECT DISTINCT ON (d.wording_id, n.record_id) d.wording_id, n.record_id, d.gateway, %(code)s, clock_timestamp()
FROM notifications_delivery d JOIN notifications_notice n ON n.id = d.notice_id WHERE d.id = ANY(%(deliveries)s)
ORDER BY 1, 2
ON CONFLICT (wording_id, record_id) DO UPDATE
    SET gateway = excluded.gateway, code = excluded.code, said_at = excluded.said_at
"""
COUNT = """
SELECT c.wording_id, w.channel, c.gateway, count(*) FROM notifications_wordingcomplaint c
JOIN subscriptions_wording w ON w.id = c.wording_id
WHERE (c.wording_id, c.gateway) IN
        (SELECT wording_id, gateway FROM notifications_delivery WHERE id = ANY(%(deliveries)s))
  AND c.said_at > clock_timestamp() - make_interval(hours => %(hours)s)
GROUP BY 1, 2, 3 HAVING count(*) >= %(records)s
"""


def stop_template(
    *,
    template_id: int,
    channel: str,
    gateway: str,
    code: str,
    now: datetime,
    why: str = "refuses this message template",
) -> None:
    """Give a template to this provider of its channel no more, until an administrator clears the stop. Does nothing
    where it is stopped there already. `gateway`: "" of the first one."""
    gateway = gateway or first_gateway(channel)
    stop = TemplateStop(template_id=template_id, gateway=gateway, code=code[:40], stopped_at=now)
    TemplateStop.objects.bulk_create([stop], ignore_conflicts=True)
    template = MessageTemplate.objects.select_related("stage__version__data_type").get(pk=template_id)
    others = len(gateways_of(channel)) > 1
    then = "the channel's next provider that has approved it, or to the next channel" if others else "the next channel"
    raise_alarm(
        kind="wording_refused",
        subject=f"{template.in_codes()} {gateway}",
        message=f"{gateway} {why} ({code}); notices go to {then}",
        now=now,
    )


def stop_at_its_gateways(*, delivery_ids: Sequence[int], code: str, now: datetime) -> None:
    """Stop the templates of messages that their providers refuse, each where its message was; of a message that carried
    several notices, the service's own one."""
    bundles = dict(Bundle.objects.filter(carrier__in=delivery_ids).values_list("carrier_id", "template_id"))
    rows = Delivery.objects.filter(pk__in=delivery_ids).values_list("pk", "template_id", "channel", "gateway")
    refused = {(bundles.get(pk, template_id), channel, gateway) for pk, template_id, channel, gateway in rows}
    for template_id, channel, gateway in sorted(refused):
        stop_template(template_id=template_id, channel=channel, gateway=gateway, code=code, now=now)


def by_gateway(delivery_ids: Sequence[int]) -> dict[str, list[int]]:
    """Return these deliveries by the provider that has them."""
    found: dict[str, list[int]] = defaultdict(list)
    for pk, gateway in Delivery.objects.filter(pk__in=delivery_ids).values_list("pk", "gateway"):
        found[gateway].append(pk)
    return found


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
    for template_id, channel, gateway, records in found:
        why = f"refuses values of {records} different records in this message template"
        stop_template(template_id=template_id, channel=channel, gateway=gateway, code=code, now=now, why=why)


def many_of_batch(template_id: int, gateway: str, wrong: Sequence[int]) -> int | None:
    """Return how many messages the batch of these wrong numbers had, None where they are few of it."""
    if len(wrong) <= settings.WRONG_NUMBERS_LEAST:
        return None
    enough = ceil(len(wrong) / settings.WRONG_NUMBERS_RATE)
    batch: dict[str, Any] = {
        "template": template_id,
        "gateway": gateway,
        "first": min(wrong),
        "last": max(wrong),
        "enough": enough,
    }
    with connection.cursor() as cursor:
        cursor.execute(OF_BATCH, batch)
        of_batch = int(cursor.fetchone()[0])
    return of_batch if of_batch < enough else None
