"""Build the channel adapters of this installation, once per process, from settings.CHANNELS."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from functools import cache

from django.conf import settings

from notifications.channels.contract import Channel
from notifications.channels.registry import MissingSetting, adapters, build
from secretary.kernel.adapters.timing import Timing
from secretary.kernel.database.connections import let_go

_MARK = "test"  # in the reference of a test message
_YEAR_MARK = "year"  # of a yearly message

# Codes of messages that no provider got: all are down, at their rate limit or at their daily cap (providers.py).
DARK, PACED, CAPPED = "provider-dark", "provider-pace", "provider-cap"
# Of a message whose text no provider in use has approved (docs/adr/0060).
NO_PROVIDER = "provider-template"
HELD_BACK = (DARK, PACED, NO_PROVIDER)  # no attempt: tried again soon, or when the first provider is back
# The providers of a channel that may be given a template, in their order, by commas; NULL: none. Not one that refuses
# it, and of vendors who approve templates only those that have approved it. `w`: the template; `known`: its channel.
USABLE = """
SELECT string_agg(g.gateway, ',' ORDER BY g.place) AS gateways
FROM unnest(string_to_array(known.gateways, ',')) WITH ORDINALITY AS g(gateway, place)
WHERE NOT EXISTS (SELECT 1 FROM notifications_wordingstop ws
        WHERE ws.wording_id = w.id AND ws.cleared_at IS NULL AND ws.gateway IN ('', g.gateway))
    AND (NOT known.templated OR w.vendor_template <> '' AND (g.place = 1
        OR EXISTS (SELECT 1 FROM subscriptions_wordingvariant v WHERE v.wording_id = w.id
            AND starts_with(v.key, g.gateway || ':') AND v.vendor_template <> '')))
"""


def modules(code: str) -> tuple[str, ...]:
    """Return the adapters that carry a channel, in their order: the first is used while it can (`CHANNEL_<NAME>`)."""
    listed = settings.CHANNELS.get(code, "").split(",")
    return tuple(name for each in listed if (name := each.strip()))


def gateways_of(code: str) -> tuple[str, ...]:
    """Return the gateways of a channel in use, in their order: its providers."""
    return tuple(adapters()[name].gateway for name in modules(code))


def first_gateway(code: str) -> str:
    return adapters()[modules(code)[0]].gateway


@cache
def channel(code: str) -> Channel:
    """Return the adapter of the first provider of the channel that a citizen chose: sms, kakaotalk, naver or toss."""
    return _build(modules(code)[0])


@cache
def channel_of_gateway(gateway: str) -> Channel | None:
    """Return the adapter whose vendor calls `/webhooks/<gateway>/`, None where no such vendor is in use."""
    for code in settings.CHANNELS:
        for name in modules(code):
            if _gateway(name) == gateway:
                try:
                    return channel(code) if name == modules(code)[0] else _build(name)
                except MissingSetting:
                    return None  # this installation has no account there
    return None


def provider(gateway: str) -> Channel:
    """Return the adapter of a gateway that carries a channel. Raises LookupError where we have no account."""
    adapter = channel_of_gateway(gateway)
    if adapter is None:
        raise LookupError(f"no channel is carried by {gateway}")
    return adapter


def _build(name: str) -> Channel:
    callback_url = f"{settings.CALLBACK_BASE_URL}/webhooks/{_gateway(name)}/"
    return build(name, settings.ADAPTER_CONFIG, callback_url=callback_url, timing=timing())


def _gateway(name: str) -> str:
    return adapters()[name].gateway if name in adapters() else name  # unknown: `build` names those that there are


@cache
def value_codes(gateway: str) -> frozenset[str]:
    """Return the codes of a gateway that reject one record's value; none of a gateway that is not known."""
    return next((kind.value_codes for kind in adapters().values() if kind.gateway == gateway), frozenset())


@cache
def account_codes(gateway: str) -> frozenset[str]:
    """Return the codes of a gateway that reject our account; none of a gateway that is not known."""
    return next((kind.account_codes for kind in adapters().values() if kind.gateway == gateway), frozenset())


