"""Take a family member's own answer: they agree, decline, or want to hear nothing more. By the code in our message.

Who declines or wants nothing more is never asked again, about no senior, until they take that back by the same code.
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


def declined_with(typed: str) -> FamilyNumber | None:
    """Return the number that was declined by this code, also when nothing else is left of it."""
    code = as_typed(typed)
    if code is None:
        return None
    return FamilyNumber.objects.filter(code_hash=family_code_hash(code), declined_at__isnull=False).first()


def declined_by(member: FamilyMember) -> FamilyNumber | None:
    """Return the number of a family member who hears nothing any more, where it is not to be asked again."""
    if member.is_live:
        return None
    return FamilyNumber.objects.filter(phone_hash=member.phone_hash, declined_at__isnull=False).first()


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
    _note_declined(member, now)
    _end(FamilyMember.objects.filter(pk=member.pk), actor=ACTOR, now=now)
    _end(FamilyMember.objects.filter(phone_hash=member.phone_hash, state=ASKED), actor=ACTOR, now=now)


@retried
@transaction.atomic
def stop_for(*, member: FamilyMember, actor: str, reason: str, now: datetime) -> None:
    """A member of staff notes on the telephone that they want to hear nothing more, of no senior. Raises Busy."""
    _note_declined(member, now)
    rows = FamilyMember.objects.live().filter(phone_hash=member.phone_hash)
    about = {member.citizen_id, *rows.values_list("citizen", flat=True)}
    _end(FamilyMember.objects.filter(phone_hash=member.phone_hash), actor=actor, now=now)
    for citizen_id in sorted(about):
        record_audit(now=now, actor=actor, action="family.not_wanted", citizen_id=citizen_id, reason=reason)


@retried
@transaction.atomic
def lift(*, number: int, now: datetime) -> None:
    """They may be asked again, by the next senior who names them: nothing is sent before that, and nothing more without
    their consent. `number`: key of the row. A second time changes nothing. Raises Busy."""
    lifted = FamilyNumber.objects.filter(pk=number, declined_at__isnull=False)
    if lifted.update(declined_at=None, code_hash=None):
        record_audit(now=now, actor=ACTOR, action="family.number_lifted", object=f"family_number:{number}")


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


def _note_declined(member: FamilyMember, now: datetime) -> None:
    """Note that the number is not asked again, and the code that can take this back."""
    declined = {"declined_at": now, "code_hash": bytes(member.code_hash)}
    FamilyNumber.objects.update_or_create(
        phone_hash=bytes(member.phone_hash), defaults=declined, create_defaults={"since": now, **declined}
    )


def _end(rows: FamilyMembers, *, actor: str, now: datetime) -> None:
    """End these: as declined where they had not answered yet."""
    asked = list(rows.filter(state=ASKED).values_list("pk", flat=True))
    rows.filter(state=ASKED).end(actor=actor, now=now, state=DECLINED)
    rows.filter(state=AGREED).end(actor=actor, now=now)
    FamilyMember.objects.filter(pk__in=asked, state=DECLINED).update(answered_at=now)
