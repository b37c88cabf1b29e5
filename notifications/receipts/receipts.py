"""RECEIPT: store callbacks once, answer them, and apply them in bulk. States only move forward.

Batches are applied in the transaction that stores them; single receipts are applied by a task, thousands at a time
(docs/adr/0008).
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from notifications.alarms import alarm_of_row
from notifications.channels.contract import Outcome, Receipt, Verdict
from notifications.delivery import moves
from notifications.delivery.gateways import channel_that_reports, delivery_numbers
from notifications.delivery.outcomes import NOTHING, Applied, Reported, apply_outcomes
from notifications.family.family_outcomes import take_family_receipts
from notifications.models import reach
from notifications.models.delivery_hour import LONGEST
from notifications.states import DELIVERED
from notifications.trials.trial_outcomes import take_trial_receipts
from notifications.yearly.yearly_outcomes import take_yearly_receipts
from secretary.kernel.database.each import ends_everything, for_each_apart, is_passing
from secretary.kernel.database.prepared import Prepared, number_array, text_array
from secretary.kernel.database.sql import read_sql

logger = logging.getLogger(__name__)

STORE = read_sql("notifications", "store_receipts")
DUE = """
SELECT id FROM notifications_receiptevent
WHERE applied_at IS NULL AND (retry_at IS NULL OR retry_at <= clock_timestamp()) ORDER BY id LIMIT %(limit)s
"""
TAKE = f"""
WITH claimed AS ({DUE} FOR UPDATE SKIP LOCKED)
UPDATE notifications_receiptevent e SET applied_at = %(now)s FROM claimed WHERE e.id = claimed.id
RETURNING e.delivery_id, e.verdict, e.code, e.vendor_id, e.gateway
"""  # noqa: S608  (a constant)
TAKE_ONE = """
UPDATE notifications_receiptevent SET applied_at = %(now)s WHERE id = %(id)s AND applied_at IS NULL
RETURNING delivery_id, verdict, code, vendor_id, gateway
"""
SET_ASIDE = """
UPDATE notifications_receiptevent SET failed = least(failed + 1, 1000),
    retry_at = clock_timestamp() + least(interval '6 hours', interval '1 minute' * 2 ^ least(failed, 12))
WHERE id = %(id)s
"""
# Nearly all receipts say "delivered" and end a delivery in the usual way. This statement handles only those.
# `apply_outcomes` handles the rest, and would treat these alike (docs/adr/0085).
ARRIVED = Prepared(
    "notifications_arrived",
    read_sql(
        "notifications",
        "apply_arrived",
        delivered=DELIVERED,
        widest=str(LONGEST),
        count_reached=reach.COUNT_DELIVERED,
    ),
    {
        "ids": "bigint[]",
        "codes": "text[]",
        "vendor_ids": "text[]",
        "channel": "text",
        "gateway": "text",
        "now": "timestamptz",
    },
)
AT_ONCE = 2000
IN_BULK = 16  # from so many on, applying them at once is cheaper than marking them as applied later


class Arrived(NamedTuple):
    """A gateway's report that a message was delivered."""

    delivery_id: int
    code: str
    vendor_id: str


def take_receipts(*, gateway: str, receipts: Sequence[Receipt], now: datetime) -> Applied | None:
    """Store the events of callbacks, each once, and apply large batches; return None where a task must apply them.

    Unknown references are stored as evidence. Those of test messages, of yearly messages and of messages to family
    members are applied here. "Delivered" that has just ended its delivery is not stored apart: the delivery says so,
    and nothing moves it again, however often the event comes (docs/adr/0054).
    """
    numbers = delivery_numbers(receipt.reference for receipt in receipts)
    if None in numbers:
        receipts = take_trial_receipts(gateway=gateway, receipts=receipts, now=now)
        receipts = take_yearly_receipts(gateway=gateway, receipts=receipts, now=now)
        receipts = take_family_receipts(gateway=gateway, receipts=receipts, now=now)
        numbers = delivery_numbers(receipt.reference for receipt in receipts)
    if len(receipts) >= IN_BULK:
        try:
            with transaction.atomic():
                return _apply_at_once(gateway, receipts, numbers, now)
        except DatabaseError as error:
            # An error while applying is ours: the reports are stored, and the gateway must not have to send them again.
            logger.warning("receipts are stored and not applied: %s", type(error).__name__)
    return None if _store(gateway, receipts, now, applied=False) else NOTHING


