"""What an office sees: the people whose paper forms its own officials recorded, and nobody else."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

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
    return Citizen.objects.filter(Exists(paper), state=Citizen.ACTIVE).order_by("-created_at")


def own_citizen(*, official: Official, citizen_id: UUID, now: datetime) -> Citizen:
    """A person of the official's own office. Raises NotThisOffice, and puts the try on record."""
    citizen = registered_by_office(official.office).filter(pk=citizen_id).first()
    if citizen is None:
        record_audit(now=now, actor=f"official:{official.id}", action="registration.refused", citizen_id=citizen_id)
        raise NotThisOffice
    return citizen


def masked(citizen: Citizen, office: Office) -> Registration:
    shown = _shown(citizen, office)
    born = f"{citizen.birth_date.year}. **. **."
    return Registration(**shown, name=masked_name(citizen.name), birth_date=born, phone=masked_phone(phone_of(citizen)))


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
    return Registration(
        **_shown(citizen, official.office),
        name=citizen.name,
        birth_date=f"{born.year}. {born.month}. {born.day}.",
        phone=readable_phone(phone_of(citizen)),
    )


def phone_of(citizen: Citizen) -> str:
    contact = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE).first()
    return contact.value if contact else ""


def readable_phone(phone: str) -> str:
    """`+821000001234` → `010-0000-1234`."""
    digits = "0" + phone.removeprefix("+82")
    return f"{digits[:3]}-{digits[3:-4]}-{digits[-4:]}"


def _shown(citizen: Citizen, office: Office) -> dict[str, object]:
    paper = Consent.objects.filter(citizen=citizen, method=Consent.PAPER, recorded_by__office=office)
    newest = paper.order_by("-given_at").first()
    return {
        "citizen_id": citizen.id,
        "registered_on": newest.given_at if newest else citizen.created_at,
        "paper_form": newest.paper_form if newest else "",
        "active": Subscription.objects.filter(citizen=citizen, ended_at=None).exists(),
    }
