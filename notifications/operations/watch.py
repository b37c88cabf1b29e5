"""Carry out an operator's decisions: clear an alarm or a stop, pause and resume a channel. Each has a reason."""

from datetime import datetime

from django.db import transaction

from notifications.models import Alarm, ChannelState, TemplateStop
from notifications.models.channel_state import PAUSED_BY_STAFF
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


@transaction.atomic
def pause_channel(*, channel: str, until: datetime, actor: str, reason: str, now: datetime) -> None:
    """Send nothing on the channel until then: citizens with another channel are notified there, the others wait."""
    state = ChannelState.objects.select_for_update().get(pk=channel)
    state.paused_until, state.reason, state.resumed_at = until, PAUSED_BY_STAFF, None
    state.save()
    record_audit(now=now, actor=actor, action="channel paused", object=f"channel:{channel}", reason=reason)


@transaction.atomic
def resume_channel(*, channel: str, actor: str, reason: str, now: datetime) -> None:
    """Use the channel again at once, with its error rate reset; notices that waited for the pause's end go out now."""
    state = ChannelState.objects.select_for_update().get(pk=channel)
    state.paused_until, state.reason, state.resumed_at = None, "", now
    state.handed = state.troubled = 0
    state.save()
    record_audit(now=now, actor=actor, action="channel resumed", object=f"channel:{channel}", reason=reason)
    transaction.on_commit(lambda: enqueue("free_waiting"))
