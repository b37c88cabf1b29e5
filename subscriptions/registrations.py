"""What an office sees: the people whose paper forms its own officials recorded, and nobody else."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from secretary.common.audit import record_audit
from secretary.common.korean import masked_name, masked_phone
from subscriptions.models import Citizen, Consent, Contact, Office, Official, Subscription


class NotThisOffice(LookupError):
    """No such person, or another office's: the caller is not told which; the trail is."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A person as an official sees them, masked unless revealed."""

    citizen_id: UUID
    name: str
    birth_date: str
    phone: str
    registered_on: datetime
    paper_form: str
    active: bool


def registered_by_office(office: Office) -> QuerySet[Citizen]:
    """The one place that says who belongs to an office, newest first."""
    paper = Consent.objects.filter(citizen=OuterRef("pk"), method=Consent.PAPER, recorded_by__office=office)
    return Citizen.objects.filter(Exists(paper), state=Citizen.ACTIVE).order_by("-created_at", "-id")


def with_details(office: Office) -> QuerySet[Citizen]:
    """The people of an office with all that `masked` shows, in four statements for any number of them."""
    paper = Consent.objects.filter(method=Consent.PAPER, recorded_by__office=office).order_by("-given_at")
    return registered_by_office(office).prefetch_related(
        Prefetch("consents", paper, to_attr="papers"),
        Prefetch("contacts", Contact.objects.filter(kind=Contact.PHONE), to_attr="phones"),
        Prefetch("subscriptions", Subscription.objects.filter(ended_at=None), to_attr="live"),
    )


def own_citizen(*, official: Official, citizen_id: UUID, now: datetime) -> Citizen:
    """A person of the official's own office. Raises NotThisOffice, and puts the try on record."""
    citizen = with_details(official.office).filter(pk=citizen_id).first()
    if citizen is None:
        record_audit(now=now, actor=f"official:{official.id}", action="registration.refused", citizen_id=citizen_id)
        raise NotThisOffice
    return citizen


def masked(citizen: Citizen) -> Registration:
    """`citizen` as from `own_citizen` or `with_details`."""
    born = f"{citizen.birth_date.year}. **. **."
    return _registration(citizen, masked_name(citizen.name), born, masked_phone(_phone(citizen)))


def reveal(*, citizen: Citizen, official: Official, reason: str, now: datetime) -> Registration:
    """Everything in clear; who looked, at whom and why is put on record first."""
    record_audit(
        now=now,
        actor=f"official:{official.id}",
        action="registration.revealed",
        citizen_id=citizen.id,
        reason=reason,
    )
    born: date = citizen.birth_date
    day = f"{born.year}. {born.month}. {born.day}."
    return _registration(citizen, citizen.name, day, readable_phone(_phone(citizen)))


def phone_of(citizen: Citizen) -> str:
    contact = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE).first()
    return contact.value if contact else ""


def readable_phone(phone: str) -> str:
    """`+821000001234` → `010-0000-1234`."""
    digits = "0" + phone.removeprefix("+82")
    return f"{digits[:3]}-{digits[3:-4]}-{digits[-4:]}"


def _phone(citizen: Citizen) -> str:
    phones: list[Contact] = citizen.phones  # type: ignore[attr-defined]  # prefetched by with_details
    return phones[0].value if phones else ""


def _registration(citizen: Citizen, name: str, birth_date: str, phone: str) -> Registration:
    newest: Consent = citizen.papers[0]  # type: ignore[attr-defined]  # at least one: registered_by_office
    return Registration(
        citizen_id=citizen.id,
        name=name,
        birth_date=birth_date,
        phone=phone,
        registered_on=newest.given_at,
        paper_form=newest.paper_form,
        active=bool(citizen.live),  # type: ignore[attr-defined]
    )
