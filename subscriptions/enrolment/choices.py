"""Write down a person's choices: channels, consents, subscriptions. Called inside a transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from subscriptions.enrolment.consent_texts import SERVICE, text_of
from subscriptions.enrolment.look_again import look_anew
from subscriptions.models import (
    ChannelChoice,
    Citizen,
    Consent,
    ConsentText,
    Contact,
    DataType,
    Official,
    Subscription,
)


class ConsentMissing(ValueError):
    """The person chose an item without its consent; the message names the item's code."""


@dataclass(frozen=True, slots=True)
class Given:
    """How and when consent was given. The other fields are set where an official recorded it from paper."""

    at: datetime
    language: str
    method: str = Consent.WEB
    recorded_by: Official | None = None
    paper_form: str = ""
    paper_encrypted: bytes | None = None


def set_contact(
    citizen: Citizen,
    kind: str,
    value: str,
    *,
    verified_at: datetime | None,
    suspended_at: datetime | None = None,
    is_new: bool = False,
) -> None:
    """Set the person's contact: an earlier value of that kind is replaced. `is_new`: there is none yet."""
    known = None if is_new else Contact.objects.filter(citizen=citizen, kind=kind).first()
    contact = known or Contact(citizen=citizen, kind=kind)
    is_other = known is None or known.value != value
    may_reach = suspended_at is None and (is_other or contact.suspended_at is not None)
    if is_other:
        contact.value = value
    contact.verified_at, contact.suspended_at = verified_at, suspended_at
    contact.save()
    if may_reach and not is_new:
        look_anew(citizen.id)


def set_channels(citizen: Citizen, channels: Sequence[str], *, is_new: bool = False) -> bool:
    """Replace the order of channels; the first is tried first. Returns whether anything changed."""
    if not channels or len(set(channels)) != len(channels):
        raise ValueError("channels must be at least one, each once")
    if not is_new:
        chosen = ChannelChoice.objects.filter(citizen=citizen).order_by("position")
        if list(chosen.values_list("channel", flat=True)) == list(channels):
            return False
        chosen.delete()
    ChannelChoice.objects.bulk_create(
        ChannelChoice(citizen=citizen, channel=channel, position=position)
        for position, channel in enumerate(channels, start=1)
    )
    if not is_new:
        look_anew(citizen.id)
    return True


def give_consents(
    citizen: Citizen, texts: Collection[ConsentText], given: Given, *, is_new: bool = False
) -> dict[str, Consent]:
    """Return code → the standing consent; one that was given on the web for the same text is kept.

    Paper makes a new consent. A person who agrees on the web after an official recorded their paper form has agreed
    themselves: the office that keeps the paper can end the paper's consent and not this one.
    """
    kept: dict[int, Consent] = {}
    if given.method == Consent.WEB and not is_new:
        standing = Consent.objects.filter(citizen=citizen, withdrawn_at=None, method=Consent.WEB)
        kept = {consent.text_id: consent for consent in standing.select_related("text")}
    new = [_new_consent(citizen, text, given) for text in texts if text.id not in kept]
    Consent.objects.bulk_create(new)
    held = kept | {consent.text_id: consent for consent in new}
    return {text.code: held[text.id] for text in texts}


def _new_consent(citizen: Citizen, text: ConsentText, given: Given) -> Consent:
    return Consent(
        citizen=citizen,
        text=text,
        language=given.language,
        method=given.method,
        given_at=given.at,
        recorded_by=given.recorded_by,
        office=given.recorded_by.office if given.recorded_by else None,
        paper_form=given.paper_form,
        paper_encrypted=given.paper_encrypted,
    )


def subscribe(
    citizen: Citizen,
    data_types: Sequence[DataType],
    consents: dict[str, Consent],
    *,
    now: datetime,
    is_new: bool = False,
) -> list[str]:
    """Subscribe each data type under its consent; return the codes that are new.

    A new one has `matched_at` null, so that the matcher reads the records that are open already.
    Raises ConsentMissing.
    """
    for code in (SERVICE, *(data_type.code for data_type in data_types)):
        if code not in consents:
            raise ConsentMissing(code)
    live = {} if is_new else _live(citizen)
    for data_type in data_types:
        if (standing := live.get(data_type.id)) is not None:
            _renew(standing, consents[data_type.code])
    new = [data_type for data_type in data_types if data_type.id not in live]
    Subscription.objects.bulk_create(
        Subscription(citizen=citizen, data_type=data_type, consent=consents[data_type.code], started_at=now)
        for data_type in new
    )
    return [data_type.code for data_type in new]


def _live(citizen: Citizen) -> dict[int, Subscription]:
    live = Subscription.objects.filter(citizen=citizen, ended_at=None).select_related("consent")
    return {subscription.data_type_id: subscription for subscription in live}


def _renew(subscription: Subscription, consent: Consent) -> None:
    """Attach the subscription to this consent; a paper consent replaces only one of its own office."""
    if subscription.consent_id != consent.id and not (
        consent.method == Consent.PAPER and _is_of_others(subscription.consent, consent)
    ):
        subscription.consent, subscription.matched_at = consent, None  # the old consent has no subscription left
        subscription.save(update_fields=["consent", "matched_at"])


def _is_of_others(standing: Consent, paper: Consent) -> bool:
    """Return whether the standing consent was given by the person, or its paper is kept by another office."""
    return standing.office_id is None or standing.office_id != paper.office_id


def agreed_codes(data_types: Sequence[DataType], texts: Collection[ConsentText]) -> list[str]:
    """Return the codes among `data_types` whose text in force the person agreed to."""
    agreed = {text.id for text in texts}
    return [data_type.code for data_type in data_types if text_of(data_type).id in agreed]