def _apply_at_once(gateway: str, receipts: Sequence[Receipt], numbers: Sequence[int | None], now: datetime) -> Applied:
    """`numbers`: of the receipts' deliveries; None: of none of ours."""
    arrived: list[Arrived] = []
    others: list[Receipt] = []
    for number, receipt in zip(numbers, receipts, strict=True):
        if number is not None and receipt.verdict is Verdict.DELIVERED:
            arrived.append(Arrived(number, receipt.code[:40], receipt.vendor_id[:80]))
        else:
            others.append(receipt)
    of_arrived = _end(arrived, gateway, now, soon=not others)
    if of_arrived.in_place == len(arrived):
        receipts = others
    stored = _store(gateway, receipts, now, applied=True)
    of_others = apply_outcomes([_reported(*event) for event in stored if event[1] != Verdict.DELIVERED], now=now)
    return Applied(of_arrived.moved + of_others.moved, of_arrived.free + of_others.free)


def _end(arrived: Sequence[Arrived], gateway: str, now: datetime, *, soon: bool) -> Applied:
    if not arrived:
        return NOTHING
    channel = channel_that_reports(gateway)
    ended = apply_arrived(arrived, channel=channel, gateway=gateway, now=now, soon=soon)
    if ended == len(arrived):
        return Applied(ended, 0, ended)
    # A delivery that has ended is not moved again: no move leads back to its own state.
    reported = [
        Reported(number, Outcome("", Verdict.DELIVERED, code, vendor_id), channel, by_receipt=True, gateway=gateway)
        for number, code, vendor_id in arrived
    ]
    rest = apply_outcomes(reported, now=now)
    return Applied(ended + rest.moved, rest.free, ended + rest.in_place)


def apply_arrived(arrived: Sequence[Arrived], *, channel: str, gateway: str, now: datetime, soon: bool) -> int:
    """End those of the deliveries that are still to be polled, belong to the gateway and carried one notice; return how
    many. In the caller's transaction.

    `soon`: if it has ended all of them, a crash of the database may lose this (docs/adr/0078).
    """
    ids, codes, vendor_ids = zip(*arrived, strict=True)
    values = {
        "ids": number_array(ids),
        "codes": text_array(codes),
        "vendor_ids": text_array(vendor_ids),
        "channel": channel,
        "gateway": gateway,
        "now": now,
    }
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        ARRIVED.execute(cursor, values, after=moves.SOON if soon else moves.IN_ORDER)
        (ended,) = cursor.fetchone()
        if soon and ended < len(arrived):
            cursor.execute(moves.DURABLY)
    return int(ended)


def _store(gateway: str, receipts: Sequence[Receipt], now: datetime, *, applied: bool) -> list[Any]:
    if not receipts:
        return []
    values: dict[str, Any] = {
        "gateway": gateway,
        "now": now,
        "applied": applied,
        "events": text_array([receipt.event_id[:120] for receipt in receipts]),
        "deliveries": number_array(delivery_numbers(receipt.reference for receipt in receipts)),
        "verdicts": text_array([receipt.verdict for receipt in receipts]),
        "codes": text_array([receipt.code[:40] for receipt in receipts]),
        "vendor_ids": text_array([receipt.vendor_id[:80] for receipt in receipts]),
        "happened": [receipt.happened_at for receipt in receipts],
    }
    with connection.cursor() as cursor:
        cursor.execute(STORE, values)
        return [event for event in cursor.fetchall() if event[0] is not None]


def apply_receipts(*, now: datetime) -> Applied:
    """Apply all stored receipts that are not applied yet. A receipt that fails is set aside alone and retried later."""
    moved = free = 0
    while True:
        try:
            count, applied = _apply(TAKE, {"limit": AT_ONCE, "now": now})
        except Exception as error:
            if ends_everything(error) or is_passing(error):
                raise
            logger.error("receipts are applied one by one: %s", type(error).__name__)
            count, applied = _apply_apart(now)
        moved, free = moved + applied.moved, free + applied.free
        if count < AT_ONCE:
            return Applied(moved, free)


def _apply(take: str, values: dict[str, Any]) -> tuple[int, Applied]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(take, values)
            events = cursor.fetchall()
        return len(events), apply_outcomes([_reported(*event) for event in events], now=values["now"])


def _apply_apart(now: datetime) -> tuple[int, Applied]:
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"limit": AT_ONCE})
        due = [pk for (pk,) in cursor.fetchall()]
    alarm = alarm_of_row(loop="receipts", now=now)
    done: list[Applied] = []

    def set_aside(event_id: int, error: Exception) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SET_ASIDE, {"id": event_id})
        alarm(event_id, error)

    for_each_apart(
        due,
        lambda event_id: done.append(_apply(TAKE_ONE, {"id": event_id, "now": now})[1]),
        what="receipts",
        on_failure=set_aside,
        ids=lambda event_id: {"receipt": event_id},
    )
    return len(due), Applied(sum(each.moved for each in done), sum(each.free for each in done))


def _reported(delivery_id: int, verdict: str, code: str, vendor_id: str, gateway: str) -> Reported:
    outcome = Outcome("", Verdict(verdict), code, vendor_id)
    return Reported(delivery_id, outcome, channel_that_reports(gateway), by_receipt=True, gateway=gateway)
