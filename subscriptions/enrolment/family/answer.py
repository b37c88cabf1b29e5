"""Take a family member's own answer: they agree, decline, or want to hear nothing more. By the code in our message.

Who declines or wants nothing more is never asked again, about no senior.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.enrolment.family.codes import as_typed
from subscriptions.models import ConsentText, FamilyMember, FamilyNumber
from subscriptions.models.family.family_member import (
    AGREED,
    ASKED,
    DECLINED,
    EXPIRED,
    FamilyMembers,
    family_code_hash,
)

ACTOR = "family"


class NotAsked(LookupError):
    """There is nothing to answer (any more): the senior has taken it back, or the time is over."""


def member_of(typed: str) -> FamilyMember | None:
    """Return the family member whose code it is, also one that ended; None for a code that is none of ours."""
    code = as_typed(typed)
    if code is None:
        return None
    return FamilyMember.objects.select_related("citizen").filter(code_hash=family_code_hash(code)).first()


def member_with(phone: str) -> FamilyMember | None:
    """Return one who has this number (E.164); several seniors may have named it."""
    return FamilyMember.objects.filter(phone_hash=phone_index(phone)).order_by("-id").first()


def answer_by(member: FamilyMember) -> datetime:
    """Return the end of the time in which they can agree."""
    return member.named_at + timedelta(days=settings.FAMILY_ANSWER_DAYS)


@retried
@transaction.atomic
def agree(*, mark: str, text: ConsentText, language: str, now: datetime) -> None:
    """They agree to this text. A second time changes nothing. Raises NotAsked, Busy."""
    member = _locked(mark)
    if member.state == AGREED:
        return
    if member.state != ASKED or now >= answer_by(member):
        raise NotAsked
    member.state, member.answered_at, member.text, member.language = AGREED, now, text, language
    member.save(update_fields=["state", "answered_at", "text", "language"])
    what = f"family:{member.pk}"
    record_audit(now=now, actor=ACTOR, action="family.agreed", citizen_id=member.citizen_id, object=what)


@retried
@transaction.atomic
def decline(*, mark: str, now: datetime) -> None:
    """They do not agree, or want to hear nothing more of this senior; none asks them again. Raises NotAsked, Busy."""
    member = _locked(mark)
    _note_declined(bytes(member.phone_hash), now)
    _end(FamilyMember.objects.filter(pk=member.pk), actor=ACTOR, now=now)
    _end(FamilyMember.objects.filter(phone_hash=member.phone_hash, state=ASKED), actor=ACTOR, now=now)


@retried
@transaction.atomic
def stop_for(*, member: FamilyMember, actor: str, reason: str, now: datetime) -> None:
    """A member of staff notes on the telephone that they want to hear nothing more, of no senior. Raises Busy."""
    _note_declined(bytes(member.phone_hash), now)
    rows = FamilyMember.objects.live().filter(phone_hash=member.phone_hash)
    about = {member.citizen_id, *rows.values_list("citizen", flat=True)}
    _end(FamilyMember.objects.filter(phone_hash=member.phone_hash), actor=actor, now=now)
    for citizen_id in sorted(about):
        record_audit(now=now, actor=actor, action="family.not_wanted", citizen_id=citizen_id, reason=reason)


@retried
@transaction.atomic
def expire_questions(*, now: datetime) -> int:
    """End those who have not answered in time; return how many."""
    before = now - timedelta(days=settings.FAMILY_ANSWER_DAYS)
    return FamilyMember.objects.filter(state=ASKED, named_at__lte=before).end(actor="system", now=now, state=EXPIRED)


def _locked(mark: str) -> FamilyMember:
    member = FamilyMember.objects.select_for_update().filter(mark=mark).first()
    if member is None:
        raise NotAsked
    return member


def _note_declined(phone_hash: bytes, now: datetime) -> None:
    FamilyNumber.objects.update_or_create(
        phone_hash=phone_hash, defaults={"declined_at": now}, create_defaults={"since": now, "declined_at": now}
    )


def _end(rows: FamilyMembers, *, actor: str, now: datetime) -> None:
    """End these: as declined where they had not answered yet."""
    asked = list(rows.filter(state=ASKED).values_list("pk", flat=True))
    rows.filter(state=ASKED).end(actor=actor, now=now, state=DECLINED)
    rows.filter(state=AGREED).end(actor=actor, now=now)
    FamilyMember.objects.filter(pk__in=asked, state=DECLINED).update(answered_at=now)
