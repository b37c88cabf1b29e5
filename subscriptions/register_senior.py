"""An official registers a senior for vaccination notices, from the paper form that the person signed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from secretary.common.audit import record_audit
from secretary.common.blind_index import name_index, person_index
from secretary.common.clock import kst_date
from subscriptions.choices import Given, give_consents, set_channels, set_contact, subscribe
from subscriptions.consent_texts import live_data_types
from subscriptions.events import announce_subscribed
from subscriptions.models import Citizen, CitizenKey, Consent, ConsentText, Contact, Official
from subscriptions.people import age_on, find_citizen, hold_keys, lock_keys
from subscriptions.registrations import registered_by_office

DATA_TYPE = "vaccination"
DEFAULT_CHANNELS = ("sms",)


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What the official types, in the order of the form. `phone`: E.164, of a mobile."""

    number: str
    name: str
    birth_date: date
    phone: str
    channels: Sequence[str] = DEFAULT_CHANNELS
    language: str = "ko"


class TooYoungForOffice(ValueError):
    """Younger than SENIOR_MINIMUM_AGE by international age: the person signs up on the web."""


class AlreadyRegistered(ValueError):
    """Somebody like this is there. `own`: the entry of the official's own office; None says nothing more."""

    def __init__(self, own: Citizen | None) -> None:
        super().__init__("already registered")
        self.own = own


@transaction.atomic
def register_senior(
    *,
    official: Official,
    form: PaperForm,
    consents: Collection[ConsentText],
    now: datetime,
    confirmed: bool = False,
) -> Citizen:
    """Enrol the senior with consent recorded as given on paper, or add it to the one enrolled.

    `confirmed`: the official has seen the warning of a duplicate and means it. A person who is enrolled
    already keeps their own channels. Raises TooYoungForOffice, AlreadyRegistered, ConsentMissing, NotOffered.
    """
    if age_on(form.birth_date, kst_date(now)) < settings.SENIOR_MINIMUM_AGE:
        raise TooYoungForOffice
    data_types = live_data_types([DATA_TYPE])
    keys = {CitizenKey.PERSON: person_index(form.name, form.birth_date, form.phone)}
    lock_keys(keys)
    known = find_citizen(CitizenKey.PERSON, keys[CitizenKey.PERSON])
    if not confirmed:
        _refuse_duplicate(known, official, form)
    actor = f"official:{official.id}"
    citizen = known or _new_citizen(form, actor=actor, keys=keys, now=now)
    given = Given(now, form.language, Consent.PAPER, official, form.number)
    subscribe(citizen, data_types, give_consents(citizen, consents, given), now=now)
    record_audit(now=now, actor=actor, action="citizen.registered", citizen_id=citizen.id, object=f"form:{form.number}")
    announce_subscribed(citizen.id)
    return citizen


def _refuse_duplicate(known: Citizen | None, official: Official, form: PaperForm) -> None:
    own = registered_by_office(official.office)
    if known is not None:
        raise AlreadyRegistered(own.filter(pk=known.pk).first())
    # The same name and birth date with another telephone number, within the own office: perhaps a slip.
    for other in own.filter(name_hash=name_index(form.name)):
        if other.birth_date == form.birth_date:
            raise AlreadyRegistered(other)


def _new_citizen(form: PaperForm, *, actor: str, keys: dict[str, bytes], now: datetime) -> Citizen:
    citizen = Citizen(registered_by="office", language=form.language)
    citizen.name, citizen.birth_date = form.name, form.birth_date
    citizen.save()
    hold_keys(citizen, keys, actor=actor, now=now)
    set_contact(citizen, Contact.PHONE, form.phone, verified_at=None)
    set_channels(citizen, form.channels)
    return citizen
