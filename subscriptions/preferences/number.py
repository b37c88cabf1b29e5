"""Change a person's number, once a code that came to the new one has confirmed who they are."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.enrolment.choices import set_contact
from subscriptions.enrolment.numbers import record_taken, take_number
from subscriptions.enrolment.people import hold_keys, key_hashes, lock_people, owners_of
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, CitizenKey, Contact


class AnotherPerson(ValueError):
    """The identity check was passed by another person than the one who is signed in."""


class NumberTaken(ValueError):
    """Another person has the number of before."""


@retried
@transaction.atomic
def change_number(*, citizen_id: UUID, person: Person, now: datetime) -> bool:
    """Reach the person at this number from the next message on; return whether it is another one than before.

    The old number hears nothing more. Records under the old details are still the person's; those under the new ones
    become theirs, also where an office had registered them with that number. Raises AnotherPerson, Busy.
    """
    keys = key_hashes(person)
    lock_people(keys, person.phone, people=[citizen_id])
    owners = owners_of(keys)
    citizen = owners.get(CitizenKey.CI) or _registered_by_an_office(citizen_id, person)
    if citizen is None or citizen.id != citizen_id:
        raise AnotherPerson
    before = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE, suspended_at=None).first()
    merged = hold_keys(citizen, keys, owners, now=now)
    taken = take_number(citizen, person.phone, verified_at=now)
    set_contact(citizen, Contact.PHONE, person.phone, verified_at=now)
    for former in merged:
        record_audit(now=now, actor=ACTOR, action="citizen.merged", citizen_id=former, object=f"into:{citizen.id}")
    is_other = before is None or before.value != person.phone
    if is_other:
        record_audit(now=now, actor=ACTOR, action="contact.replaced", citizen_id=citizen.id, object=Contact.PHONE)
    record_taken(taken, now=now)
    return is_other


@retried
@transaction.atomic
def take_number_back(*, citizen_id: UUID, phone: str, verified_at: datetime | None, now: datetime) -> None:
    """Reach the person at the number of before again. Records under both numbers stay theirs.

    Raises NumberTaken, Busy.
    """
    lock_people({}, phone, people=[citizen_id])
    theirs = Contact.objects.filter(kind=Contact.PHONE, value_hash=phone_index(phone), suspended_at=None)
    if theirs.exclude(citizen=citizen_id).exists():
        raise NumberTaken
    set_contact(Citizen.objects.get(pk=citizen_id), Contact.PHONE, phone, verified_at=verified_at)
    record_audit(now=now, actor=ACTOR, action="contact.replaced", citizen_id=citizen_id, object=Contact.PHONE)


def _registered_by_an_office(citizen_id: UUID, person: Person) -> Citizen | None:
    """Return the person, where no identity check has given them a CI yet, and name and birth date are theirs."""
    if CitizenKey.objects.filter(citizen=citizen_id, kind=CitizenKey.CI).exists():
        return None
    citizen = Citizen.objects.get(pk=citizen_id)
    return citizen if (citizen.name, citizen.birth_date) == (person.name, person.birth_date) else None
