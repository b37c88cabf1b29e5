"""Find the channel and template of a person's test message, or the reason why none can go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet

from notifications.channels.registry import adapters
from notifications.delivery.gateways import gateways_of, modules
from notifications.models import ChannelState, TemplateStop
from secretary.kernel.database.kept_queries import KeptQuery, Together
from subscriptions.enrolment.my_choices import AGREED_TO_SERVICE
from subscriptions.models import ChannelChoice, Citizen, Contact, MessageTemplate
from subscriptions.models.data_type import TRIAL

NO_CHANNEL, NO_ADDRESS, OURS, WITHDRAWN = "no_channel", "no_address", "ours", "withdrawn"


@dataclass(frozen=True, slots=True)
class Way:
    """How the next test message would go. `why_not`: "" where it can, else one of the reasons above."""

    channel: str
    why_not: str
    template: MessageTemplate | None = None
    refused_by: tuple[str, ...] = ()  # providers of the channel at which the template is stopped


FIRST = KeptQuery(lambda citizen: ChannelChoice.objects.filter(citizen=citizen).order_by("position")[:1])
REACHED_AT = KeptQuery(
    lambda citizen, kind: Contact.objects.filter(citizen=citizen, kind=kind, suspended_at=None).order_by("pk")[:1]
)
STATE = KeptQuery(lambda channel: ChannelState.objects.filter(channel=channel).order_by("pk")[:1])


# What their first channel is, and whether they have agreed at all; then what that channel needs.
CHOSEN: Final = {"first": FIRST, "agreed": AGREED_TO_SERVICE}
CHOSEN_ALONE = Together(**CHOSEN)


def way_of(citizen: Citizen, *, now: datetime, chosen: Mapping[str, Sequence[Any]] | None = None) -> Way:
    """Return the way by the person's first channel. `chosen`: rows of CHOSEN, where they were read with others."""
    chosen = CHOSEN_ALONE.rows(citizen=citizen.pk) if chosen is None else chosen
    first: ChannelChoice | None = next(iter(chosen["first"]), None)
    if citizen.state != Citizen.ACTIVE or not chosen["agreed"]:
        return Way(first.channel if first else "", WITHDRAWN)
    if first is None:
        return Way("", NO_CHANNEL)
    channel = first.channel
    adapter = adapters().get(next(iter(modules(channel)), ""))
    if adapter is None:
        return Way(channel, OURS)
    found = BY_CHANNEL.rows(citizen=citizen.pk, kind=adapter.address_kind, channel=channel, language=citizen.language)
    if not found["contact"]:
        return Way(channel, NO_ADDRESS)
    template: MessageTemplate | None = next(iter(found["template"]), None)
    is_ready = template is not None and (template.vendor_template or not adapter.needs_template)
    is_paused = any(state.is_paused(now) for state in found["state"])
    if template is None or not is_ready or is_paused:
        return Way(channel, OURS)
    refused_by = _refused_by(template, channel)
    return (
        Way(channel, OURS) if set(gateways_of(channel)) <= set(refused_by) else Way(channel, "", template, refused_by)
    )


def contact_of(citizen: Citizen, channel: str) -> Contact | None:
    """Return where the channel reaches the person; None where it does not, or the number is another person's now."""
    kind = adapters()[modules(channel)[0]].address_kind
    contact: Contact | None = REACHED_AT.first(citizen=citizen.pk, kind=kind)
    return contact


def _live_template(channel: str, language: str) -> QuerySet[MessageTemplate]:
    stops = TemplateStop.objects.filter(template=OuterRef("pk"), cleared_at=None)
    live = MessageTemplate.objects.filter(
        channel=channel,
        language=language,
        stage__version__data_type__code=TRIAL,
        stage__version__data_type__live_version=F("stage__version"),
    )
    return live.annotate(stopped_at=ArraySubquery(stops.order_by("pk").values("gateway"))).order_by("pk")[:1]


BY_CHANNEL = Together(contact=REACHED_AT, template=KeptQuery(_live_template), state=STATE)


def _refused_by(template: MessageTemplate, channel: str) -> tuple[str, ...]:
    stopped_at: list[str] = getattr(template, "stopped_at", [])
    return gateways_of(channel) if "" in stopped_at else tuple(stopped_at)
