"""Send the text messages to family members: by day, once each, and none whose answer was lost a second time.

Claimed and committed before the gateway is called; what the senior and the family member want is checked in that same
transaction. Only what was certainly not sent is tried again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.channels.contract import Message, Outcome, Verdict
from notifications.channels.registry import MissingSetting
from notifications.delivery.providers import send_apart, usable
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
    FAILED,
    QUESTION,
    SENDING,
    UNKNOWN,
    WAITING,
)
from subscriptions.preferences.hours import usual_hours

logger = logging.getLogger(__name__)
AT_ONCE, TRIES, AGAIN = 100, 5, timedelta(minutes=10)
ENDS = {
    Verdict.ACCEPTED: ACCEPTED,
    Verdict.DELIVERED: DELIVERED,
    Verdict.UNKNOWN: UNKNOWN,
    Verdict.UNDELIVERABLE: FAILED,
    Verdict.TEMPLATE_REJECTED: FAILED,
}


def is_day(now: datetime) -> bool:
    """Return whether messages that are not urgent may go out."""
    return usual_hours().include(now.astimezone(KST).time())


def send_family_texts(*, now: datetime) -> int:
    """Send what waits; return how many the gateway took."""
    recover_family_texts(now=now)
    if not is_day(now):
        return 0
    try:
        usable("sms")
    except MissingSetting as missing:
        logger.error("no message to a family member can be sent: %s is not set", missing)
        return 0
    texts = _claimed(now)
    if not texts:
        return 0
    messages = [Message(text.reference, text.member.phone, "", "", text_of(text), {}) for text in texts]
    handed = send_apart("sms", messages, batch_key=texts[0].reference)
    return _note(texts, [each.outcome for each in handed.values()], now)


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


@transaction.atomic
def _note(texts: Sequence[FamilyText], outcomes: Sequence[Outcome], now: datetime) -> int:
    by_reference = {outcome.reference: outcome for outcome in outcomes}
    for text in texts:
        outcome = by_reference.get(text.reference, Outcome(text.reference, Verdict.UNKNOWN))
        _end(text, outcome, now)
        if text.state == WAITING:
            continue
        record_audit(
            now=now,
            actor="system",
            action="family.question_sent" if text.kind == QUESTION else "family.news_sent",
            citizen_id=text.member.citizen_id,
            object=f"family:{text.member_id} {text.state}",
        )
    return sum(text.state in (ACCEPTED, DELIVERED) for text in texts)


def _end(text: FamilyText, outcome: Outcome, now: datetime) -> None:
    """Write what the gateway has answered, unless the lease has ended meanwhile: then it stays unknown."""
    state = ENDS.get(outcome.verdict) or (WAITING if text.tries < TRIES else FAILED)
    text.state, text.code, text.vendor_id = state, outcome.code[:40], outcome.vendor_id[:100]
    text.not_before = now + AGAIN if state == WAITING else text.not_before
    FamilyText.objects.filter(pk=text.pk, state=SENDING).update(
        state=state, code=text.code, vendor_id=text.vendor_id, not_before=text.not_before
    )
