"""WRITE ROWS: register many seniors by a handful of statements; what `register_senior` writes of one, row for row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.blind_index import name_index
from secretary.kernel.persons.identifiers import uuid7
from secretary.kernel.secrets.encryption import encrypt_text
from subscriptions.enrolment.consent_texts import office_call_text
from subscriptions.enrolment.receipt_numbers import note_receipts
from subscriptions.events import announce_subscribed
from subscriptions.models import Citizen, CitizenKey, Consent, Contact, Official
from subscriptions.registration.bulk.likeness import Candidate, paper_form_of

CITIZENS = f"""
INSERT INTO subscriptions_citizen
    (id, name_encrypted, name_hash, birth_date_encrypted, language, state, registered_by, created_at)
SELECT p.id, p.name, p.name_hash, p.born, 'ko', '{Citizen.ACTIVE}', 'office', %(made_at)s
FROM unnest(%(ids)s::uuid[], %(names)s::bytea[], %(name_hashes)s::bytea[], %(born)s::bytea[])
    AS p (id, name, name_hash, born)
"""  # noqa: S608  (constants)
KEYS = f"""
INSERT INTO subscriptions_citizenkey (citizen_id, kind, key_hash)
SELECT k.id, '{CitizenKey.PERSON}', k.hash FROM unnest(%(key_ids)s::uuid[], %(keys)s::bytea[]) AS k (id, hash)
"""  # noqa: S608
CONTACTS = f"""
INSERT INTO subscriptions_contact (citizen_id, kind, value_encrypted, value_hash)
SELECT p.id, '{Contact.PHONE}', p.phone, p.hash
FROM unnest(%(ids)s::uuid[], %(phones)s::bytea[], %(phone_hashes)s::bytea[]) AS p (id, phone, hash)
"""  # noqa: S608
CHANNELS = """
INSERT INTO subscriptions_channelchoice (citizen_id, channel, position)
SELECT c.id, c.channel, c.position
FROM unnest(%(channel_ids)s::uuid[], %(channels)s::text[], %(positions)s::int[]) AS c (id, channel, position)
"""
# Each consent is a record of its own; the subscription rests on the one to its data type.
CONSENTS = f"""
WITH given AS (
    INSERT INTO subscriptions_consent
        (citizen_id, text_id, language, method, given_at, recorded_by_id, office_id, paper_form, paper_encrypted)
    SELECT p.id, t.id, 'ko', '{Consent.PAPER}', %(made_at)s, %(official)s, %(office)s, p.form, p.paper
    FROM unnest(%(ids)s::uuid[], %(forms)s::text[], %(papers)s::bytea[]) AS p (id, form, paper)
    CROSS JOIN unnest(%(texts)s::bigint[]) AS t (id)
    RETURNING id, citizen_id, text_id
)
INSERT INTO subscriptions_subscription (citizen_id, data_type_id, consent_id, started_at)
SELECT citizen_id, %(data_type)s, id, %(made_at)s FROM given WHERE text_id = %(text)s
"""  # noqa: S608
# Of those who may be called, for a text that no subscription rests on.
CALLS = f"""
INSERT INTO subscriptions_consent
    (citizen_id, text_id, language, method, given_at, recorded_by_id, office_id, paper_form, paper_encrypted)
SELECT p.id, %(call_text)s, 'ko', '{Consent.PAPER}', %(made_at)s, %(official)s, %(office)s, p.form, p.paper
FROM unnest(%(ids)s::uuid[], %(forms)s::text[], %(papers)s::bytea[], %(calls)s::bool[]) AS p (id, form, paper, may_call)
WHERE p.may_call
"""  # noqa: S608


def write_rows(
    candidates: Sequence[Candidate],
    *,
    official: Official,
    texts: Sequence[int],
    text: int,
    data_type: int,
    made_at: datetime,
    now: datetime,
) -> list[UUID]:
    """Register these people, whose keys are locked and who are not enrolled; return their ids in the same order. Joins
    the caller's transaction.

    `texts`: all consent texts of the form, `text`: that of the data type. `made_at`: when the official confirmed the
    list. Each person has a line of their own on the trail.
    """
    if not candidates:
        return []
    ids = [uuid7() for _ in candidates]
    values = _columns(candidates, ids) | {
        "made_at": made_at,
        "official": official.pk,
        "office": official.office_id,
        "texts": list(texts),
        "text": text,
        "data_type": data_type,
    }
    with connection.cursor() as cursor:
        for statement in (CITIZENS, KEYS, CONTACTS, CHANNELS, CONSENTS):
            cursor.execute(statement, values)
        if any(values["calls"]) and (call := office_call_text()) is not None:
            cursor.execute(CALLS, values | {"call_text": call.pk})
    note_receipts(ids)
    _put_on_trail(candidates, ids, official=official, now=now)
    announce_subscribed(ids[0])  # the match takes all who wait
    return ids


def _put_on_trail(candidates: Sequence[Candidate], ids: Sequence[UUID], *, official: Official, now: datetime) -> None:
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=now,
                actor=f"official:{official.pk}",
                action="citizen.registered",
                citizen_id=citizen,
                object=f"form:{each.entry.form}"[:120],
            )
            for citizen, each in zip(ids, candidates, strict=True)
        ]
    )


def _columns(candidates: Sequence[Candidate], ids: Sequence[UUID]) -> dict[str, Any]:
    """Return the parameters of all statements: for each column its values, in the order of the people."""
    people = list(zip(ids, candidates, [paper_form_of(each.entry) for each in candidates], strict=True))
    keys = [(citizen, key) for citizen, each, _ in people for key in each.keys]
    channels = [
        (citizen, channel, position)
        for citizen, _, form in people
        for position, channel in enumerate(form.channels, start=1)
    ]
    return {
        "ids": list(ids),
        "names": [encrypt_text(form.name, bound_to=f"citizen.name:{citizen}") for citizen, _, form in people],
        "name_hashes": [name_index(form.name) for _, _, form in people],
        "born": [
            encrypt_text(form.birth_date.isoformat(), bound_to=f"citizen.birth_date:{citizen}")
            for citizen, _, form in people
        ],
        "key_ids": [citizen for citizen, _ in keys],
        "keys": [key for _, key in keys],
        "phones": [
            encrypt_text(form.phone, bound_to=f"contact.{Contact.PHONE}:{citizen}") for citizen, _, form in people
        ],
        "phone_hashes": [each.phone for _, each, _ in people],
        "channel_ids": [citizen for citizen, _, _ in channels],
        "channels": [channel for _, channel, _ in channels],
        "positions": [position for _, _, position in channels],
        "calls": [each.entry.call for each in candidates],
        "forms": [form.number for _, _, form in people],
        "papers": [form.details.sealed(citizen) for citizen, _, form in people],
    }
