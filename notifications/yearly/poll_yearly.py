"""Poll gateways for yearly messages without a receipt or with a lost answer. None is sent again blindly."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import alarm_of_row
from notifications.channels.contract import Message, Polled, Verdict
from notifications.delivery.claim import Claimed
from notifications.delivery.gateways import channel_facts, first_gateway, provider, yearly_attempt
from notifications.delivery.providers import coded_for
from notifications.yearly.compose_yearly import attempt_of, compose_yearly
from notifications.yearly.yearly_outcomes import Heard, apply_yearly
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.database.sql import read_sql
from secretary.kernel.time.clock import kst_date

DUE = read_sql("notifications", "poll_yearly")
AT_ONCE = 500
Asked = list[tuple[Claimed, Message]]


def poll_yearly(*, now: datetime) -> int:
    """Poll what is due, up to so many; return how many."""
    rows = _due(now)
    known = {row[0]: row for row in rows if row[6] is not None}
    made, _ = compose_yearly(
        (attempt_of(row) for row in known.values()),
        numbers={pk: row[1] for pk, row in known.items()},
        day=kst_date(now),
    )
    by_gateway: dict[str, Asked] = defaultdict(list)
    for attempt, message in made:
        by_gateway[attempt.gateway or first_gateway(attempt.channel)].append((attempt, message))
    for_each_apart(
        list(by_gateway),
        lambda gateway: _poll(gateway, by_gateway[gateway], known, now),
        what="poll_yearly",
        on_failure=alarm_of_row(loop="yearly messages to poll", now=now),
    )
    return len(rows)


def _due(now: datetime) -> list[Any]:
    channels, kinds, *_ = channel_facts()
    values: dict[str, Any] = {
        "now": now,
        "most": AT_ONCE,
        "channels": channels,
        "kinds": kinds,
        "unknown_wait": settings.UNKNOWN_WAIT_SECONDS,
        "give_up": settings.RECEIPT_GIVE_UP_HOURS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DUE, values)
        return list(cursor.fetchall())


def _poll(gateway: str, asked: Asked, known: dict[int, Any], now: datetime) -> None:
    channel = asked[0][0].channel
    of_message = {message.reference: attempt.template_id for attempt, message in asked}
    messages = [message for _, message in asked]
    coded = {message.reference: message for message in coded_for(channel, gateway, messages, of_message)}
    polled = []
    for attempt, message in asked:
        vendor_id, started_at, batch_key = known[attempt.delivery_id][9:12]
        as_given = coded.get(message.reference, message)
        polled.append(Polled(as_given, vendor_id, batch_key, started_at, polled_at=now))
    heard = []
    for outcome in provider(gateway).poll(polled):
        found = yearly_attempt(outcome.reference)
        # Of another number than it went to, "never received" proves nothing.
        if found and (outcome.verdict is not Verdict.RETRY_LATER or known[found[0]][12]):
            heard.append(Heard(*found, outcome, gateway))
    apply_yearly(heard, now=now)
