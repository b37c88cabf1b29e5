"""Build the channel adapters of this installation, once per process, from settings.CHANNELS."""

from dataclasses import asdict
from datetime import timedelta
from functools import cache

from django.conf import settings

from notifications.channels.contract import Channel
from notifications.channels.registry import MissingSetting, adapters, build
from secretary.kernel.adapters.timing import Timing
from secretary.kernel.http.connections import let_go


@cache
def channel(code: str) -> Channel:
    """Return the adapter of the channel that a citizen chose: sms, kakaotalk, naver or toss."""
    module = settings.CHANNELS[code]
    gateway = adapters()[module].gateway
    callback_url = f"{settings.CALLBACK_BASE_URL}/webhooks/{gateway}/"
    return build(module, settings.ADAPTER_CONFIG, callback_url=callback_url, timing=timing())


@cache
def channel_of_gateway(gateway: str) -> Channel | None:
    """Return the adapter whose vendor calls `/webhooks/<gateway>/`, None where no such vendor is in use."""
    for code, module in settings.CHANNELS.items():
        if adapters()[module].gateway == gateway:
            try:
                return channel(code)
            except MissingSetting:
                return None  # this installation has no account there
    return None


@cache
def gateways_of(code: str) -> tuple[str, ...]:
    """Return the gateways of a channel in use."""
    module = settings.CHANNELS.get(code)
    return (adapters()[module].gateway,) if module else ()


@cache
def value_codes(code: str) -> frozenset[str]:
    """Return the codes of a channel's gateway that reject one record's value; none where it is not in use."""
    module = settings.CHANNELS.get(code)
    return adapters()[module].value_codes if module else frozenset()


@cache
def account_codes(code: str) -> frozenset[str]:
    """Return the codes of a channel's gateway that reject our account; none where it is not in use."""
    module = settings.CHANNELS.get(code)
    return adapters()[module].account_codes if module else frozenset()


def vendor_limits(code: str) -> dict[str, int]:
    """Return the limits by which a channel's vendor accepts less than the channel carries: name in `Limits` → limit."""
    module = settings.CHANNELS.get(code)
    given = asdict(adapters()[module].limits) if module else {}
    return {name: most for name, most in given.items() if most is not None}


@cache
def channel_that_reports(gateway: str) -> str:
    """Return the channel whose deliveries the receipts of this gateway may be about; no channel's code where it is
    unknown."""
    return next((kind.channel for kind in adapters().values() if kind.gateway == gateway), f"no {gateway}")


@cache
def channel_facts() -> tuple[list[str], list[str], list[bool]]:
    """Return the columns that the claim joins with: codes, kinds of address, whether a vendor's template is needed."""
    kinds = [adapters()[settings.CHANNELS[code]] for code in settings.CHANNELS]
    return list(settings.CHANNELS), [kind.address_kind for kind in kinds], [kind.needs_template for kind in kinds]


def timing() -> Timing:
    return Timing(
        connect_seconds=settings.HTTP_CONNECT_SECONDS,
        total_seconds=settings.HTTP_TOTAL_SECONDS,
        batch_seconds=settings.HTTP_BATCH_SECONDS,
        settle=timedelta(seconds=settings.SETTLE_SECONDS),
        patience_seconds=settings.HTTP_PATIENCE_SECONDS,
        let_go=let_go,  # of the connection to the database
    )


def reference(delivery_id: int) -> str:
    """Return the reference by which a gateway knows a delivery."""
    return f"{settings.REFERENCE_PREFIX}-{delivery_id}"


def delivery_number(given: str) -> int | None:
    """Return the delivery's id behind a reference; None for a foreign one."""
    prefix, _, number = given.rpartition("-")
    return int(number) if number.isdecimal() and len(number) < 19 and prefix == settings.REFERENCE_PREFIX else None


@cache
def smallest_batch() -> int:
    """Return how many messages every channel accepts in one `send`; a claim is never larger, to have one batch key."""
    return min(adapters()[module].max_batch for module in settings.CHANNELS.values())
