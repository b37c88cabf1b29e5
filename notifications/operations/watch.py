"""Carry out an operator's decisions: clear an alarm or a stop; reroute, hold, keep or resume a channel.

Each has a reason.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime

from notifications.models import Alarm, ChannelState, TemplateStop
from notifications.models.channel_state import HELD_BY_STAFF, PAUSED_BY_STAFF
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.enqueue import enqueue


@transaction.atomic
def clear_alarm(*, alarm_id: int, actor: str, reason: str, now: datetime) -> bool:
    """Clear the alarm. Returns False where another administrator cleared it before."""
    cleared = Alarm.objects.filter(pk=alarm_id, cleared_at__isnull=True).update(cleared_at=now)
    if cleared:
        record_audit(now=now, actor=actor, action="alarm cleared", object=f"alarm:{alarm_id}", reason=reason)
    return bool(cleared)


@transaction.atomic
def clear_stop(*, stop_id: int, actor: str, reason: str, now: datetime) -> bool:
    """Clear the stop of a template and release the notices that wait for it. False where it was cleared before."""
    cleared = TemplateStop.objects.filter(pk=stop_id, cleared_at__isnull=True).update(cleared_at=now)
    if cleared:
        record_audit(now=now, actor=actor, action="template stop cleared", object=f"stop:{stop_id}", reason=reason)
        transaction.on_commit(lambda: enqueue("free_waiting"))
    return bool(cleared)


def reroute_channel(*, channel: str, until: datetime, actor: str, reason: str, now: datetime) -> None:
    """Send nothing on the channel until then: notices go to the next channel that their person chose, those without
    one wait. What waits for the channel already, or for another try on it, takes its next way at once."""
    _set_aside(channel, PAUSED_BY_STAFF, until, actor, reason, now)


def hold_channel(*, channel: str, until: datetime, actor: str, reason: str, now: datetime) -> None:
    """Send nothing on the channel until then, and let the notices wait for it."""
    _set_aside(channel, HELD_BY_STAFF, until, actor, reason, now)


@transaction.atomic
def _set_aside(channel: str, how: str, until: datetime, actor: str, reason: str, now: datetime) -> None:
    state, _ = ChannelState.objects.select_for_update().get_or_create(pk=channel)
    state.use_again()
    state.paused_until, state.reason, state.resumed_at = until, how, now
    state.save()
    done = "channel rerouted" if how == PAUSED_BY_STAFF else "channel held"
    place = f"channel:{channel} until {localtime(until):%Y-%m-%d %H:%M}"
    record_audit(now=now, actor=actor, action=done, object=place, reason=reason)
    transaction.on_commit(lambda: enqueue("free_waiting"))  # what waited for an earlier end, or may go another way


@transaction.atomic
def resume_channel(*, channel: str, actor: str, reason: str, now: datetime) -> None:
    """Use the channel again at once, with its error rate reset; notices that waited for the pause's end go out now."""
    state = ChannelState.objects.select_for_update().get(pk=channel)
    state.use_again()
    state.resumed_at = now
    state.save()
    record_audit(now=now, actor=actor, action="channel resumed", object=f"channel:{channel}", reason=reason)
    transaction.on_commit(lambda: enqueue("free_waiting"))


@transaction.atomic
def keep_channel(*, channel: str, until: datetime, actor: str, reason: str, now: datetime) -> None:
    """Use the channel until then, whatever the autopilot would do: only its breaker pauses it, for moments, and its
    notices wait for it."""
    state, _ = ChannelState.objects.select_for_update().get_or_create(pk=channel)
    state.use_again()
    state.kept_until, state.resumed_at = until, now
    state.save()
    place = f"channel:{channel} until {localtime(until):%Y-%m-%d %H:%M}"
    record_audit(now=now, actor=actor, action="channel kept in use", object=place, reason=reason)
    transaction.on_commit(lambda: enqueue("free_waiting"))
