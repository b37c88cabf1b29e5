"""Find the channel and template of a person's test message, or the reason why none can go out."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet

from notifications.channels.registry import adapters
from notifications.delivery.gateways import gateways_of, modules
from notifications.models import ChannelState, TemplateStop
from secretary.kernel.database.kept_queries import KeptQuery
from subscriptions.enrolment.my_choices import has_agreed_to_service
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


def way_of(citizen: Citizen, *, now: datetime) -> Way:
    """Return the way by the person's first channel."""
    first: ChannelChoice | None = FIRST.first(citizen=citizen.pk)
    if citizen.state != Citizen.ACTIVE or not has_agreed_to_service(citizen):
        return Way(first.channel if first else "", WITHDRAWN)
    if first is None:
        return Way("", NO_CHANNEL)
    channel = first.channel
    adapter = adapters().get(next(iter(modules(channel)), ""))
    if adapter is None:
        return Way(channel, OURS)
    if contact_of(citizen, channel) is None:
        return Way(channel, NO_ADDRESS)
    template: MessageTemplate | None = TEMPLATE.first(channel=channel, language=citizen.language)
    is_ready = template is not None and (template.vendor_template or not adapter.needs_template)
    if template is None or not is_ready or _is_paused(channel, now):
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


TEMPLATE = KeptQuery(_live_template)


def _refused_by(template: MessageTemplate, channel: str) -> tuple[str, ...]:
    stopped_at: list[str] = getattr(template, "stopped_at", [])
    return gateways_of(channel) if "" in stopped_at else tuple(stopped_at)


def _is_paused(channel: str, now: datetime) -> bool:
    state: ChannelState | None = STATE.first(channel=channel)
    return state is not None and state.is_paused(now)
