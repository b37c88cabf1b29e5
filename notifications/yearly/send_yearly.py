"""Send yearly messages: claim → compose → send → write, a batch at a time.

The claim is committed before any HTTP; what was perhaps sent is polled for, and never sent again. The statements of a
batch are the same, however many messages it has.
"""

import time
import uuid
from collections import defaultdict
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from notifications.channels.contract import Message, Outcome, Verdict
from notifications.delivery.breaker import note_health
from notifications.delivery.claim import Claimed
from notifications.delivery.deliver import adapter_of, is_late
from notifications.delivery.gateways import USABLE, channel_facts
from notifications.delivery.providers import Batch, alarm_of_caps, hand_over
from notifications.matching.may_send import MAY_SEND, UNTRIED, WAYS
from notifications.matching.may_wait import CLOCK, DAYS_UNTIL
from notifications.yearly.compose_yearly import attempt_of, compose_yearly
from notifications.yearly.yearly_outcomes import Heard, apply_yearly
from secretary.kernel.database.sql import read_sql
from secretary.kernel.time.clock import kst_date
from subscriptions.models.data_type import YEARLY

CLAIM = read_sql(
    "notifications",
    "claim_yearly",
    clock=CLOCK,
    days=DAYS_UNTIL,
    **MAY_SEND,
    ways=WAYS.format(of_stage="", untried=f"({UNTRIED} OR ct.changed_at > n.started_at)"),
    usable=USABLE,
    yearly=YEARLY,
)
RECORD = "UPDATE notifications_yearlymessage SET gateway = %(gateway)s WHERE id = ANY(%(ids)s) AND state = 'sending'"
# Behind the bundled message of a person in calm mode; it gives way to one on three of their days, and then goes.
CALM_BEHIND_SECONDS, CALM_TURNS = 600, 3
# Whom no channel reaches may choose another, or give a new number: looked at again so often, until the next year's run.
UNREACHED_SECONDS = 7 * 86_400


class Attempts(NamedTuple):
    """One claim: how many messages it looked at, what is to be sent, and which attempt of each message that is."""

    looked_at: int
    made: list[Claimed]
    numbers: dict[int, int]
    batch_key: str
    began: float


def claim_yearly(*, year: int, most: int, now: datetime) -> Attempts:
    """Claim messages that are due; in a transaction of its own."""
    began, batch_key = time.monotonic(), uuid.uuid4().hex
    channels, kinds, templated, gateways = channel_facts()
    values: dict[str, Any] = {
        "channels": channels,
        "kinds": kinds,
        "templated": templated,
        "gateways": gateways,
        "now": now,
        "year": year,
        "most": most,
        "batch_key": batch_key,
        "lease": settings.LEASE_SECONDS,
        "day_starts": settings.DAY_STARTS,
        "day_ends": settings.DAY_ENDS,
        "calm_at": settings.CALM_AT,
        "calm_gather": settings.CALM_GATHER_SECONDS,
        "calm_behind": CALM_BEHIND_SECONDS,
        "calm_turns": CALM_TURNS,
        "unreached": UNREACHED_SECONDS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        rows = cursor.fetchall()
    made = [attempt_of(row) for row in rows if row[0] is not None]
    return Attempts(rows[0][-1], made, {row[0]: row[1] for row in rows}, batch_key, began)


def send_claimed(claimed: Attempts, *, now: datetime) -> None:
    """Send what was claimed; every attempt gets its outcome written, whatever happens on the way."""
    made, failed = compose_yearly(claimed.made, numbers=claimed.numbers, day=kst_date(now))
    attempts = {message.reference: attempt for attempt, message in made}
    by_channel: dict[str, list[Message]] = defaultdict(list)
    for attempt, message in made:
        by_channel[attempt.channel].append(message)
    late = partial(is_late, claimed.began)
    batch = Batch(attempts, claimed.batch_key, kst_date(now), late, adapter_of, record=RECORD)
    heard = [
        Heard(attempt.delivery_id, claimed.numbers[attempt.delivery_id], Outcome("", Verdict.UNDELIVERABLE, why))
        for attempt, why in failed
    ]
    try:
        for code, messages in by_channel.items():
            hand_over(code, messages, batch)
    finally:  # also when the task's time is up: the gateways' answers must not be lost
        for _, gateway, outcome in batch.outcomes:
            pk = attempts[outcome.reference].delivery_id
            heard.append(Heard(pk, claimed.numbers[pk], outcome, gateway))
        apply_yearly(heard, now=now)
    for (code, gateway), some in batch.health.items():
        by_template: dict[int, list[Outcome]] = defaultdict(list)
        for outcome in some:
            by_template[attempts[outcome.reference].template_id].append(outcome)
        note_health(channel=code, outcomes=by_template, now=now, gateway=gateway)
    alarm_of_caps([(code, outcome.code) for code, _, outcome in batch.outcomes], now=now)
