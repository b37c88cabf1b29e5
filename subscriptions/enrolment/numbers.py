"""Record the owner of a telephone number. A new owner ends earlier ownership: nothing more is sent there for them.

Proving a number by a code ends it for all people it was recorded for earlier, on paper or by a code. A number on a
paper form proves nothing and ends it for no person (docs/adr/0020-whose-a-number-is.md).
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.enrolment.choices import set_contact
from subscriptions.enrolment.look_again import look_again, note_reach
from subscriptions.enrolment.people import first_owner, key_hashes, lock_people, owners_of
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, Contact, Unreached

ACTOR = "citizen"


@retried
@transaction.atomic
def note_verified_number(*, person: Person, now: datetime) -> bool:
    """Assign the number to the person who has just proved it; they may be enrolled or not.

    An enrolled person whose own number has a new owner is reached by this one from now on; return whether that is so.
    """
    keys = key_hashes(person)
    if not lock_people(keys, person.phone):
        return False
    citizen = first_owner(owners_of(keys))
    taken = take_number(citizen, person.phone, verified_at=now)
    own = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE).first() if citizen else None
    lost = own is not None and own.suspended_at is not None
    if citizen and own and (lost or own.value == person.phone):  # each check proves it anew: sign_in/phone_codes.py
        set_contact(citizen, Contact.PHONE, person.phone, verified_at=now)
    if citizen and Unreached.objects.filter(citizen=citizen).exists():
        look_again(citizen.id)  # a code has just come to this number
    record_taken(taken, now=now)
    if citizen and lost:
        record_audit(now=now, actor=ACTOR, action="contact.replaced", citizen_id=citizen.id, object=Contact.PHONE)
    return lost


def take_number(citizen: Citizen | None, phone: str, *, verified_at: datetime) -> list[UUID]:
    """Suspend the contacts of all others with that number; return the people. Persons and number are locked.

    No contact is suspended if the citizen has proved the number before: its owner has not changed, and an official
    may have recorded it for a relative since. Contacts of people who proved it later are not suspended either.
    """
    holders = Contact.objects.filter(kind=Contact.PHONE, value_hash=phone_index(phone), suspended_at=None)
    if citizen and holders.filter(citizen=citizen, verified_at__isnull=False).exists():
        return []
    earlier = holders.filter(Q(verified_at=None) | Q(verified_at__lte=verified_at))
    others = list(earlier.exclude(citizen=citizen) if citizen else earlier)
    Contact.objects.filter(pk__in=[contact.pk for contact in others]).update(suspended_at=verified_at)
    lost_by = sorted(contact.citizen_id for contact in others)
    note_reach(lost_by, now=verified_at)
    return lost_by


def proved_by_another(citizen: Citizen | None, phone: str, *, since: datetime | None = None) -> UUID | None:
    """Return another person who has proved by a code, after `since`, that the number is theirs."""
    proved = Contact.objects.filter(
        kind=Contact.PHONE, value_hash=phone_index(phone), suspended_at=None, verified_at__isnull=False
    )
    if citizen:
        proved = proved.exclude(citizen=citizen)
    if since:
        proved = proved.filter(verified_at__gt=since)
    return proved.order_by("-verified_at").values_list("citizen_id", flat=True).first()


def record_taken(from_whom: Collection[UUID], *, now: datetime) -> None:
    for citizen_id in from_whom:
        record_audit(
            now=now,
            actor=ACTOR,
            action="contact.suspended",
            citizen_id=citizen_id,
            object=Contact.PHONE,
            reason="another person has proved that the number is theirs",
        )
