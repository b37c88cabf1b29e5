"""Providers' callbacks: authenticated by the adapter, stored once, a reason to ask. They settle nothing."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction

from notifications.wake import wake
from payments import gateways
from payments.ask_payments import ask_soon
from payments.gateways import NotOffered
from payments.models import Payment, ProviderEvent
from payments.providers.contract import Callback, ForgedCallback, Trigger, UnreadableCallback


def receive_callback(*, provider: str, callback: Callback, now: datetime) -> HTTPStatus:
    """What to answer. Asking is a worker's business: the provider waits for nobody."""
    if len(callback.body) > settings.PAYMENT_CALLBACK_MAX_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    try:
        triggers = gateways.provider(provider).receive(callback)
    except NotOffered:
        return HTTPStatus.NOT_FOUND
    except ForgedCallback:
        return HTTPStatus.UNAUTHORIZED
    except UnreadableCallback:
        return HTTPStatus.BAD_REQUEST
    store_triggers(provider=provider, triggers=triggers, now=now)
    return HTTPStatus.OK


@transaction.atomic
def store_triggers(*, provider: str, triggers: Sequence[Trigger], now: datetime) -> int:
    """Keep each event once, those about unknown orders too; how many of ours will be asked about."""
    fresh = [row.pk for trigger in triggers if (row := _store(provider, trigger, now)) is not None]
    if fresh:
        ask_soon(payment_ids=fresh)
        transaction.on_commit(lambda: wake("payments.ask"))
    return len(fresh)


def _store(provider: str, trigger: Trigger, now: datetime) -> Payment | None:
    """The payment to ask about; None where the event was known, or is about no payment of ours."""
    payment = _about(provider, trigger)
    _, new = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=trigger.event_id[:200],
        defaults={"kind": trigger.kind[:60], "payment": payment, "received_at": now},
    )
    return payment if new else None


def _about(provider: str, trigger: Trigger) -> Payment | None:
    ours = Payment.objects.filter(provider=provider)
    if trigger.order_id:
        return ours.filter(order_id=trigger.order_id).first()
    return ours.filter(vendor_id=trigger.vendor_id).first() if trigger.vendor_id else None
