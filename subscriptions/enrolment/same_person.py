"""Merge an entry with a paper form of the same person, as an official confirms it: the form's details replace it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from secretary.kernel.audit.audit import record_audit
from subscriptions.enrolment.choices import set_contact
from subscriptions.enrolment.look_again import look_again
from subscriptions.enrolment.merge import merge_into
from subscriptions.enrolment.paper import Paper
from subscriptions.enrolment.people import hold_keys, owners_of
from subscriptions.models import Citizen, CitizenKey, Contact


def has_proved(citizen: Citizen) -> bool:
    """Return whether the person has signed up themselves: then no office may change name, keys and number."""
    return CitizenKey.objects.filter(citizen=citizen, kind=CitizenKey.CI).exists()


def make_same(
    entries: Sequence[Citizen], details: Paper, *, keys: Mapping[str, bytes], actor: str, now: datetime
) -> Citizen:
    """Return the one row of the person of these entries (one at least), with these details as its only keys and number
    from now on.

    `keys`: of these details (kind → hash); they, their holders and the entries are locked. The row of a person who has
    passed the identity check does not change. Another row with these details is merged with it.
    """
    row = entries[0]
    for entry in entries:
        row = _make_same(entry, details, keys=keys, actor=actor, now=now)
        record_audit(
            now=now, actor=actor, action="registration.corrected", citizen_id=entry.id, object=f"into:{row.id}"
        )
    return row


def _make_same(citizen: Citizen, details: Paper, *, keys: Mapping[str, bytes], actor: str, now: datetime) -> Citizen:
    owners = owners_of(keys)
    other = next((owner for owner in owners.values() if owner.id != citizen.id), None)
    if has_proved(citizen):
        if other is not None and not has_proved(other):
            merge_into(citizen, other, actor=actor, now=now)
        return citizen
    CitizenKey.objects.filter(citizen=citizen).exclude(key_hash__in=list(keys.values())).delete()
    if other is not None:
        merge_into(other, citizen, actor=actor, now=now)
        return other
    citizen.name, citizen.birth_date = details.name, details.birth_date
    citizen.save()
    hold_keys(citizen, keys, owners, now=now)
    _reach_at(citizen, details.phone)
    look_again(citizen.id)
    return citizen


def _reach_at(citizen: Citizen, phone: str) -> None:
    known = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE).first()
    if known is None or known.value != phone:
        set_contact(citizen, Contact.PHONE, phone, verified_at=None)
