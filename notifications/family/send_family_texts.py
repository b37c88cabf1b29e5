"""Send the text messages to family members: by day, once each, and none whose answer was lost a second time.

Claimed and committed before the gateway is called; what the senior and the family member want is checked in that same
transaction. Only what was certainly not sent is tried again.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.channels.contract import Message, Outcome, Verdict
from notifications.channels.registry import MissingSetting
from notifications.delivery.providers import send_apart, usable
from notifications.family.family_outcomes import CHANNEL, note_family_outcome, poll_family_texts
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.time.clock import KST
from subscriptions.enrolment.consent_texts import FAMILY, OFFICE_CALL
from subscriptions.enrolment.family.texts import text_of
from subscriptions.models import Citizen, Consent, Contact, FamilyMember, FamilyText
from subscriptions.models.family.family_member import AGREED, ASKED
from subscriptions.models.family.family_text import (
    ACCEPTED,
    DELIVERED,
    DROPPED,
    QUESTION,
    SENDING,
    UNKNOWN,
    WAITING,
)
from subscriptions.preferences.hours import usual_hours

logger = logging.getLogger(__name__)
AT_ONCE = 100


def is_day(now: datetime) -> bool:
    """Return whether messages that are not urgent may go out."""
    return usual_hours().include(now.astimezone(KST).time())


def send_family_texts(*, now: datetime) -> int:
    """Ask about what is unknown, and send what waits; return how many the gateway took."""
    recover_family_texts(now=now)
    try:
        adapters = [adapter for _gateway, adapter in usable(CHANNEL)]
    except MissingSetting as missing:
        logger.error("no message to a family member can be sent: %s is not set", missing)
        return 0
    poll_family_texts(adapters, now=now)
    return sum(_sent(text, now) for text in _claimed(now)) if is_day(now) else 0


def recover_family_texts(*, now: datetime) -> None:
    """Note those whose worker was lost on the way: they may have been sent, and are not sent again."""
    before = now - timedelta(seconds=settings.LEASE_SECONDS)
    FamilyText.objects.filter(state=SENDING, sent_at__lt=before).update(state=UNKNOWN)


@retried
@transaction.atomic
def _claimed(now: datetime) -> list[FamilyText]:
    """Take what waits and may go, each with its family member locked."""
    waiting = FamilyText.objects.select_for_update(of=("self", "member"), skip_locked=True)
    due = waiting.filter(state=WAITING, not_before__lte=now).select_related("member__citizen").order_by("id")
    going = []
    for text in due[:AT_ONCE]:
        if _may_go(text, now):
            text.state, text.sent_at, text.tries = SENDING, now, text.tries + 1
            going.append(text)
        else:
            text.state = DROPPED
        text.save(update_fields=["state", "sent_at", "tries"])
    return going


def _may_go(text: FamilyText, now: datetime) -> bool:
    """Check what both want, once more: neither has withdrawn, and the number is not the senior's own by now."""
    member = text.member
    if member.state != (ASKED if text.kind == QUESTION else AGREED):
        return False
    if Contact.objects.filter(citizen=member.citizen_id, value_hash=member.phone_hash).exists():
        FamilyMember.objects.filter(pk=member.pk).end(actor="system", now=now)
        return False
    standing = Consent.objects.filter(
        citizen=member.citizen_id, withdrawn_at=None, text__code__in=(FAMILY, OFFICE_CALL)
    )
    codes = set(standing.values_list("text__code", flat=True))
    return member.citizen.state == Citizen.ACTIVE and codes == {FAMILY, OFFICE_CALL}


def _sent(text: FamilyText, now: datetime) -> bool:
    """Hand one over under a key of its own, by which it can be polled; return whether the gateway took it."""
    message = Message(text.reference, text.member.phone, "", "", text_of(text), {})
    handed = send_apart(CHANNEL, [message], batch_key=text.reference)
    found = [each.outcome for each in handed.values() if each.outcome.reference == text.reference]
    with transaction.atomic():
        state = note_family_outcome((found or [Outcome(text.reference, Verdict.UNKNOWN)])[-1], now=now)
        if state not in ("", WAITING):
            record_audit(
                now=now,
                actor="system",
                action="family.question_sent" if text.kind == QUESTION else "family.news_sent",
                citizen_id=text.member.citizen_id,
                object=f"family:{text.member_id} {state}",
            )
    return state in (ACCEPTED, DELIVERED)
