"""An official registers a senior for vaccination notices, from the paper form that the person signed.

What an official is told about people who are enrolled already is a look at them: each warning and refusal is on the
trail before it is told. A warning is passed over only by who has seen it (`seen`), about this very person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from secretary.common.audit import record_audit
from secretary.common.blind_index import name_index, person_index
from secretary.common.clock import kst_date
from secretary.common.retry import retried
from subscriptions.choices import Given, give_consents, set_channels, set_contact, subscribe
from subscriptions.consent_texts import live_data_types
from subscriptions.events import announce_subscribed
from subscriptions.look_again import look_again
from subscriptions.models import Citizen, CitizenKey, Consent, ConsentText, Contact, Official
from subscriptions.numbers import proved_by_another
from subscriptions.paper import Paper
from subscriptions.people import age_on, first_owner, hold_keys, lock_people, owners_of
from subscriptions.registrations import DATA_TYPE, registered_by_office

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

    @property
    def key(self) -> bytes:
        """What agencies know the person of this form by."""
        return person_index(self.name, self.birth_date, self.phone)


class TooYoungForOffice(ValueError):
    """Younger than SENIOR_MINIMUM_AGE by international age: the person signs up on the web."""


class Warned(ValueError):
    """The official should compare with the paper form first. `about`: whom the warning concerns."""

    kind: str

    def __init__(self, about: UUID) -> None:
        super().__init__(self.kind)
        self.about = about


class AlreadyRegistered(Warned):
    """Somebody like this is there. `own`: the entry of the official's own office; None says nothing more."""

    kind = "already registered"

    def __init__(self, about: UUID, own: Citizen | None) -> None:
        super().__init__(about)
        self.own = own


class NumberOfAnother(Warned):
    """Another person has proved by a code that the number is theirs: perhaps a slip, perhaps a relative's phone."""

    kind = "number of another person"


def register_senior(
    *,
    official: Official,
    form: PaperForm,
    consents: Collection[ConsentText],
    now: datetime,
    seen: Collection[UUID] = (),
) -> Citizen:
    """Enrol the senior with consent recorded as given on paper, or add it to the one enrolled.

    `seen`: whom the official was warned about (`Warned.about`) and means all the same. A person who is enrolled
    already keeps their own channels. Raises TooYoungForOffice, AlreadyRegistered, NumberOfAnother, ConsentMissing,
    NotOffered, Busy.
    """
    try:
        if age_on(form.birth_date, kst_date(now)) < settings.SENIOR_MINIMUM_AGE:
            raise TooYoungForOffice("too young")
        return _register(official=official, form=form, consents=consents, now=now, seen=seen)
    except (TooYoungForOffice, Warned) as refusal:
        # In a transaction of its own: that of the registration has been rolled back.
        record_audit(
            now=now,
            actor=f"official:{official.id}",
            action="registration.warned" if isinstance(refusal, Warned) else "registration.refused",
            citizen_id=refusal.about if isinstance(refusal, Warned) else None,
            object=f"form:{form.number}",
            reason=str(refusal),
        )
        raise


@retried
@transaction.atomic
def _register(
    *, official: Official, form: PaperForm, consents: Collection[ConsentText], now: datetime, seen: Collection[UUID]
) -> Citizen:
    data_types = live_data_types([DATA_TYPE])
    keys = {CitizenKey.PERSON: form.key}
    owners = owners_of(keys) if lock_people(keys, form.phone) else {}
    known = first_owner(owners)
    _warn(known, official, form, seen)
    citizen = known or _new_citizen(form, keys=keys, now=now)
    sealed = Paper(form.name, form.birth_date, form.phone).sealed(citizen.id)
    given = Given(now, form.language, Consent.PAPER, official, form.number, sealed)
    is_new = known is None
    subscribe(citizen, data_types, give_consents(citizen, consents, given, is_new=is_new), now=now, is_new=is_new)
    if not is_new:
        look_again(citizen.id)  # perhaps the person came because nothing had arrived
    actor, what = f"official:{official.id}", f"form:{form.number}"
    record_audit(now=now, actor=actor, action="citizen.registered", citizen_id=citizen.id, object=what)
    announce_subscribed(citizen.id)
    return citizen


def _warn(known: Citizen | None, official: Official, form: PaperForm, seen: Collection[UUID]) -> None:
    own = registered_by_office(official.office)
    if known is not None:
        if known.id not in seen:
            raise AlreadyRegistered(known.id, own.filter(pk=known.pk).first())
        return
    # The same name and birth date with another telephone number, within the own office: perhaps a slip.
    for other in own.filter(name_hash=name_index(form.name)).exclude(pk__in=seen):
        if other.birth_date == form.birth_date:
            raise AlreadyRegistered(other.id, other)
    holder = proved_by_another(None, form.phone)
    if holder is not None and holder not in seen:
        raise NumberOfAnother(holder)


def _new_citizen(form: PaperForm, *, keys: dict[str, bytes], now: datetime) -> Citizen:
    citizen = Citizen(registered_by="office", language=form.language)
    citizen.name, citizen.birth_date = form.name, form.birth_date
    citizen.save()
    hold_keys(citizen, keys, {}, now=now)
    set_contact(citizen, Contact.PHONE, form.phone, verified_at=None, is_new=True)
    set_channels(citizen, form.channels, is_new=True)
    return citizen
