"""Enrol sample citizens from a file, written in bulk. For demonstrations and measurements only."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pgtrigger
from django.db import connection, transaction
from django.db.models import Model

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import ci_index, person_index
from subscriptions.enrolment.consent_texts import service_text, text_of
from subscriptions.enrolment.paper import Paper
from subscriptions.enrolment.receipt_numbers import note_receipts
from subscriptions.models import (
    ChannelChoice,
    Citizen,
    CitizenKey,
    Consent,
    Contact,
    DataType,
    Official,
    Subscription,
)

CHUNK = 2000
Row = list[object]
CITIZEN = (
    *("id", "name_encrypted", "name_hash", "birth_date_encrypted"),
    *("language", "state", "registered_by", "created_at"),
)
CONTACT = ("citizen_id", "kind", "value_encrypted", "value_hash", "verified_at")
CONSENT = ("citizen_id", "text_id", "language", "method", "given_at", "recorded_by_id", "paper_form", "paper_encrypted")
HISTORY_TRIGGERS = tuple(
    f"subscriptions.{name}:insert_insert" for name in ("Citizen", "Contact", "ChannelChoice", "Consent", "Subscription")
)
LEFT_TO_SIGN_UP = 3  # the first people of the file are not enrolled, so that a visitor can sign up as one of them


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """One line of the file; `registered_by` is "web" or "official"."""

    ci: str
    name: str
    birth_date: date
    phone: str
    toss_user_key: str
    language: str
    channels: Sequence[str]
    data_types: Sequence[str]
    registered_by: str

    @classmethod
    def from_line(cls, line: str) -> "SamplePerson":
        data = json.loads(line)
        return cls(
            ci=data["ci"],
            name=data["name"],
            birth_date=date.fromisoformat(data["birth_date"]),
            phone=data["phone"],
            toss_user_key=data["toss_user_key"],
            language=data["language"],
            channels=data["channels"],
            data_types=data["data_types"],
            registered_by=data["registered_by"],
        )


def read_people(file: Path, count: int) -> Iterator[SamplePerson]:
    """Yield the people of the file up to number `count`, without those left to sign up by themselves."""
    with file.open(encoding="utf-8") as lines:
        for line in islice(lines, LEFT_TO_SIGN_UP, count):
            yield SamplePerson.from_line(line)


@transaction.atomic
def enrol_samples(
    people: Iterable[SamplePerson], *, official: Official, now: datetime, report: Callable[[int], None]
) -> int:
    """Enrol the people who are not enrolled yet (by CI); return how many were new. `report` gets the number done.

    Their history begins with their first change: one entry of the audit trail covers the enrolment.
    """
    seeder = _Seeder(official, now)
    new = done = 0
    waiting = iter(people)
    while chunk := list(islice(waiting, CHUNK)):
        with pgtrigger.ignore(*HISTORY_TRIGGERS):
            new += seeder.enrol(chunk)
        done += len(chunk)
        report(done)
    record_audit(now=now, actor="system", action="samples.enrolled", object=f"people:{new}")
    return new


class _Seeder:
    """Collects rows for COPY: a hundred thousand in a few seconds, where model instances need minutes."""

    def __init__(self, official: Official, now: datetime) -> None:
        self._official, self._now = official, now
        self._types = {data_type.code: (data_type.id, text_of(data_type).id) for data_type in DataType.objects.live()}
        self._service_text = service_text().id

    def enrol(self, chunk: Sequence[SamplePerson]) -> int:
        hashes = {ci_index(person.ci): person for person in chunk}
        known = CitizenKey.objects.filter(key_hash__in=list(hashes)).values_list("key_hash", flat=True)
        there = {bytes(key_hash) for key_hash in known}
        new = [(self._citizen(person), key, person) for key, person in hashes.items() if key not in there]
        _copy(Citizen, CITIZEN, [[getattr(citizen, name) for name in CITIZEN] for citizen, _key, _person in new])
        note_receipts([citizen.id for citizen, _key, _person in new])
        _copy(CitizenKey, ("citizen_id", "kind", "key_hash"), [row for entry in new for row in _keys(*entry)])
        _copy(Contact, CONTACT, [row for citizen, _key, person in new for row in self._contacts(citizen, person)])
        channels = [row for citizen, _key, person in new for row in _channels(citizen, person)]
        _copy(ChannelChoice, ("citizen_id", "channel", "position"), channels)
        self._subscribe([(citizen, person) for citizen, _key, person in new])
        return len(new)

    def _citizen(self, person: SamplePerson) -> Citizen:
        by = "office" if person.registered_by == "official" else "web"
        citizen = Citizen(language=person.language, registered_by=by, created_at=self._now)
        citizen.name, citizen.birth_date = person.name, person.birth_date
        return citizen

    def _contacts(self, citizen: Citizen, person: SamplePerson) -> Iterator[Row]:
        values = [(Contact.PHONE, person.phone)]
        if "toss" in person.channels:
            values.append((Contact.TOSS_USER_KEY, person.toss_user_key))
        for kind, value in values:
            contact = Contact(citizen=citizen, kind=kind)
            contact.value = value
            yield [citizen.id, kind, contact.value_encrypted, contact.value_hash, self._now]

    def _subscribe(self, people: Sequence[tuple[Citizen, SamplePerson]]) -> None:
        wanted = [
            (citizen, person, type_id, text_id)
            for citizen, person in people
            for type_id, text_id in self._types_of(person)
        ]
        ids = _new_ids(Consent, len(wanted))
        consents = [
            [consent_id, citizen.id, text_id, *self._how(citizen, person)]
            for consent_id, (citizen, person, _type_id, text_id) in zip(ids, wanted, strict=True)
        ]
        _copy(Consent, ("id", *CONSENT), consents)
        subscriptions = [
            [citizen.id, type_id, consent_id, self._now]
            for consent_id, (citizen, _person, type_id, _text_id) in zip(ids, wanted, strict=True)
            if type_id is not None
        ]
        _copy(Subscription, ("citizen_id", "data_type_id", "consent_id", "started_at"), subscriptions)

    def _types_of(self, person: SamplePerson) -> list[tuple[int | None, int]]:
        """Return (data type, consent text) pairs; the service's own consent has no data type."""
        return [(None, self._service_text), *(self._types[code] for code in person.data_types if code in self._types)]

    def _how(self, citizen: Citizen, person: SamplePerson) -> Row:
        if person.registered_by == "official":
            sealed = Paper(person.name, person.birth_date, person.phone).sealed(citizen.id)
            return [person.language, Consent.PAPER, self._now, self._official.id, "SAMPLE", sealed]
        return [person.language, Consent.WEB, self._now, None, "", None]


def _keys(citizen: Citizen, key_hash: bytes, person: SamplePerson) -> list[Row]:
    by_person = person_index(person.name, person.birth_date, person.phone)
    return [[citizen.id, CitizenKey.CI, key_hash], [citizen.id, CitizenKey.PERSON, by_person]]


def _channels(citizen: Citizen, person: SamplePerson) -> list[Row]:
    return [[citizen.id, channel, place] for place, channel in enumerate(person.channels, start=1)]


def _new_ids(model: type[Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows by COPY, in PostgreSQL's text format."""
    lines = "".join("\t".join(map(_copied, row)) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({", ".join(columns)}) FROM STDIN', io.StringIO(lines))


def _copied(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
