"""Name a family member of a senior, with the senior's consent to it, and ask them whether they agree."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.enrolment.choices import Given, give_consents
from subscriptions.enrolment.consent_texts import FAMILY, family_text
from subscriptions.enrolment.family.codes import new_code
from subscriptions.enrolment.people import lock_keys, lock_person
from subscriptions.enrolment.withdraw import may_be_called
from subscriptions.models import Citizen, Consent, Contact, FamilyMember, FamilyNumber, FamilyText
from subscriptions.models.family.family_text import QUESTION

Refusal = Literal["no_calls", "own_number", "not_asked", "too_often"]
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Named:
    """The family member as the senior names them. `name`: what the senior calls them; `phone`: E.164."""

    name: str
    phone: str


class FamilyRefused(ValueError):
    """The family member cannot be named: `reason` says why, without telling what others have decided."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse_number(*, phone: str, own: str, citizen_id: UUID | None, now: datetime) -> None:
    """Raise FamilyRefused where that number cannot be a family member's of this senior. `own`: the senior's number.

    A number whose owner has declined and one that too many seniors have named are refused in the same words.
    """
    hashed = phone_index(phone)
    if phone == own or Contact.objects.filter(citizen=citizen_id, value_hash=hashed).exists():
        raise FamilyRefused("own_number")
    if not questions_left([hashed], but_of=citizen_id, now=now)[hashed]:
        raise FamilyRefused("not_asked")


def questions_left(hashes: Collection[bytes], *, but_of: UUID | None = None, now: datetime) -> dict[bytes, int]:
    """Return how many more seniors may name each of these numbers (`phone_index`): 0 where its owner does not want it,
    or was asked often enough in this month. `but_of`: a senior whose own family member does not count."""
    live = FamilyMember.objects.live().filter(phone_hash__in=hashes).exclude(citizen=but_of)
    named = Counter(bytes(phone) for phone in live.values_list("phone_hash", flat=True))
    asked = {bytes(each.phone_hash): each for each in FamilyNumber.objects.filter(phone_hash__in=hashes)}
    return {each: _left(asked.get(each), named[each], now) for each in hashes}


def _left(number: FamilyNumber | None, named: int, now: datetime) -> int:
    if number is not None and number.declined_at is not None:
        return 0
    asked = number.questions if number is not None and now - number.since < MONTH else 0
    return max(0, settings.FAMILY_SENIORS_PER_NUMBER - max(named, asked))


@retried
@transaction.atomic
def name_member(*, citizen: Citizen, named: Named, given: Given, actor: str, now: datetime) -> FamilyMember:
    """Name the family member, in place of an earlier one. The question goes out by a worker, by day.

    The same number again only changes what the senior calls them. Raises FamilyRefused, Busy.
    """
    hashed = phone_index(named.phone)
    lock_keys([hashed])
    lock_person(citizen.pk)
    text = family_text()
    if text is None or not may_be_called(citizen):
        raise FamilyRefused("no_calls")
    known = FamilyMember.objects.live().filter(citizen=citizen, phone_hash=hashed).first()
    if known is None:
        refuse_number(phone=named.phone, own="", citizen_id=citizen.pk, now=now)
    if known is None or not Consent.objects.filter(citizen=citizen, text__code=FAMILY, withdrawn_at=None).exists():
        give_consents(citizen, [text], given)
    if known is not None:
        known.name = named.name
        known.save(update_fields=["called_encrypted"])
        return known
    try:
        count({"family_named": str(citizen.pk)}, now=now)
    except TooMany:
        raise FamilyRefused("too_often") from None
    FamilyMember.objects.filter(citizen=citizen).end(actor=actor, now=now)
    return _ask(citizen, named, language=given.language, actor=actor, now=now)


def _ask(citizen: Citizen, named: Named, *, language: str, actor: str, now: datetime) -> FamilyMember:
    """Note the question, which a worker sends, and count it for the number."""
    member = FamilyMember(citizen=citizen, named_at=now, language=language)
    member.hold(name=named.name, phone=named.phone, code=new_code())
    member.save()
    number, _ = FamilyNumber.objects.get_or_create(phone_hash=member.phone_hash, defaults={"since": now})
    is_new_month = now - number.since >= MONTH
    number.since, number.questions = now if is_new_month else number.since, 1 if is_new_month else number.questions + 1
    number.save(update_fields=["since", "questions"])
    FamilyText.objects.create(member=member, kind=QUESTION, created_at=now, not_before=now)
    what = f"family:{member.pk}"
    record_audit(now=now, actor=actor, action="family.named", citizen_id=citizen.pk, object=what)
    return member
