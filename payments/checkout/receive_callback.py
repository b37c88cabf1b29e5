"""Receive providers' callbacks: authenticated by the adapter, kept once, a trigger to poll. They settle nothing."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction

from payments import adapters
from payments.adapters import NotOffered
from payments.checkout.poll_payments import poll_because_of_event
from payments.models import EventCount, Payment, ProviderEvent
from payments.providers.contract import Callback, ForgedCallback, Trigger, UnreadableCallback
from secretary.kernel.enqueue import enqueue
from secretary.kernel.http.addresses import is_of_another_run
from secretary.kernel.log_ids import bind


def receive_callback(*, provider: str, callback: Callback, now: datetime) -> HTTPStatus:
    """Return the answer. A worker polls, so the provider does not wait."""
    if len(callback.body) > settings.PAYMENT_CALLBACK_MAX_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if is_of_another_run(callback.headers):
        return HTTPStatus.UNAUTHORIZED
    try:
        triggers = adapters.provider(provider).receive(callback)
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
    """Keep each event about an order of ours once; return how many of them cause a poll.

    Some providers sign nothing, so anyone can send events. Events about unknown orders, and events for which a poll is
    already scheduled, are counted by the hour and not kept.
    """
    fresh = [_take(provider, trigger, now) for trigger in triggers]
    if any(fresh):
        transaction.on_commit(lambda: enqueue("payments.ask"))
    return sum(fresh)


def _take(provider: str, trigger: Trigger, now: datetime) -> bool:
    event = {"provider": provider, "event_id": trigger.event_id[:200]}
    payment_id = _about(provider, trigger)
    if payment_id is None:
        EventCount.one_more(provider=provider, kind=EventCount.UNKNOWN_ORDER, now=now)
        return False
    bind(payment=payment_id)
    if ProviderEvent.objects.filter(**event).exists():
        return False
    if not poll_because_of_event(payment_id=payment_id):
        EventCount.one_more(provider=provider, kind=EventCount.FOLDED, now=now)
        return False
    row = ProviderEvent(**event, kind=trigger.kind[:60], payment_id=payment_id, received_at=now)
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)  # the same event may come twice at once
    return True


def _about(provider: str, trigger: Trigger) -> int | None:
    ours = Payment.objects.filter(provider=provider).values_list("pk", flat=True)
    if trigger.order_id:
        return ours.filter(order_id=trigger.order_id).first()
    return ours.filter(vendor_id=trigger.vendor_id).first() if trigger.vendor_id else None
