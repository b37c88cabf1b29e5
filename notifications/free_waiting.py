"""A channel or a wording is used again: what waited for the end of its pause goes out at once."""

from datetime import datetime

from django.db import connection, transaction

from notifications.match import await_claims
from notifications.models import ChannelState

# Along the line of what waits, a block at a time: nothing is locked for long. What waits for another channel's pause
# finds that out at its next claim. What waits for a stopped wording takes the words that were approved since.
FREE = """
WITH block AS MATERIALIZED (
    SELECT notice_id FROM notifications_due WHERE notice_id > %(after)s ORDER BY notice_id LIMIT %(size)s
), held_up AS MATERIALIZED (
    SELECT n.id, CASE n.reason WHEN 'wording_stopped' THEN live.id END AS live_stage
    FROM block
    JOIN notifications_notice n ON n.id = block.notice_id
    JOIN subscriptions_stage st ON st.id = n.stage_id
    JOIN subscriptions_datatypeversion v ON v.id = st.version_id
    JOIN subscriptions_datatype dt ON dt.id = v.data_type_id
    LEFT JOIN subscriptions_stage live
        ON live.version_id = dt.live_version_id AND live.code = st.code AND live.trigger = st.trigger
    WHERE n.state = 'ready' AND n.reason IN ('channel_paused', 'wording_stopped') AND n.not_before > %(now)s
    ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
), freed AS (
    UPDATE notifications_notice n SET not_before = %(now)s, reason = '', stage_id = coalesce(live_stage, n.stage_id)
    FROM held_up WHERE n.id = held_up.id
)
SELECT (SELECT max(notice_id) FROM block), (SELECT count(*) FROM held_up)
"""
BLOCK = 2000


def free_waiting(*, now: datetime) -> int:
    """Whatever waits for a paused channel or a stopped wording is due; how many. May be repeated at any time."""
    resumed = list(ChannelState.objects.exclude(resumed_at=None).values_list("channel", "resumed_at"))
    with transaction.atomic(), connection.cursor() as cursor:
        await_claims(cursor)  # one that still knows the pause puts its notices off once more
    freed = 0
    after: int | None = 0
    while after is not None:
        with connection.cursor() as cursor:
            cursor.execute(FREE, {"after": after, "size": BLOCK, "now": now})
            after, count = cursor.fetchone()
        freed += count
    for channel, resumed_at in resumed:
        ChannelState.objects.filter(pk=channel, resumed_at=resumed_at).update(resumed_at=None)
    return freed
