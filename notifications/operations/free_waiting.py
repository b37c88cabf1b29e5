"""Release notices that waited for the end of a pause once their channel or template is in use again."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.matching.match import await_claims
from notifications.models import ChannelState
from notifications.models.channel_state import IN_SHARE, REROUTED
from secretary.kernel.database.sql import read_sql

FREE, FREE_BUNDLES = (
    read_sql("notifications", "free_waiting", queue=queue, bundled=bundled, in_share=IN_SHARE.format(share="%(share)s"))
    for queue, bundled in (("notifications_due", "false"), ("notifications_bundleentry", "true"))
)
BLOCK = 2000


def free_waiting(*, now: datetime) -> int:
    """Make notices due that wait for a paused channel, a stopped template or another try on a channel that is rerouted,
    or in calm mode for a bundled message although their stage is urgent by now; return how many. May be repeated."""
    rerouted = ChannelState.objects.filter(reason__in=REROUTED, share=0, paused_until__gt=Now())
    values: dict[str, Any] = {"now": now, "rerouted": list(rerouted.values_list("channel", flat=True))}
    states = list(ChannelState.objects.exclude(resumed_at=None).values_list("channel", "resumed_at", "share"))
    resumed = [(channel, resumed_at) for channel, resumed_at, _ in states]
    # Only those free that a step of the autopilot is for: the others would be postponed by their claims once more.
    values["share"] = max((share or 100 for _, _, share in states), default=100)
    with transaction.atomic(), connection.cursor() as cursor:
        await_claims(cursor)  # a claim that began during the pause postpones its notices once more
    freed = sum(_free(statement, values) for statement in (FREE, FREE_BUNDLES))
    for channel, resumed_at in resumed:
        ChannelState.objects.filter(pk=channel, resumed_at=resumed_at).update(resumed_at=None)
    return freed


def _free(statement: str, values: dict[str, Any]) -> int:
    freed = 0
    after: int | None = 0
    while after is not None:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**values, "after": after, "size": BLOCK})
            after, count = cursor.fetchone()
        freed += count
    return freed
