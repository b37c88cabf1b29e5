"""The breaker of a channel opens by error rate, and all workers see it. While it is open nothing is claimed for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from notifications.alarms import raise_alarm
from notifications.channels.contract import Outcome, Verdict

TROUBLE = (Verdict.LATER, Verdict.UNKNOWN)

# Counts decay to the size of the window, so that the rate is that of about the last BREAKER_WINDOW messages.
NOTE = """
INSERT INTO notifications_channelstate AS s (channel, handed, troubled, reason, changed_at)
VALUES (%(channel)s, %(handed)s, %(troubled)s, '', %(now)s)
ON CONFLICT (channel) DO UPDATE SET
    handed = s.handed * d.keep + excluded.handed,
    troubled = s.troubled * d.keep + excluded.troubled,
    changed_at = excluded.changed_at
"""
KEEP = "least(1, greatest(0, %(window)s - excluded.handed) / greatest(1, s.handed))"
PAUSE = """
UPDATE notifications_channelstate SET
    paused_until = clock_timestamp() + make_interval(secs => %(pause)s), reason = %(reason)s, handed = 0, troubled = 0
WHERE channel = %(channel)s AND handed >= %(least)s AND troubled >= handed * %(rate)s
"""
FEWEST = 5  # a single failure is no rate


def note_health(*, channel: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Count a batch; open the breaker when too much of the recent traffic met trouble."""
    troubled = [outcome for outcome in outcomes if outcome.verdict in TROUBLE]
    values: dict[str, Any] = {
        "channel": channel,
        "handed": len(outcomes),
        "troubled": len(troubled),
        "now": now,
        "window": settings.BREAKER_WINDOW,
        "pause": _pause(troubled),
        "reason": troubled[0].code[:60] if troubled else "",
        "least": FEWEST,
        "rate": settings.BREAKER_RATE,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE.replace("d.keep", KEEP), values)
        if not troubled:
            return
        cursor.execute(PAUSE, values)
        opened = cursor.rowcount
    if opened:
        raise_alarm(
            kind="channel_paused",
            subject=channel,
            message=f"{channel}: too many messages met trouble ({values['reason']}); paused for a moment",
            now=now,
        )


def _pause(troubled: Sequence[Outcome]) -> float:
    asked_for = [outcome.retry_after for outcome in troubled if outcome.retry_after]
    return max([settings.BREAKER_PAUSE_SECONDS, *asked_for])
