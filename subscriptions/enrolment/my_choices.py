"""Show and change the choices of an enrolled person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import retried
from subscriptions.enrolment.choices import Given, give_consents, set_channels, subscribe
from subscriptions.enrolment.consent_texts import SERVICE, live_data_types
from subscriptions.enrolment.look_again import look_again, note_reach
from subscriptions.enrolment.people import key_hashes, lock_person
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.events import announce_subscribed
from subscriptions.identity.contract import Person
from subscriptions.models import ChannelChoice, Citizen, CitizenKey, Consent, ConsentText, Contact, Subscription


@dataclass(frozen=True, slots=True)
class Choices:
    """Codes of channels in order, and of data types."""

    channels: list[str] = field(default_factory=list)
    data_types: list[str] = field(default_factory=list)


def chosen_before(person: Person) -> Choices:
    """Return the earlier choices of the person, or of an official for them; empty for a new person. Without Toss where
    it is not linked: it cannot be chosen again.

    An official's registration and a sign-up with another number may still be two rows: both count here.
    """
    keys = CitizenKey.objects.filter(key_hash__in=list(key_hashes(person).values())).order_by("kind")
    citizens = list(dict.fromkeys(keys.values_list("citizen", flat=True)))
    if not citizens:
        return Choices()
    channels = ChannelChoice.objects.filter(citizen=citizens[0])
    if not is_toss_linked(citizens[0]):
        channels = channels.exclude(channel="toss")
    live = Subscription.objects.filter(citizen__in=citizens, ended_at=None)
    return Choices(
        list(channels.values_list("channel", flat=True)), sorted(set(live.values_list("data_type__code", flat=True)))
    )


TOSS_LINKED = KeptQuery(
    lambda citizen: Contact.objects.filter(citizen=citizen, kind=Contact.TOSS_USER_KEY, suspended_at=None).values_list(
        "pk", flat=True
    )[:1]
)
AGREED_TO_SERVICE = KeptQuery(
    lambda citizen: Consent.objects.filter(citizen=citizen, text__code=SERVICE, withdrawn_at=None).order_by("pk")[:1]
)


def is_toss_linked(citizen_id: UUID) -> bool:
    return bool(TOSS_LINKED.rows(citizen=citizen_id))


@retried
@transaction.atomic
def change_channels(*, citizen: Citizen, channels: Sequence[str], now: datetime) -> bool:
    """Set a new order of channels, from the next message on; return whether it is another one. Raises Busy."""
    lock_person(citizen.id)
    look_again(citizen.id)  # also without a change: saving the order once more means "try again"
    has_changed = set_channels(citizen, channels)
    if has_changed:
        note_reach([citizen.id], now=now)
        record_audit(now=now, actor=ACTOR, action="channels.changed", citizen_id=citizen.id, object=",".join(channels))
    return has_changed


@retried
@transaction.atomic
def add_data_types(
    *,
    citizen: Citizen,
    data_types: Collection[str],
    consents: Collection[ConsentText],
    language: str,
    now: datetime,
) -> list[str]:
    """Subscribe to more kinds of notice; return the codes that are new. Raises ConsentMissing, NotOffered, Busy."""
    lock_person(citizen.id)
    chosen = live_data_types(data_types)
    given = give_consents(citizen, consents, Given(at=now, language=language))
    if SERVICE not in given and (standing := _service_consent(citizen)):
        given[SERVICE] = standing
    new = subscribe(citizen, chosen, given, now=now)
    record_audit(now=now, actor=ACTOR, action="citizen.subscribed", citizen_id=citizen.id, object=",".join(sorted(new)))
    announce_subscribed(citizen.id)
    return new


def has_agreed_to_service(citizen: Citizen) -> bool:
    """Return whether the consent to the service stands, in any version of its text."""
    return _service_consent(citizen) is not None


def _service_consent(citizen: Citizen) -> Consent | None:
    consent: Consent | None = AGREED_TO_SERVICE.first(citizen=citizen.pk)
    return consent
