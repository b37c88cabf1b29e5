"""Compare many entries with the people who are enrolled, in five statements however many there are.

The same questions as the page for one senior asks (`register_senior`, `alike`): who has these details, name and birth
date, number or paper form already? What is a warning there, to be compared with the paper form, is an error here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from secretary.kernel.persons.blind_index import name_indexes, phone_index
from secretary.kernel.secrets.encryption import decrypt_text
from subscriptions.enrolment.people import details_hashes
from subscriptions.models import Citizen, CitizenKey, Contact, Office
from subscriptions.registration.alike import locks_of
from subscriptions.registration.bulk.read_row import Entry
from subscriptions.registration.register_senior import PaperForm
from subscriptions.registration.scope import papers_of, registered_by_office

How = Literal["unchanged", "registered", "person", "number", "form", "number_of_another"]


@dataclass(frozen=True, slots=True)
class Likeness:
    """`about`: the enrolled person who is like the entry."""

    how: How
    about: UUID


@dataclass(slots=True)
class Candidate:
    """An entry with the hashes under which its person may be known already."""

    entry: Entry
    keys: list[bytes]
    phone: bytes
    names: list[bytes]
    locks: list[bytes]  # of `lock_keys`; the last two: of name and birth date, of the paper form


Days = dict[bytes, str]  # birth dates as they are stored → in clear; decrypted once for all entries of that name


def candidate_of(office: Office, entry: Entry) -> Candidate:
    details = paper_form_of(entry).details
    keys = list(details_hashes(entry.name, entry.birth_date, entry.phone).values())
    phone = phone_index(entry.phone)
    family = [phone_index(entry.family_phone)] if entry.family_phone else []
    locks = [*keys, phone, *family, *locks_of(office, details, entry.form)]
    return Candidate(entry, keys, phone, name_indexes(entry.name), locks)


def paper_form_of(entry: Entry) -> PaperForm:
    channels = ["sms"] if entry.channel == "sms" else [entry.channel, "sms"]
    return PaperForm(entry.form, entry.name, entry.birth_date, entry.phone, channels)


def once_in_a_file(candidate: Candidate) -> dict[str, bytes]:
    """Return what only one row of a file may have: code of the fault → hash."""
    person, form = candidate.locks[-2:]
    return {"row_person": person, "row_number": candidate.phone, "row_form": form}


def likenesses(
    office: Office, candidates: Sequence[Candidate], days: Days, *, but_made_at: datetime | None = None
) -> dict[int, Likeness]:
    """Return row → the first likeness, in the order of the page for one senior. `days`: kept by the caller.

    `but_made_at`: people of the same list, whose names need not be compared again; an office would be read through for
    every part of a list.
    """
    found = _known(office, candidates)
    rest = [each for each in candidates if each.entry.row not in found]
    if not rest:
        return found
    people, numbers, forms = _people(office, rest, days, but_made_at), _numbers(rest), _forms(office, rest)
    own = _own(office, {holder for holders in numbers.values() for holder, _ in holders})
    for each in rest:
        like = _like(each, people, numbers, forms, own)
        if like is not None:
            found[each.entry.row] = like
    return found


def _known(office: Office, candidates: Sequence[Candidate]) -> dict[int, Likeness]:
    keys = [key for each in candidates for key in each.keys]
    held = CitizenKey.objects.filter(key_hash__in=keys).values_list("key_hash", "citizen_id")
    owners = {bytes(key): citizen for key, citizen in held}
    if not owners:
        return {}
    papers = papers_of(office).filter(citizen__in=set(owners.values()), citizen__state=Citizen.ACTIVE)
    own = set(papers.values_list("citizen_id", "paper_form"))
    found = {}
    for each in candidates:
        owner = next((owners[key] for key in each.keys if key in owners), None)
        if owner is not None:
            found[each.entry.row] = Likeness("unchanged" if (owner, each.entry.form) in own else "registered", owner)
    return found


def _people(
    office: Office, candidates: Sequence[Candidate], days: Days, but_made_at: datetime | None
) -> dict[tuple[bytes, str], UUID]:
    """Return (hash of the name, birth date) → an entry of the office."""
    names = {name for each in candidates for name in each.names}
    rows = registered_by_office(office).filter(name_hash__in=names).order_by()
    if but_made_at is not None:
        rows = rows.exclude(created_at=but_made_at)
    return {
        (bytes(name), _day(citizen, bytes(born), days)): citizen
        for citizen, name, born in rows.values_list("id", "name_hash", "birth_date_encrypted")
    }


def _day(citizen: UUID, stored: bytes, days: Days) -> str:
    mark = stored[-16:]  # the tag of its encryption
    if mark not in days:
        days[mark] = decrypt_text(stored, bound_to=f"citizen.birth_date:{citizen}")
    return days[mark]


def _numbers(candidates: Sequence[Candidate]) -> dict[bytes, list[tuple[UUID, bool]]]:
    """Return hash of a number → its holders, and whether they have proved it."""
    holders: dict[bytes, list[tuple[UUID, bool]]] = {}
    contacts = Contact.objects.filter(
        kind=Contact.PHONE, value_hash__in={each.phone for each in candidates}, suspended_at=None
    )
    for number, citizen, verified_at in contacts.values_list("value_hash", "citizen_id", "verified_at"):
        holders.setdefault(bytes(number), []).append((citizen, verified_at is not None))
    return holders


def _forms(office: Office, candidates: Sequence[Candidate]) -> dict[str, UUID]:
    numbers = {each.entry.form for each in candidates}
    papers = papers_of(office).filter(paper_form__in=numbers, citizen__state=Citizen.ACTIVE).order_by()
    return dict(papers.values_list("paper_form", "citizen_id"))


def _own(office: Office, people: Collection[UUID]) -> set[UUID]:
    if not people:
        return set()
    papers = papers_of(office).filter(citizen__in=people, citizen__state=Citizen.ACTIVE).order_by()
    return set(papers.values_list("citizen_id", flat=True))


def _like(
    each: Candidate,
    people: Mapping[tuple[bytes, str], UUID],
    numbers: Mapping[bytes, Iterable[tuple[UUID, bool]]],
    forms: Mapping[str, UUID],
    own: Collection[UUID],
) -> Likeness | None:
    day = each.entry.birth_date.isoformat()
    person = next((people[name, day] for name in each.names if (name, day) in people), None)
    if person is not None:
        return Likeness("person", person)
    holders = list(numbers.get(each.phone, ()))
    for holder, _ in holders:
        if holder in own:
            return Likeness("number", holder)
    if each.entry.form in forms:
        return Likeness("form", forms[each.entry.form])
    proved = next((holder for holder, is_proved in holders if is_proved), None)
    return Likeness("number_of_another", proved) if proved is not None else None
