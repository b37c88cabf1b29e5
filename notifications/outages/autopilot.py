"""AUTOPILOT: reroute a channel that stays dark, and bring it back by rising shares of people (docs/adr/0061).

Only notices that wait go another way, by their person's own order of channels. A message that a gateway has, or may
have, is left alone. What staff decide about a channel counts more, until the time that they set.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.alarms import clear_by_itself, raise_alarm
from notifications.models import ChannelState, ProviderState
from notifications.models.channel_state import OF_STAFF, REROUTED_BY_AUTOPILOT
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.enqueue import enqueue

ALARM = "channel_rerouted"
# Where no sweep makes the next step, the reroute ends by itself so long after it.
SLACK_SECONDS = 300
# The gateway's own Retry-After is waited for where it is longer than a step.
REROUTE = f"""
UPDATE notifications_channelstate SET
    reason = '{REROUTED_BY_AUTOPILOT}', share = 0, handed = 0, troubled = 0, resumed_at = clock_timestamp(),
    step_at = greatest(paused_until, clock_timestamp() + make_interval(secs => %(step)s)),
    paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => %(step)s))
        + make_interval(secs => %(slack)s)
WHERE channel = ANY(%(channels)s) AND paused_until > clock_timestamp()
  AND reason <> ALL(%(others)s) AND dark_since <= clock_timestamp() - make_interval(secs => %(after)s)
  AND (kept_until > clock_timestamp()) IS NOT TRUE
RETURNING channel
"""  # noqa: S608  (a constant)


def reroute_dark(channels: Sequence[str], *, now: datetime) -> list[str]:
    """Reroute those of these channels whose breaker has been open for AUTOPILOT_AFTER_SECONDS; return them."""
    if not settings.AUTOPILOT_AFTER_SECONDS:
        return []
    values: dict[str, Any] = {
        "channels": list(channels),
        "others": [*OF_STAFF, REROUTED_BY_AUTOPILOT],
        "after": settings.AUTOPILOT_AFTER_SECONDS,
        "step": settings.AUTOPILOT_STEP_SECONDS,
        "slack": SLACK_SECONDS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REROUTE, values)
        rerouted = sorted(code for (code,) in cursor.fetchall())
        for code in rerouted:
            _record(code, "channel rerouted by autopilot", "its messages failed for too long", now)
            message = f"{code}: dark for {settings.AUTOPILOT_AFTER_SECONDS} s; notices go to each person's next channel"
            raise_alarm(kind=ALARM, subject=code, message=message, now=now)
        if rerouted:
            transaction.on_commit(lambda: enqueue("free_waiting"))
    return rerouted


def mind_channels(*, now: datetime) -> None:
    """Reroute channels that stay dark, and make the next step of those that come back."""
    reroute_dark(list(settings.CHANNELS), now=now)
    with transaction.atomic():
        due = ChannelState.objects.select_for_update(skip_locked=True).filter(step_at__lte=Now()).order_by("pk")
        for state in due:
            _step(state, now)
        rerouted = ChannelState.objects.filter(reason=REROUTED_BY_AUTOPILOT).values_list("pk", flat=True)
        clear_by_itself(kind=ALARM, but=list(rerouted), now=now)


def next_share(share: int) -> int:
    """Return the share of people after this one, in percent; 100: the channel is in use again."""
    return min((each for each in settings.AUTOPILOT_SHARES if share < each < 100), default=100)


def _step(state: ChannelState, now: datetime) -> None:
    """Raise the share, unless the messages of the last one failed: then the channel is rerouted as a whole again."""
    share = next_share(state.share)
    if state.share and state.troubled and state.troubled >= state.handed * settings.BREAKER_RATE:
        share = 0
    elif _is_dark(state.channel):
        share = state.share
    if share == 100:
        state.use_again()
        _record(state.channel, "channel used again by autopilot", "its messages got through", now)
    else:
        state.share, state.step_at = share, Now() + timedelta(seconds=settings.AUTOPILOT_STEP_SECONDS)
        state.paused_until = Now() + timedelta(seconds=settings.AUTOPILOT_STEP_SECONDS + SLACK_SECONDS)
        state.handed = state.troubled = 0
    state.resumed_at = now
    state.save()
    transaction.on_commit(lambda: enqueue("free_waiting"))


def _is_dark(channel: str) -> bool:
    """Return whether the channel has several providers, and all of them are still passed over."""
    of_channel = ProviderState.objects.filter(channel=channel)
    return of_channel.exists() and not of_channel.exclude(paused_until__gt=Now()).exists()


def _record(channel: str, action: str, reason: str, now: datetime) -> None:
    record_audit(now=now, actor="system", action=action, object=f"channel:{channel}", reason=reason)
