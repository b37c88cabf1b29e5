"""Poll providers for the outcome of payments: unknown ones, those whose worker vanished, abandoned pages, and
those that a callback named. The pauses grow until the outcome is known. Polling never confirms a payment."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from notifications.alarms import alarm_of_row, raise_alarm
from payments import adapters
from payments.adapters import NotOffered
from payments.checkout.take_outcome import take_outcome
from payments.providers.contract import Outcome, Verdict
from payments.states import CONFIRMING, UNKNOWN
from secretary.kernel.database.connections import let_go
from secretary.kernel.database.each import for_each_apart

# The pause doubles with each poll. Rows locked by others are left to the next round.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM payments_payment WHERE ask_at <= clock_timestamp()
    ORDER BY ask_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE payments_payment p SET asked = least(p.asked + 1, 1000), ask_at = clock_timestamp()
    + make_interval(secs => least(%(most)s, %(first)s * 2 ^ least(p.asked, 20)))
FROM due WHERE p.id = due.id RETURNING p.id, p.provider, p.order_id, p.vendor_id, clock_timestamp()
"""
AT_ONCE = 50
ToPoll = tuple[int, str, str, str, datetime]  # payment, provider, order, the provider's id, when it was claimed
# `heard_at`: when the newest poll for an event is due, or was. Anyone who knows an order's number can send events
# endlessly; this makes us poll once per pause, and the last event is still polled for.
HEAR = """
UPDATE payments_payment p SET heard_at = due.at, ask_at = least(coalesce(p.ask_at, due.at), due.at),
    asked = CASE WHEN due.at <= clock_timestamp() THEN 0 ELSE p.asked END
FROM (SELECT id, heard_at > clock_timestamp() AS folded, CASE WHEN heard_at > clock_timestamp() THEN heard_at
          ELSE greatest(clock_timestamp(), heard_at + make_interval(secs => %(pause)s)) END AS at
      FROM payments_payment WHERE id = %(payment)s FOR UPDATE) AS due
WHERE p.id = due.id RETURNING coalesce(due.folded, false)
"""
OVERDUE = """
SELECT count(*) FROM payments_payment WHERE state = ANY(%(states)s)
    AND ask_at IS NOT NULL AND confirmed_at < %(now)s - make_interval(mins => %(minutes)s)
"""


def poll_payments(*, now: datetime) -> int:
    """Poll every payment that is due. Returns how many payments were polled."""
    polled = 0
    alarm = alarm_of_row(loop="polls of payments", now=now)
    while claimed := _claim():
        for_each_apart(
            claimed,
            lambda each: _poll(each, now),
            what="poll_payments",
            on_failure=lambda each, why: alarm(each[0], why),
            ids=lambda each: {"payment": each[0]},
        )
        polled += len(claimed)
        if len(claimed) < AT_ONCE:
            break
    return polled


def poll_soon(*, payment_ids: list[int]) -> None:
    """Schedule a poll of these payments for an event about them, whatever their state."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payment SET ask_at = clock_timestamp(), asked = 0 WHERE id = ANY(%s)", [payment_ids]
        )


def poll_because_of_event(*, payment_id: int) -> bool:
    """Schedule a poll of the payment that a provider's event names: at once, or when the pause after the last such
    poll is over.

    False where such a poll was to come anyhow: the event is folded into it.
    """
    with connection.cursor() as cursor:
        cursor.execute(HEAR, {"payment": payment_id, "pause": settings.PAYMENT_EVENT_SECONDS})
        (folded,) = cursor.fetchone()
        return not folded


def alarm_about_unknown(*, now: datetime) -> int:
    """Return how many payments have been unknown for too long; a person should contact the provider."""
    values: dict[str, Any] = {
        "states": [CONFIRMING, UNKNOWN],
        "now": now,
        "minutes": settings.PAYMENT_UNKNOWN_ALARM_MINUTES,
    }
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE, values)
        overdue = int(cursor.fetchone()[0])
    if overdue:
        message = f"{overdue} payments are still unknown; polling continues"
        raise_alarm(kind="payment_unknown", subject="payments", message=message, now=now)
    return overdue


def _claim() -> list[ToPoll]:
    values: dict[str, Any] = {
        "limit": AT_ONCE,
        "first": settings.PAYMENT_POLL_SECONDS,
        "most": settings.PAYMENT_POLL_MAX_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return list(cursor.fetchall())


def _poll(payment: ToPoll, now: datetime) -> None:
    payment_id, provider, order_id, vendor_id, as_of = payment
    let_go()
    try:
        outcome = adapters.provider(provider).poll(order_id=order_id, vendor_id=vendor_id)
    except NotOffered:  # removed from the settings while something was open
        outcome = Outcome(Verdict.UNKNOWN, code="not_offered")
    take_outcome(payment_id=payment_id, outcome=outcome, as_of=as_of, now=now)
