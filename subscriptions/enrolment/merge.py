"""Merge two rows of one person without a new sign-up, including the subscriptions of both.

Where the person signs up themselves, `people.hold_keys` ends the other row's subscriptions: the new choices hold.
"""

from datetime import datetime

from secretary.kernel.audit.audit import record_audit
from subscriptions.enrolment.look_again import look_again
from subscriptions.enrolment.paper import Paper
from subscriptions.events import announce_merged
from subscriptions.models import Citizen, CitizenKey, Consent, FamilyMember, ReceiptNumber, Subscription


def merge_into(citizen: Citizen, former: Citizen, *, actor: str, now: datetime) -> None:
    """Move keys, receipt numbers, standing consents and subscriptions, family and notices of `former`; both are locked.

    The citizen's own channels and number stay. Records under a key that is new to the citizen are matched again.
    """
    CitizenKey.objects.filter(citizen=former).update(citizen=citizen)
    ReceiptNumber.objects.filter(citizen=former).update(citizen=citizen)
    standing = Subscription.objects.filter(citizen=citizen, ended_at=None)
    live = Subscription.objects.filter(citizen=former, ended_at=None)
    live.filter(data_type__in=standing.values("data_type")).update(ended_at=now)
    live.update(citizen=citizen)
    for consent in Consent.objects.filter(citizen=former, withdrawn_at=None):
        consent.citizen = citizen
        if consent.paper_encrypted is not None:
            consent.paper_encrypted = Paper.opened(consent.paper_encrypted, former.id).sealed(citizen.id)
        consent.save(update_fields=["citizen", "paper_encrypted"])
    if FamilyMember.objects.live().filter(citizen=citizen).exists():  # of two the citizen's own stays
        FamilyMember.objects.filter(citizen=former).end(actor=actor, now=now)
    FamilyMember.objects.filter(citizen=former).update(citizen=citizen)
    announce_merged(former_id=former.id, citizen_id=citizen.id, now=now)
    look_again(citizen.id)
    record_audit(now=now, actor=actor, action="citizen.merged", citizen_id=former.id, object=f"into:{citizen.id}")