def vendor_limits(code: str) -> dict[str, int]:
    """Return the limits by which a channel's vendors accept less than the channel carries: name in `Limits` → limit.

    The narrowest of its providers', so that each can carry what is written for the channel.
    """
    given = [(name, most) for each in modules(code) for name, most in asdict(adapters()[each].limits).items()]
    narrowest: dict[str, int] = {}
    for name, most in given:
        if most is not None:
            narrowest[name] = min(most, narrowest.get(name, most))
    return narrowest


@cache
def channel_that_reports(gateway: str) -> str:
    """Return the channel whose deliveries the receipts of this gateway may be about; no channel's code where it is
    unknown."""
    return next((kind.channel for kind in adapters().values() if kind.gateway == gateway), f"no {gateway}")


@cache
def channel_facts() -> tuple[list[str], list[str], list[bool], list[str]]:
    """Return the columns that the claim joins with (`known` of USABLE): codes, kinds of address, whether a vendor's
    template is needed, and the gateways of the providers in their order, by commas."""
    kinds = [adapters()[modules(code)[0]] for code in settings.CHANNELS]
    return (
        list(settings.CHANNELS),
        [kind.address_kind for kind in kinds],
        [kind.needs_template for kind in kinds],
        [",".join(gateways_of(code)) for code in settings.CHANNELS],
    )


def timing() -> Timing:
    return Timing(
        connect_seconds=settings.HTTP_CONNECT_SECONDS,
        total_seconds=settings.HTTP_TOTAL_SECONDS,
        batch_seconds=settings.HTTP_BATCH_SECONDS,
        settle=timedelta(seconds=settings.SETTLE_SECONDS),
        list_pages=settings.GATEWAY_LIST_PAGES,
        patience_seconds=settings.HTTP_PATIENCE_SECONDS,
        let_go=let_go,  # of the connection to the database
    )


def reference(delivery_id: int) -> str:
    """Return the reference by which a gateway knows a delivery."""
    return f"{settings.REFERENCE_PREFIX}-{delivery_id}"


def references(delivery_ids: Iterable[int]) -> list[str]:
    """Return those of many deliveries."""
    prefix = settings.REFERENCE_PREFIX
    return [f"{prefix}-{delivery_id}" for delivery_id in delivery_ids]


def delivery_number(given: str) -> int | None:
    """Return the delivery's id behind a reference; None for a foreign one."""
    return delivery_numbers([given])[0]


def delivery_numbers(given: Iterable[str]) -> list[int | None]:
    """Return those of many references."""
    prefix = settings.REFERENCE_PREFIX
    split = [reference.rpartition("-") for reference in given]
    return [
        int(number) if before == prefix and number.isdecimal() and len(number) < 19 else None
        for before, _, number in split
    ]


def trial_reference(number: int) -> str:
    """Return the reference by which a gateway knows a test message; never that of a delivery."""
    return f"{settings.REFERENCE_PREFIX}-{_MARK}-{number}"


def trial_number(reference: str) -> int | None:
    """Return the number of the test message behind a reference; None for any other."""
    if _MARK not in reference:  # nearly all
        return None
    prefix, _, number = reference.rpartition("-")
    is_ours = prefix == f"{settings.REFERENCE_PREFIX}-{_MARK}" and number.isdecimal() and len(number) < 19
    return int(number) if is_ours else None


def yearly_reference(number: int, attempt: int) -> str:
    """Return the reference by which a gateway knows one attempt to send a yearly message."""
    return f"{settings.REFERENCE_PREFIX}-{_YEAR_MARK}-{number}-{attempt}"


def yearly_attempt(reference: str) -> tuple[int, int] | None:
    """Return the number of the yearly message behind a reference, and of its attempt; None for any other."""
    if _YEAR_MARK not in reference:  # nearly all
        return None
    prefix, _, numbers = reference.partition(f"-{_YEAR_MARK}-")
    found = re.fullmatch(r"(\d{1,18})-(\d{1,4})", numbers)
    return (int(found[1]), int(found[2])) if found and prefix == settings.REFERENCE_PREFIX else None


@cache
def smallest_batch() -> int:
    """Return how many messages every channel accepts in one `send`; a claim is never larger, to have one batch key."""
    return min(adapters()[name].max_batch for code in settings.CHANNELS for name in modules(code))
