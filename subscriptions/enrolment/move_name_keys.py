"""Move the keys that releases up to 148511c made of names to the one key of all spellings, while the service runs.

A person keeps the former key beside the new one: records from that time are stored under it and hold no name from
which to make the other. Records that arrived meanwhile under either are found, as the person is matched again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from secretary.kernel.database.retry import retried
from secretary.kernel.persons.birth_dates import BirthDate
from secretary.kernel.persons.blind_index import former_person_index, name_index, person_index
from secretary.kernel.persons.person_names import former_name_key, name_key
from subscriptions.enrolment.look_again import look_again
from subscriptions.enrolment.merge import merge_into
from subscriptions.enrolment.paper import Paper
from subscriptions.enrolment.people import lock_keys, lock_people_of
from subscriptions.enrolment.same_person import has_proved
from subscriptions.models import Citizen, CitizenKey, Consent, Contact, NameKeyMove

ACTOR = "system"


@dataclass(slots=True)
class Moved:
    """Counts of one batch. `twice`: people who had been entered in two spellings, and are merged now."""

    looked_at: int = 0
    moved: int = 0
    twice: int = 0


def start_again() -> None:
    """Reset the progress, so that people whom an earlier release has enrolled since are found as well."""
    NameKeyMove.objects.all().delete()


def move_all(*, batch: int, now: datetime) -> Iterator[Moved]:
    """Move batch after batch, from where the last run stopped; progress is written before the next one begins."""
    progress, _ = NameKeyMove.objects.get_or_create(pk=1)
    after = progress.after
    while people := _people_after(after, batch):
        done = Moved(looked_at=len(people))
        for citizen in people:
            if _has_two_keys(citizen):
                _move(citizen.id, done, now=now)
        after = people[-1].id
        NameKeyMove.objects.filter(pk=1).update(
            after=after,
            looked_at=F("looked_at") + done.looked_at,
            moved=F("moved") + done.moved,
            merged=F("merged") + done.twice,
        )
        yield done
    NameKeyMove.objects.filter(pk=1).update(finished_at=now)


def _people_after(after: UUID | None, batch: int) -> Sequence[Citizen]:
    people = Citizen.objects.order_by("id").only("id", "name_encrypted", "name_hash")
    return list((people.filter(id__gt=after) if after else people)[:batch])


def _has_two_keys(citizen: Citizen) -> bool:
    """Move one person's keys, by their own name and by the spellings on their paper forms."""
    name = citizen.name
    return name_key(name) != former_name_key(name) or bytes(citizen.name_hash) != name_index(name)


@retried
@transaction.atomic
def _move(citizen_id: UUID, done: Moved, *, now: datetime) -> None:
    citizen = Citizen.objects.get(pk=citizen_id)
    pairs = [(former_person_index(*each), person_index(*each)) for each in _details_of(citizen)]
    lock_keys(key for pair in pairs for key in pair)
    lock_people_of([key for pair in pairs for key in pair], people=[citizen_id])
    Citizen.objects.filter(pk=citizen_id).update(name_hash=name_index(citizen.name))
    moved = merged = 0
    for former, key in pairs:
        holders = {bytes(each.key_hash): each.citizen for each in _keys([former, key])}
        if former not in holders:
            continue
        if key not in holders:
            CitizenKey.objects.create(citizen=holders[former], kind=CitizenKey.PERSON, key_hash=key)
            look_again(holders[former].id)
            moved = 1
        elif holders[former] != holders[key]:
            merged += _become_one(holders[former], holders[key], now=now)
    done.moved += moved
    done.twice += merged


def _details_of(citizen: Citizen) -> Iterable[tuple[str, BirthDate, str]]:
    """Return name, birth date and phone by which agencies may know the person: their own, and those on paper forms."""
    phones = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE)
    papers = Consent.objects.filter(citizen=citizen, paper_encrypted__isnull=False)
    found = {(citizen.name, citizen.birth_date, phone.value) for phone in phones}
    for consent in papers:
        paper = Paper.opened(consent.paper_encrypted or b"", citizen.id)
        found.add((paper.name, paper.birth_date, paper.phone))
    return sorted((each for each in found if name_key(each[0]) != former_name_key(each[0])), key=str)


def _keys(hashes: Sequence[bytes]) -> Iterable[CitizenKey]:
    return CitizenKey.objects.filter(key_hash__in=hashes).select_related("citizen")


def _become_one(first: Citizen, second: Citizen, *, now: datetime) -> int:
    """Return people with the same letters, birth date and phone in another spelling: they are one person, unless both
    have passed the identity check."""
    proved = [has_proved(first), has_proved(second)]
    if all(proved):
        return 0
    stays, goes = (first, second) if proved[0] or (not proved[1] and first.id < second.id) else (second, first)
    merge_into(stays, goes, actor=ACTOR, now=now)
    return 1
