"""Find the one row of a person by the keys of agencies, and keep it one.

The order of locks, the same for every transaction that writes a person's rows (a test reads it off the statements):

1. Advisory locks on a person's keys (CI; name, birth date and phone; the phone), sorted: `lock_people`. They stand for
   rows that may not exist yet. Only code that enrols a person or records the owner of a number takes them.
2. The rows of all persons concerned, in one statement, sorted by id: `lock_people`, or `lock_person` for one.
   FOR NO KEY UPDATE: an insert that only refers to a person, such as a notice or a bill, does not wait.
3. Their rows: keys, contacts, channels, consents, subscriptions.
4. Lines of the audit trail, last.

No transaction takes a lock of an earlier group while holding one of a later group: no deadlock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.persons.birth_dates import BirthDate
from secretary.kernel.persons.blind_index import ci_index, former_person_index, person_index, phone_index
from subscriptions.enrolment.look_again import look_again
from subscriptions.events import announce_merged
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, CitizenKey, Consent, FamilyMember, ReceiptNumber, Subscription

FORMER = "former"  # besides the kinds of CitizenKey; stored as one of the kind `person`
LOCK_KEYS = "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key"
# ARRAY: looked up once and by index; a list of alternatives would read the whole table.
LOCK_PEOPLE = """
SELECT c.* FROM subscriptions_citizen c
WHERE c.id = ANY(ARRAY(
    SELECT unnest(%(people)s::uuid[])
    UNION
    SELECT citizen_id FROM subscriptions_citizenkey WHERE key_hash = ANY(%(keys)s::bytea[])
    UNION
    SELECT citizen_id FROM subscriptions_contact
    WHERE value_hash = %(phone)s AND kind = 'phone' AND suspended_at IS NULL
))
ORDER BY c.id FOR NO KEY UPDATE
"""


def key_hashes(person: Person) -> Mapping[str, bytes]:
    """Return the person's keys: kind of key → hash."""
    return {CitizenKey.CI: ci_index(person.ci), **details_hashes(person.name, person.birth_date, person.phone)}


def details_hashes(name: str, birth_date: BirthDate, phone: str) -> dict[str, bytes]:
    """Return the keys of a person with these details: the present one, and, where it differs, that of releases up to
    148511c (FORMER).

    Records from that time are stored under the former key, and have no name from which to compute the present one.
    """
    now, former = person_index(name, birth_date, phone), former_person_index(name, birth_date, phone)
    return {CitizenKey.PERSON: now} if now == former else {CitizenKey.PERSON: now, FORMER: former}


def lock_keys(hashes: Iterable[bytes]) -> None:
    """Lock until the transaction ends: no other one enrols a person with one of these keys, or assigns one of these
    numbers."""
    keys = [int.from_bytes(key_hash[:8], "big", signed=True) for key_hash in sorted(hashes)]
    with connection.cursor() as cursor:
        cursor.execute(LOCK_KEYS, [keys])


def lock_people(
    keys: Mapping[str, bytes], phone: str, *, people: Collection[UUID] = (), also: Iterable[bytes] = ()
) -> list[Citizen]:
    """Return the holders of these keys (kind → hash) and of that number, and these people, locked until the transaction
    ends.

    The keys and the number are locked first, so that they do not move; `also`: further hashes to lock.
    """
    hashes, phone_hash = list(keys.values()), phone_index(phone)
    lock_keys([*hashes, phone_hash, *also])
    return lock_people_of(hashes, phone_hash=phone_hash, people=people)


def lock_people_of(hashes: Sequence[bytes], *, phone_hash: bytes = b"", people: Collection[UUID] = ()) -> list[Citizen]:
    """Lock the rows: the second step of `lock_people`, for callers that have done the first."""
    values = {"keys": list(hashes), "phone": phone_hash, "people": list(people)}
    return list(Citizen.objects.raw(LOCK_PEOPLE, values))


def lock_person(citizen_id: UUID) -> None:
    """Lock the person: the first statement of every change to their rows. Raises Citizen.DoesNotExist."""
    Citizen.objects.select_for_update(no_key=True).only("id").get(pk=citizen_id)


HELD = KeptQuery(lambda hashes: CitizenKey.objects.filter(key_hash__in=hashes).select_related("citizen"))


def owners_of(keys: Mapping[str, bytes]) -> dict[str, Citizen]:
    """Return kind of key → holder, for those keys that a person holds."""
    held = HELD.rows(hashes=list(keys.values()))
    return {kind: key.citizen for key in held for kind, key_hash in keys.items() if bytes(key.key_hash) == key_hash}


def first_owner(owners: Mapping[str, Citizen]) -> Citizen | None:
    """Return the owner of the row: by CI, else by name, birth date and phone."""
    return owners.get(CitizenKey.CI) or owners.get(CitizenKey.PERSON) or owners.get(FORMER)


def hold_keys(
    citizen: Citizen, keys: Mapping[str, bytes], owners: Mapping[str, Citizen], *, now: datetime
) -> list[UUID]:
    """Assign these keys (kind → hash) to the citizen; `owners`: their present holders, all of them locked.

    A key that another row holds moves here: an official had registered the person without a CI, and the same
    person has now passed the identity check. That row's subscriptions and consents end; the choices here hold.
    Returns the ids of such rows, for the audit trail.
    """
    new = [
        CitizenKey(citizen=citizen, kind=CitizenKey.PERSON if kind == FORMER else kind, key_hash=key)
        for kind, key in keys.items()
        if kind not in owners
    ]
    if new:
        CitizenKey.objects.bulk_create(new)
    former = sorted({owner.id for owner in owners.values()} - {citizen.id})
    if former:
        CitizenKey.objects.filter(citizen__in=former, key_hash__in=list(keys.values())).update(citizen=citizen)
        ReceiptNumber.objects.filter(citizen__in=former).update(citizen=citizen)
        Subscription.objects.filter(citizen__in=former, ended_at=None).update(ended_at=now)
        Consent.objects.filter(citizen__in=former, withdrawn_at=None).update(withdrawn_at=now)
        FamilyMember.objects.filter(citizen__in=former).end(actor="system", now=now)
        for row in former:
            announce_merged(former_id=row, citizen_id=citizen.id, now=now)
        look_again(citizen.id)  # the moved notices may never have reached the person
    return former
