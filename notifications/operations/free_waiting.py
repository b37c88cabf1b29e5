"""Release notices that waited for the end of a pause once their channel or template is in use again."""

from datetime import datetime

from django.db import connection, transaction

from notifications.matching.match import await_claims
from notifications.models import ChannelState
from secretary.kernel.database.sql import read_sql

FREE = read_sql("notifications", "free_waiting")
FREE_BUNDLES = read_sql("notifications", "free_bundles")
BLOCK = 2000


def free_waiting(*, now: datetime) -> int:
    """Make notices due that wait for a paused channel or a stopped template, or in calm mode for a bundled message
    although their stage is urgent by now; return how many. May be repeated."""
    resumed = list(ChannelState.objects.exclude(resumed_at=None).values_list("channel", "resumed_at"))
    with transaction.atomic(), connection.cursor() as cursor:
        await_claims(cursor)  # a claim that began during the pause postpones its notices once more
    freed = sum(_free(statement, now) for statement in (FREE, FREE_BUNDLES))
    for channel, resumed_at in resumed:
        ChannelState.objects.filter(pk=channel, resumed_at=resumed_at).update(resumed_at=None)
    return freed


def _free(statement: str, now: datetime) -> int:
    freed = 0
    after: int | None = 0
    while after is not None:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"after": after, "size": BLOCK, "now": now})
            after, count = cursor.fetchone()
        freed += count
    return freed
