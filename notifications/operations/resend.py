"""Carry out an operator's decision about a notice in review: resend or close."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from notifications.models import Notice, Record
from notifications.models.record import about
from notifications.states import CANCELLED, READY, REVIEW
from secretary.kernel.audit.audit import record_audit
from subscriptions.triggers import NOT_YOURS


class NotInReview(Exception):
    """The notice is not in review (any more); the message is for the operator."""


class NotTheirs(NotInReview):
    """Its record is about another person now: it can only be closed."""


def resend(*, notice_id: int, actor: str, reason: str, now: datetime) -> Notice:
    """Requeue a notice that needs review, with its counters at zero. Raises NotInReview, NotTheirs.

    Call it after a review only: where the gateway's answer was lost, the citizen may get it twice.
    Channels that failed for good are still skipped. A notice that is too late by now is closed as such.
    """
    fresh = {"not_before": now, "attempts": 0, "crashes": 0, "reason": "resent"}
    return _decide(notice_id=notice_id, to=READY, changes=fresh, actor=actor, reason=reason, now=now)


def close(*, notice_id: int, actor: str, reason: str, now: datetime) -> Notice:
    """Decide that a notice that needs review is not sent. Raises NotInReview."""
    changes = {"reason": "closed_by_staff", "finished_at": now}
    return _decide(notice_id=notice_id, to=CANCELLED, changes=changes, actor=actor, reason=reason, now=now)


@transaction.atomic
def _decide(*, notice_id: int, to: str, changes: dict[str, object], actor: str, reason: str, now: datetime) -> Notice:
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    if notice.state != REVIEW:
        raise NotInReview(_("This notice no longer needs a review."))
    if to == READY and _is_anothers(notice):
        raise NotTheirs(_("The record is about another person now. This notice can only be closed."))
    notice.state = to
    for name, value in changes.items():
        setattr(notice, name, value)
    notice.save(update_fields=["state", *changes])
    record_audit(
        now=now,
        actor=actor,
        action="resent" if to == READY else "closed",
        citizen_id=notice.citizen_id,
        object=f"notice:{notice.pk}",
        reason=reason,
    )
    return notice


def _is_anothers(notice: Notice) -> bool:
    if notice.stage.trigger == NOT_YOURS:
        return False
    theirs = Record.objects.filter(about(notice.citizen_id), pk=notice.record_id)
    return notice.not_theirs_at is not None or not theirs.exists()
