"""Send a notice by another of its person's channels, because they ask for it on the telephone.

Only what waits for a channel or was left undecided, and of which every attempt is known to have failed: where one may
have arrived, nothing is sent a second time. What the person chose (kinds, channels, hours) holds as for every notice:
the claim checks it again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from notifications.models import Notice, Record
from notifications.models.record import about
from notifications.states import FAILED, PUT_OFF, READY, RETURNED, REVIEW
from secretary.kernel.audit.audit import record_audit
from subscriptions.models import ChannelChoice, Contact
from subscriptions.triggers import NOT_YOURS

HELD_UP = ("channel_paused", "wording_stopped")


class NoOtherWay(Exception):
    """It cannot be sent by that channel (any more); the message is for the member of staff."""


def other_ways(notice: Notice) -> list[str]:
    """Return the channels by which staff may have the notice sent, in the person's order; none: it is not for staff."""
    if not (_waits_for_a_channel(notice) and _all_failed(notice) and _is_theirs(notice)):
        return []
    waiting = notice.reason.partition(":")[0]
    return [channel for channel in _usable(notice) if channel not in (*notice.tried, waiting, *_paused_first(notice))]


@transaction.atomic
def send_by(*, notice_id: int, citizen_id: UUID, channel: str, actor: str, reason: str, now: datetime) -> None:
    """Have it sent by this channel next; the person's others come after it. Raises NoOtherWay."""
    notice = Notice.objects.select_for_update().filter(pk=notice_id, citizen=citizen_id).first()
    if notice is None or channel not in other_ways(notice):
        raise NoOtherWay(_("This notice can no longer be sent this way. Its state has changed: look at it once more."))
    others = [each for each in _usable(notice) if each not in (*notice.tried, channel)]
    notice.tried = [*notice.tried, *(each + PUT_OFF for each in others if each + PUT_OFF not in notice.tried)]
    notice.state, notice.reason, notice.not_before = READY, "resent", now
    notice.attempts = notice.crashes = 0
    notice.save(update_fields=["state", "reason", "not_before", "tried", "attempts", "crashes"])
    record_audit(
        now=now,
        actor=actor,
        action="notice.sent_another_way",
        citizen_id=citizen_id,
        object=f"notice:{notice.pk} {channel}",
        reason=reason,
    )


def _waits_for_a_channel(notice: Notice) -> bool:
    if notice.state == REVIEW:
        return True
    return notice.state == READY and (notice.reason in HELD_UP or ":" in notice.reason)


def _all_failed(notice: Notice) -> bool:
    return not notice.deliveries.exclude(state__in=(FAILED, RETURNED)).exists()


def _is_theirs(notice: Notice) -> bool:
    if notice.stage.trigger == NOT_YOURS:
        return True
    return (
        notice.not_theirs_at is None and Record.objects.filter(about(notice.citizen_id), pk=notice.record_id).exists()
    )


def _paused_first(notice: Notice) -> Sequence[str]:
    """Return the channel that the notice waits for, where its reason does not name it: the first that it would take."""
    if notice.reason not in HELD_UP:
        return ()
    return [channel for channel in _usable(notice) if channel not in notice.tried][:1]


def _usable(notice: Notice) -> list[str]:
    """Return the channels that the person chose, to which there is an address and a message template of this notice."""
    kinds = set(Contact.objects.filter(citizen=notice.citizen_id, suspended_at=None).values_list("kind", flat=True))
    worded = set(notice.stage.templates.filter(language=notice.citizen.language).values_list("channel", flat=True))
    chosen = ChannelChoice.objects.filter(citizen=notice.citizen_id).order_by("position")
    return [
        channel
        for channel in chosen.values_list("channel", flat=True)
        if channel in worded and (Contact.TOSS_USER_KEY if channel == "toss" else Contact.PHONE) in kinds
    ]
