"""Sign up a person on the web, after an identity provider has confirmed their identity."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.birth_dates import age_on
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.choices import Given, give_consents, set_channels, set_contact, subscribe
from subscriptions.enrolment.consent_texts import live_data_types
from subscriptions.enrolment.look_again import look_again, note_reach
from subscriptions.enrolment.numbers import proved_by_another, record_taken, take_number
from subscriptions.enrolment.people import first_owner, hold_keys, key_hashes, lock_people, owners_of
from subscriptions.enrolment.receipt_numbers import note_receipts, receipt_number
from subscriptions.enrolment.withdraw import end_subscriptions, live_codes
from subscriptions.events import announce_subscribed
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, ConsentText, Contact

ADULT_ENOUGH = 14  # below it a guardian must consent (개인정보 보호법 §22의2)
ACTOR = "citizen"


class TooYoung(ValueError):
    """The person is under 14: a guardian must consent, and the web form does not offer that."""


def check_age(person: Person, *, now: datetime) -> None:
    if age_on(person.birth_date, kst_date(now)) < ADULT_ENOUGH:
        raise TooYoung


@retried
@transaction.atomic
def sign_up(
    *,
    person: Person,
    channels: Sequence[str],
    data_types: Collection[str],
    consents: Collection[ConsentText],
    language: str,
    now: datetime,
    verified_at: datetime | None = None,
) -> Citizen:
    """Enrol the person, or update the choices of the one who is enrolled already: never a second citizen.

    `channels`: codes in order. `data_types`: codes; the person gets these and no others from now on.
    `consents`: the texts agreed to, the service's own and one for each data type. `verified_at`: when the person
    proved their number; None: now.
    Raises TooYoung, NotOffered, ConsentMissing, Busy.
    """
    check_age(person, now=now)
    chosen = live_data_types(data_types)
    keys = key_hashes(person)
    found = lock_people(keys, person.phone)
    owners = owners_of(keys) if found else {}
    citizen, is_new = _citizen(person, first_owner(owners), language)
    merged = hold_keys(citizen, keys, owners, now=now)
    taken = _reach_by(citizen, person.phone, verified_at or now, is_new=is_new, is_shared=bool(found))
    set_channels(citizen, channels, is_new=is_new)
    if not is_new:
        end_subscriptions(citizen, live_codes(citizen) - {data_type.code for data_type in chosen}, now=now)
    given = give_consents(citizen, consents, Given(at=now, language=language), is_new=is_new)
    subscribe(citizen, chosen, given, now=now, is_new=is_new)
    if not is_new or found or list(channels) == ["toss"]:
        note_reach([citizen.id], now=now)
    if not is_new:
        look_again(citizen.id)  # a code has just arrived, so the phone receives messages
    _record(citizen, merged, is_new=is_new, now=now)
    record_taken(taken, now=now)
    announce_subscribed(citizen.id)
    return citizen


def known_citizen(person: Person) -> Citizen | None:
    """Return this person's row, if enrolled: by CI, else by name, birth date and phone."""
    return first_owner(owners_of(key_hashes(person)))


def _citizen(person: Person, known: Citizen | None, language: str) -> tuple[Citizen, bool]:
    """Write the row; return it, and whether it is new."""
    citizen = known or Citizen(registered_by="web")
    citizen.name, citizen.birth_date, citizen.language = person.name, person.birth_date, language
    citizen.save()
    if known is None:
        note_receipts([citizen.id])
    return citizen, known is None


def _reach_by(citizen: Citizen, phone: str, verified_at: datetime, *, is_new: bool, is_shared: bool) -> list[UUID]:
    """Set the citizen's number; return the people who have lost it. `is_shared`: others may hold it."""
    taken = take_number(citizen, phone, verified_at=verified_at) if is_shared else []
    lost = is_shared and proved_by_another(citizen, phone, since=verified_at) is not None
    set_contact(
        citizen,
        Contact.PHONE,
        phone,
        verified_at=verified_at,
        suspended_at=verified_at if lost else None,
        is_new=is_new,
    )
    return taken


def _record(citizen: Citizen, merged: Collection[UUID], *, is_new: bool, now: datetime) -> None:
    for former in merged:
        record_audit(now=now, actor=ACTOR, action="citizen.merged", citizen_id=former, object=f"into:{citizen.id}")
    action = "citizen.signed_up" if is_new else "citizen.updated"
    record_audit(now=now, actor=ACTOR, action=action, citizen_id=citizen.id, object=receipt_number(citizen))
