"""A person signs up on the web, after an identity provider has said who they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from secretary.common.audit import record_audit
from secretary.common.blind_index import blind_index, ci_index, person_index
from secretary.common.clock import kst_date
from subscriptions.choices import Given, give_consents, set_channels, set_contact, subscribe
from subscriptions.consent_texts import live_data_types
from subscriptions.events import announce_subscribed
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, CitizenKey, ConsentText, Contact
from subscriptions.people import age_on, find_citizen, hold_keys, lock_keys
from subscriptions.withdraw import end_subscriptions, live_codes

ADULT_ENOUGH = 14  # under it a guardian must consent (개인정보 보호법 §22의2)
ACTOR = "citizen"
_RECEIPT_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # no I, L, O, U, 0, 1: read out on the telephone


class TooYoung(ValueError):
    """Under 14: a guardian has to consent, which the web form does not offer."""


def check_age(person: Person, *, now: datetime) -> None:
    if age_on(person.birth_date, kst_date(now)) < ADULT_ENOUGH:
        raise TooYoung


@transaction.atomic
def sign_up(
    *,
    person: Person,
    channels: Sequence[str],
    data_types: Collection[str],
    consents: Collection[ConsentText],
    language: str,
    now: datetime,
) -> Citizen:
    """Enrol the person, or update the choices of the one who is enrolled already: never a second citizen.

    `channels`: codes in order. `data_types`: codes; the person gets these and no others from now on.
    `consents`: the texts agreed to, the service's own and one for each data type.
    Raises TooYoung, NotOffered, ConsentMissing.
    """
    check_age(person, now=now)
    chosen = live_data_types(data_types)
    keys = key_hashes(person)
    lock_keys(keys)
    citizen, is_new = _citizen(person, language)
    hold_keys(citizen, keys, actor=ACTOR, now=now)
    set_contact(citizen, Contact.PHONE, person.phone, verified_at=now)
    set_channels(citizen, channels)
    end_subscriptions(citizen, live_codes(citizen) - {data_type.code for data_type in chosen}, now=now)
    given = give_consents(citizen, consents, Given(at=now, language=language))
    subscribe(citizen, chosen, given, now=now)
    action = "citizen.signed_up" if is_new else "citizen.updated"
    record_audit(now=now, actor=ACTOR, action=action, citizen_id=citizen.id, object=receipt_number(citizen))
    announce_subscribed(citizen.id)
    return citizen


def known_citizen(person: Person) -> Citizen | None:
    """Who this person is here, if enrolled: by CI, else by name, birth date and phone."""
    keys = key_hashes(person)
    return find_citizen(CitizenKey.CI, keys[CitizenKey.CI]) or find_citizen(CitizenKey.PERSON, keys[CitizenKey.PERSON])


def receipt_number(citizen: Citizen) -> str:
    """What a person reads out when asking about their sign-up: "KMPT-2QX9". Says nothing by itself."""
    digits = blind_index("receipt", str(citizen.id))[:8]
    text = "".join(_RECEIPT_ALPHABET[byte % len(_RECEIPT_ALPHABET)] for byte in digits)
    return f"{text[:4]}-{text[4:]}"


def key_hashes(person: Person) -> Mapping[str, bytes]:
    return {
        CitizenKey.CI: ci_index(person.ci),
        CitizenKey.PERSON: person_index(person.name, person.birth_date, person.phone),
    }


def _citizen(person: Person, language: str) -> tuple[Citizen, bool]:
    known = known_citizen(person)
    citizen = known or Citizen(registered_by="web")
    citizen.name, citizen.birth_date, citizen.language = person.name, person.birth_date, language
    citizen.save()
    return citizen, known is None
