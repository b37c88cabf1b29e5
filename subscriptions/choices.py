"""What a person chose, written down: channels, consents, subscriptions. Called inside a transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from subscriptions.consent_texts import SERVICE, text_of
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
    """Something was chosen that the person did not agree to; the message names the item's code."""


@dataclass(frozen=True, slots=True)
class Given:
    """How and when consent was given. `recorded_by` and `paper_form` where an official took it on paper."""

    at: datetime
    language: str
    method: str = Consent.WEB
    recorded_by: Official | None = None
    paper_form: str = ""


def set_contact(citizen: Citizen, kind: str, value: str, *, verified_at: datetime | None) -> None:
    """Where a person is reached now: an earlier value of that kind is replaced."""
    contact = Contact.objects.filter(citizen=citizen, kind=kind).first() or Contact(citizen=citizen, kind=kind)
    contact.value = value
    contact.verified_at = verified_at
    contact.save()


def set_channels(citizen: Citizen, channels: Sequence[str]) -> bool:
    """Replace the order of channels; the first is tried first. Returns whether anything changed."""
    if not channels or len(set(channels)) != len(channels):
        raise ValueError("channels must be at least one, each once")
    chosen = ChannelChoice.objects.filter(citizen=citizen).order_by("position")
    if list(chosen.values_list("channel", flat=True)) == list(channels):
        return False
    chosen.delete()
    ChannelChoice.objects.bulk_create(
        ChannelChoice(citizen=citizen, channel=channel, position=position)
        for position, channel in enumerate(channels, start=1)
    )
    return True


def give_consents(citizen: Citizen, texts: Collection[ConsentText], given: Given) -> dict[str, Consent]:
    """Code → the consent that holds now; one for the same text is kept, unless paper confirms it anew."""
    standing = Consent.objects.filter(citizen=citizen, withdrawn_at=None).select_related("text")
    kept = {} if given.method == Consent.PAPER else {consent.text_id: consent for consent in standing}
    return {text.code: kept.get(text.id) or _new_consent(citizen, text, given) for text in texts}


def _new_consent(citizen: Citizen, text: ConsentText, given: Given) -> Consent:
    return Consent.objects.create(
        citizen=citizen,
        text=text,
        language=given.language,
        method=given.method,
        given_at=given.at,
        recorded_by=given.recorded_by,
        paper_form=given.paper_form,
    )


def subscribe(
    citizen: Citizen, data_types: Sequence[DataType], consents: dict[str, Consent], *, now: datetime
) -> list[str]:
    """Make sure each data type is subscribed under its consent; returns the codes that are new.

    A new one has `matched_at` null, so that the matcher looks at the records that are open already.
    Raises ConsentMissing.
    """
    for code in (SERVICE, *(data_type.code for data_type in data_types)):
        if code not in consents:
            raise ConsentMissing(code)
    live = {s.data_type_id: s for s in Subscription.objects.filter(citizen=citizen, ended_at=None)}
    for data_type in data_types:
        if (standing := live.get(data_type.id)) is not None:
            _renew(standing, consents[data_type.code])
    new = [data_type for data_type in data_types if data_type.id not in live]
    Subscription.objects.bulk_create(
        Subscription(citizen=citizen, data_type=data_type, consent=consents[data_type.code], started_at=now)
        for data_type in new
    )
    return [data_type.code for data_type in new]


def _renew(subscription: Subscription, consent: Consent) -> None:
    if subscription.consent_id != consent.id:
        subscription.consent = consent
        subscription.save(update_fields=["consent"])


def agreed_codes(data_types: Sequence[DataType], texts: Collection[ConsentText]) -> list[str]:
    """The codes among `data_types` whose text in force is among those agreed to."""
    agreed = {text.id for text in texts}
    return [data_type.code for data_type in data_types if text_of(data_type).id in agreed]
