"""Register a senior for vaccination notices, from the signed paper form, as an official.

A warning or refusal reveals that a person is enrolled already: each is on the audit trail before the official sees it.
An official can override only a warning that they have seen (`seen`), about this very person. A person who is like an
entry of their own office is either that entry's person (`same`) or another one: the official decides.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.birth_dates import BirthDate
from secretary.kernel.persons.blind_index import person_index
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.choices import Given, give_consents, set_channels, set_contact, subscribe
from subscriptions.enrolment.consent_texts import live_data_types
from subscriptions.enrolment.look_again import look_again
from subscriptions.enrolment.numbers import proved_by_another
from subscriptions.enrolment.paper import Paper
from subscriptions.enrolment.people import details_hashes, first_owner, hold_keys, lock_people, owners_of
from subscriptions.enrolment.receipt_numbers import note_receipts
from subscriptions.enrolment.same_person import has_proved, make_same
from subscriptions.events import announce_subscribed
from subscriptions.models import Citizen, Consent, ConsentText, Contact, Official
from subscriptions.registration.alike import locks_of, refuse_alike
from subscriptions.registration.registration_warnings import (
    AlreadyRegistered,
    NumberOfAnother,
    TooYoungForOffice,
    Warned,
)
from subscriptions.registration.scope import DATA_TYPE, registered_by_office

DEFAULT_CHANNELS = ("sms",)


@dataclass(frozen=True, slots=True)
class PaperForm:
    """The official's input, in the order of the form. `phone`: E.164, of a mobile."""

    number: str
    name: str
    birth_date: BirthDate
    phone: str
    channels: Sequence[str] = DEFAULT_CHANNELS
    language: str = "ko"

    @property
    def key(self) -> bytes:
        """Return the keys by which agencies identify the person of this form."""
        return person_index(self.name, self.birth_date, self.phone)

    @property
    def details(self) -> Paper:
        return Paper(self.name, self.birth_date, self.phone)


def is_old_enough(birth_date: BirthDate, today: date) -> bool:
    """Return whether the person turns SENIOR_MINIMUM_AGE this year: programmes for seniors count by year of birth."""
    return today.year - birth_date.year >= settings.SENIOR_MINIMUM_AGE


def register_senior(
    *,
    official: Official,
    form: PaperForm,
    consents: Collection[ConsentText],
    now: datetime,
    seen: Collection[UUID] = (),
    same: Collection[UUID] = (),
) -> Citizen:
    """Enrol the senior with consent recorded as given on paper, or add it to the person who is enrolled.

    `seen`: people whom the official was warned about (`Warned.about`) and confirms; for an entry that is Alike, that
    this is another person. `same`: the office's entries of this same person; they are merged, with the form's details.
    A person who is enrolled already keeps their own channels.
    Raises TooYoungForOffice, AlreadyRegistered, NumberOfAnother, ConsentMissing, NotOffered, Busy.
    """
    with refusals_on_trail(official, form.number, now):
        return _register(official=official, form=form, consents=consents, now=now, seen=seen, same=same)


@contextmanager
def refusals_on_trail(official: Official, form: str, now: datetime) -> Iterator[None]:
    """Write a warning or a refusal to the trail, in a transaction of its own, as the action's is rolled back."""
    try:
        yield
    except (TooYoungForOffice, Warned) as refusal:
        record_audit(
            now=now,
            actor=f"official:{official.id}",
            action="registration.warned" if isinstance(refusal, Warned) else "registration.refused",
            citizen_id=refusal.about if isinstance(refusal, Warned) else None,
            object=f"form:{form}",
            reason=str(refusal),
        )
        raise


@retried
@transaction.atomic
def _register(
    *,
    official: Official,
    form: PaperForm,
    consents: Collection[ConsentText],
    now: datetime,
    seen: Collection[UUID],
    same: Collection[UUID],
) -> Citizen:
    if not is_old_enough(form.birth_date, kst_date(now)):
        raise TooYoungForOffice("too young")
    data_types = live_data_types([DATA_TYPE])
    keys = details_hashes(form.name, form.birth_date, form.phone)
    also = locks_of(official.office, form.details, form.number)
    owners = owners_of(keys) if lock_people(keys, form.phone, people=same, also=also) else {}
    entries = list(registered_by_office(official.office).filter(pk__in=same).order_by("created_at", "id"))
    known = first_owner(owners)
    _warn(known, entries, official, form, seen)
    actor, what = f"official:{official.id}", f"form:{form.number}"
    if entries:
        known = make_same(entries, form.details, keys=keys, actor=actor, now=now)
    citizen = known or _new_citizen(form, keys=keys, now=now)
    given = Given(now, form.language, Consent.PAPER, official, form.number, form.details.sealed(citizen.id))
    held = give_consents(citizen, consents, given, is_new=known is None)
    subscribe(citizen, data_types, held, now=now, is_new=known is None)
    if known is not None:
        look_again(citizen.id)  # the person may have come because no notice had arrived
    record_audit(now=now, actor=actor, action="citizen.registered", citizen_id=citizen.id, object=what)
    kept_apart(seen, but={citizen.id, *same}, actor=actor, what=what, now=now)
    announce_subscribed(citizen.id)
    return citizen


def kept_apart(seen: Collection[UUID], *, but: Collection[UUID], actor: str, what: str, now: datetime) -> None:
    """Record the entries that the official has confirmed to be other people."""
    for other in sorted(set(seen) - set(but)):
        record_audit(now=now, actor=actor, action="registration.kept_apart", citizen_id=other, object=what)


def _warn(
    known: Citizen | None, entries: Sequence[Citizen], official: Official, form: PaperForm, seen: Collection[UUID]
) -> None:
    passed = {*seen, *(entry.id for entry in entries)}
    if known is not None and known.id not in passed:
        own = registered_by_office(official.office).filter(pk=known.pk).first()
        raise AlreadyRegistered(known.id, own)
    refuse_alike(official.office, form.details, form=form.number, but=passed, person_only=known is not None)
    if known is None and not any(map(has_proved, entries)):
        refuse_number_of_another(entries[0] if entries else None, form.phone, seen)


def refuse_number_of_another(citizen: Citizen | None, phone: str, seen: Collection[UUID]) -> None:
    """Refuse a number that another person has proved since. Raises NumberOfAnother."""
    holder = proved_by_another(citizen, phone)
    if holder is not None and holder not in seen:
        raise NumberOfAnother(holder)


def _new_citizen(form: PaperForm, *, keys: dict[str, bytes], now: datetime) -> Citizen:
    citizen = Citizen(registered_by="office", language=form.language)
    citizen.name, citizen.birth_date = form.name, form.birth_date
    citizen.save()
    note_receipts([citizen.id])
    hold_keys(citizen, keys, {}, now=now)
    set_contact(citizen, Contact.PHONE, form.phone, verified_at=None, is_new=True)
    set_channels(citizen, form.channels, is_new=True)
    return citizen
