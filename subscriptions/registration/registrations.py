"""Show an office only the people whose paper forms it keeps: those that its own officials recorded, or that another
office has passed on to it.

And of them only the data on the form: a person's own data from the web is not shown to the office.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.korean.korean import masked_name, masked_phone
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.enrolment.consent_texts import FAMILY, OFFICE_CALL, SERVICE
from subscriptions.enrolment.paper import Paper
from subscriptions.enrolment.people import lock_person
from subscriptions.enrolment.receipt_numbers import receipt_of
from subscriptions.enrolment.withdraw import may_be_called
from subscriptions.models import (
    Citizen,
    CitizenKey,
    Consent,
    Contact,
    FamilyMember,
    Office,
    Official,
    Subscription,
    Unreached,
)
from subscriptions.registration.scope import DATA_TYPE, own, papers_of, registered_by_office


@dataclass(frozen=True, slots=True)
class Registration:
    """A person as shown to an official, masked unless revealed.

    `number_lost`: another person has proved since that the form's number is theirs; nothing is sent to it.
    `unreached_since`: since when no notice to them has arrived on any channel; None: the newest one did.
    """

    citizen_id: UUID
    name: str
    birth_date: str
    phone: str
    registered_on: datetime
    paper_form: str
    receipt: str
    active: bool
    number_lost: bool
    unreached_since: datetime | None


def with_details(office: Office) -> QuerySet[Citizen]:
    """Return the people of an office with all data that `masked` shows, in six statements for any number of them."""
    live = Subscription.objects.filter(ended_at=None, data_type__code=DATA_TYPE)
    return registered_by_office(office).prefetch_related(
        Prefetch("consents", papers_of(office).order_by("-given_at", "-id"), to_attr="papers"),
        Prefetch("contacts", Contact.objects.filter(kind=Contact.PHONE), to_attr="phones"),
        Prefetch("keys", CitizenKey.objects.filter(kind=CitizenKey.CI), to_attr="proofs"),
        Prefetch("subscriptions", live, to_attr="live"),
        Prefetch("unreached", Unreached.objects.order_by("at"), to_attr="failures"),
    )


def own_citizen(*, official: Official, citizen_id: UUID, now: datetime) -> Citizen:
    """Return a person of the official's own office. Raises NotThisOffice, and records the attempt."""
    return own(with_details(official.office), citizen_id, by=official, refused="registration.refused", now=now)


def masked(citizen: Citizen) -> Registration:
    """Return the masked view. `citizen`: from `own_citizen` or `with_details`."""
    paper = paper_of(citizen)
    if paper is None:
        return _registration(citizen, None, ("–", "–", "–"))
    born = f"{paper.birth_date.year}. **. **."
    return _registration(citizen, paper, (masked_name(paper.name), born, masked_phone(paper.phone)))


def reveal(*, citizen: Citizen, official: Official, reason: str, now: datetime) -> Registration:
    """Return the form's data in clear; official, person and reason are recorded first."""
    record_audit(
        now=now,
        actor=f"official:{official.id}",
        action="registration.revealed",
        citizen_id=citizen.id,
        reason=reason,
    )
    paper = paper_of(citizen)
    if paper is None:
        return masked(citizen)
    born = paper.birth_date
    shown = (paper.name, f"{born.year}. {born.month}. {born.day}.", readable_phone(paper.phone))
    return _registration(citizen, paper, shown)


@retried
@transaction.atomic
def end_registration(*, citizen: Citizen, official: Official, reason: str, now: datetime) -> None:
    """End a registration: withdraw the consents on the office's own paper, with the subscriptions based on it; the one
    to the service too where nothing else rests on it, so that the person is erased.

    Consents that the person gave on the web, or at another office, are not changed. Raises Busy.
    """
    lock_person(citizen.id)
    papers = list(papers_of(official.office).filter(citizen=citizen).values_list("pk", flat=True))
    Subscription.objects.filter(citizen=citizen, ended_at=None, consent__in=papers).update(ended_at=now)
    Consent.objects.filter(pk__in=papers).update(withdrawn_at=now)
    calls = Consent.objects.filter(citizen=citizen, withdrawn_at=None, text__code__in=(OFFICE_CALL, FAMILY))
    calls.filter(office=official.office).update(withdrawn_at=now)
    if not may_be_called(citizen):
        FamilyMember.objects.filter(citizen=citizen).end(actor=f"official:{official.id}", now=now)
    if not Subscription.objects.filter(citizen=citizen, ended_at=None).exists():  # the paper agreed to the service too
        own = Consent.objects.filter(citizen=citizen, withdrawn_at=None, office=official.office)
        own.filter(method=Consent.PAPER, text__code=SERVICE).update(withdrawn_at=now)
    record_audit(
        now=now,
        actor=f"official:{official.id}",
        action="consent.withdrawn",
        citizen_id=citizen.id,
        object=DATA_TYPE,
        reason=reason,
    )


def readable_phone(phone: str) -> str:
    """Format a phone number: `+821000001234` → `010-0000-1234`."""
    digits = "0" + phone.removeprefix("+82")
    return f"{digits[:3]}-{digits[3:-4]}-{digits[-4:]}"


def paper_of(citizen: Citizen) -> Paper | None:
    """Return the form's data. None where it was recorded before forms were stored, and the person has changed the data
    since."""
    newest = _newest(citizen)
    if newest.paper_encrypted is not None:
        return Paper.opened(newest.paper_encrypted, citizen.id)
    phones: list[Contact] = citizen.phones  # type: ignore[attr-defined]  # prefetched by with_details
    on_the_web = citizen.registered_by != "office" or bool(citizen.proofs)  # type: ignore[attr-defined]
    if on_the_web or not phones:
        return None
    return Paper(citizen.name, citizen.birth_date, phones[0].value)


def _newest(citizen: Citizen) -> Consent:
    newest: Consent = citizen.papers[0]  # type: ignore[attr-defined]  # at least one: registered_by_office
    return newest


def _registration(citizen: Citizen, paper: Paper | None, shown: tuple[str, str, str]) -> Registration:
    """Mask the data. `shown`: name, birth date and phone."""
    name, birth_date, phone = shown
    lost = [contact for contact in citizen.phones if contact.suspended_at is not None]  # type: ignore[attr-defined]
    newest = _newest(citizen)
    return Registration(
        citizen_id=citizen.id,
        name=name,
        birth_date=birth_date,
        phone=phone,
        registered_on=newest.given_at,
        paper_form=newest.paper_form,
        receipt=receipt_of(citizen.id),
        active=bool(citizen.live),  # type: ignore[attr-defined]
        number_lost=paper is not None
        and any(bytes(contact.value_hash) == phone_index(paper.phone) for contact in lost),
        unreached_since=next((each.at for each in citizen.failures), None),  # type: ignore[attr-defined]
    )
