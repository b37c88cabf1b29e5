"""Write what came of text messages to family members: a gateway's answer, its receipt, and what it says when it is
polled. States only move forward."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from notifications.channels.contract import Channel, Outcome, Polled, Receipt, Verdict
from notifications.channels.contract import Message as Handed
from notifications.delivery.gateways import channel_that_reports
from subscriptions.enrolment.family.texts import text_of
from subscriptions.models import FamilyText
from subscriptions.models.family.family_text import ACCEPTED, DELIVERED, FAILED, SENDING, UNKNOWN, WAITING

CHANNEL: Final = "sms"
REFERENCE = re.compile(r"family-(\d{1,18})-(\d{1,5})")
TRIES, AGAIN, AT_ONCE = 5, timedelta(minutes=10), 100
ENDS = {
    Verdict.ACCEPTED: ACCEPTED,
    Verdict.DELIVERED: DELIVERED,
    Verdict.UNKNOWN: UNKNOWN,
    Verdict.UNDELIVERABLE: FAILED,
    Verdict.TEMPLATE_REJECTED: FAILED,
}
MOVES = {
    SENDING: (WAITING, ACCEPTED, DELIVERED, UNKNOWN, FAILED),
    UNKNOWN: (WAITING, ACCEPTED, DELIVERED, FAILED),
    ACCEPTED: (DELIVERED, FAILED),
}


def take_family_receipts(*, gateway: str, receipts: Sequence[Receipt], now: datetime) -> Sequence[Receipt]:
    """Apply the receipts that are about text messages to family members; return the others."""
    ours = [receipt for receipt in receipts if REFERENCE.fullmatch(receipt.reference)]
    if not ours:
        return receipts
    if channel_that_reports(gateway) == CHANNEL:
        for receipt in ours:
            outcome = Outcome(receipt.reference, receipt.verdict, receipt.code, receipt.vendor_id)
            note_family_outcome(outcome, now=now, is_receipt=True)
    return [receipt for receipt in receipts if receipt not in ours]


def poll_family_texts(adapters: Sequence[Channel], *, now: datetime) -> None:
    """Ask about those whose answer was lost, ever more seldom. What every provider says it never got is sent again."""
    begun = now - timedelta(hours=settings.RECEIPT_GIVE_UP_HOURS)
    unknown = FamilyText.objects.filter(state=UNKNOWN, not_before__lte=now, sent_at__gt=begun)
    for text in unknown.select_related("member").order_by("id")[:AT_ONCE]:
        assert text.sent_at is not None
        FamilyText.objects.filter(pk=text.pk).update(not_before=now + max(AGAIN, now - text.sent_at))
        message = Handed(text.reference, text.member.phone, "", "", text_of(text), {})
        asked = [Polled(message, text.vendor_id, text.reference, text.sent_at, polled_at=now)]
        found = [outcome for adapter in adapters for outcome in adapter.poll(asked)]
        known = [each for each in found if each.verdict not in (Verdict.RETRY_LATER, Verdict.UNKNOWN)]
        never = len(found) == len(adapters) and all(each.verdict is Verdict.RETRY_LATER for each in found)
        if known or never:
            note_family_outcome((known or found)[0], now=now)


@transaction.atomic
def note_family_outcome(outcome: Outcome, *, now: datetime, is_receipt: bool = False) -> str:
    """Write what was reported of one attempt; return the state of its text, "" where the report is not about it.

    A receipt about an earlier attempt, or that names another message, is no report; nor does one send anything again.
    """
    named = REFERENCE.fullmatch(outcome.reference)
    rows = FamilyText.objects.select_for_update().filter(pk=int(named[1]), tries=int(named[2])) if named else None
    text = rows.first() if rows is not None else None
    if text is None or (text.vendor_id and outcome.vendor_id and text.vendor_id != outcome.vendor_id[:100]):
        return ""
    state = ENDS.get(outcome.verdict) or (WAITING if text.tries < TRIES else FAILED)
    if state not in MOVES.get(text.state, ()) or (is_receipt and state == WAITING):
        return text.state
    text.state, text.code = state, outcome.code[:40]
    text.vendor_id = "" if state == WAITING else outcome.vendor_id[:100] or text.vendor_id
    text.not_before = now + AGAIN if state in (WAITING, UNKNOWN) else text.not_before
    text.save(update_fields=["state", "code", "vendor_id", "not_before"])
    return text.state
