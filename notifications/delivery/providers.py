"""Hand a channel's messages to its providers in their order (docs/adr/0055).

If a provider definitely refuses a message, or may not get it now, the next one gets it at once, as the same delivery.
A message whose outcome is unknown at one provider goes to no other.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import inf
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from notifications.channels.contract import Channel, Message, Outcome, Verdict
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import approved, code_at, sheet
from notifications.delivery.gateways import (
    CAPPED,
    DARK,
    NO_PROVIDER,
    PACED,
    channel,
    channel_of_gateway,
    first_gateway,
    gateways_of,
)
from notifications.models import ProviderState
from secretary.kernel.database.sql import read_sql

TIME_OVER = "lease-over"
BURST_SECONDS = 2.0  # of its pace, that a provider may be given at once
PROBED, PROBE = 20, 5  # a provider that was down gets so many at a time, until so many were handed over
NAP_SECONDS = 0.5  # between two looks at a provider's pace

# Committed before the hand-over: after a crash the provider that may have the message is polled.
RECORD = """
UPDATE notifications_delivery SET gateway = %(gateway)s
WHERE (id = ANY(%(ids)s) OR carrier_id = ANY(%(ids)s)) AND state = 'sending'
"""
FIRST_ROW = """
INSERT INTO notifications_providerstate (gateway, channel, reason, handed, troubled, changed_at)
VALUES (%(gateway)s, %(channel)s, '', 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING
"""
TAKE = read_sql("notifications", "take_allowance")


class Handed(NamedTuple):
    """The outcome of a message. `gateway`: the provider that has it or refused it last, "" if no provider got it."""

    channel: str
    gateway: str
    outcome: Outcome


class Room(NamedTuple):
    """How many messages a provider may get now, and why no more."""

    many: int
    dark: float  # seconds until its breaker closes, 0 where it is closed
    is_capped: bool


UNAPPROVED = Room(0, inf, False)  # of a provider that has approved none of the texts, or refuses their templates


@dataclass(frozen=True, slots=True)
class Batch:
    """A claim's messages on their way. `outcomes` has one for each message, as soon as it stands; `health` what each
    provider answered, also of messages that another has taken since. `record`: the statement that writes down who is
    given the attempts of these `ids`."""

    attempts: Mapping[str, Claimed]  # by reference
    batch_key: str
    today: date
    is_late: Callable[[], bool]  # the lease is nearly over: nothing more may be handed over
    adapter: Callable[[str, str], Channel]  # of a channel's provider
    outcomes: list[Handed] = field(default_factory=list)
    health: dict[tuple[str, str], list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, Handed] = field(default_factory=dict)  # by reference: messages that no provider has now
    record: str = RECORD


def hand_over(code: str, messages: Sequence[Message], batch: Batch) -> None:
    """Send a channel's messages, by the next provider where the first cannot."""
    names = gateways_of(code)
    left: Sequence[Message] = ()
    why = Outcome("", Verdict.RETRY_LATER, TIME_OVER)
    try:
        if batch.is_late():
            left = messages
        elif len(names) > 1 or _has_limit(names[0]):
            left, why = _by_all(code, names, messages, batch)
        else:
            _send(code, names[0], messages, batch)
    finally:  # also when the task's time is up
        batch.outcomes.extend(batch.refusals.values())
        batch.refusals.clear()
    for message in left:
        held = why._replace(reference=message.reference)
        if why.code == NO_PROVIDER and batch.attempts[message.reference].last_resort:
            # There is no other channel: the message waits for the provider that has approved it.
            held = held._replace(verdict=Verdict.RETRY_LATER, code=NO_PROVIDER if why.retry_after else CAPPED)
        batch.outcomes.append(Handed(code, "", held))


def _by_all(
    code: str, names: Sequence[str], messages: Sequence[Message], batch: Batch
) -> tuple[Sequence[Message], Outcome]:
    """Return the messages that no provider got, and the outcome of each."""
    left = list(messages)
    written_by = {reference: attempt.template_id for reference, attempt in batch.attempts.items()}
    while True:
        rooms: list[Room] = []
        for gateway in names:
            open_to = [message for message in left if batch.attempts[message.reference].may_go_to(gateway)]
            coded = coded_for(code, gateway, open_to, written_by)
            room = _room(code, gateway, len(coded), batch.today) if coded else UNAPPROVED
            given = coded[: room.many]
            if given:
                _record(gateway, given, batch)
                gone = {message.reference for message in given}
                gone -= {message.reference for message in _send(code, gateway, given, batch)}
                left = [message for message in left if message.reference not in gone]
            rooms.append(room)
            if not left or batch.is_late():
                break
        left = [each for each in left if each.reference not in batch.refusals]
        if not left or batch.is_late() or all(room.dark or room.is_capped for room in rooms):
            return left, _held_back(rooms)
        time.sleep(NAP_SECONDS)
        if batch.is_late():
            return left, _held_back(rooms)


def _held_back(rooms: Sequence[Room]) -> Outcome:
    """Return why no provider got them. A cap counts as a failure of the channel; otherwise the messages wait."""
    if all(room.dark or room.is_capped for room in rooms):
        dark = [room.dark for room in rooms if room.dark and room is not UNAPPROVED]
        if UNAPPROVED in rooms:  # the person's next channel is used at once, and this one last
            return Outcome("", Verdict.UNDELIVERABLE, NO_PROVIDER, retry_after=min(dark, default=None))
        if dark:
            return Outcome("", Verdict.RETRY_LATER, DARK, retry_after=min(dark))
        return Outcome("", Verdict.RETRY_LATER, CAPPED)
    return Outcome("", Verdict.RETRY_LATER, PACED)


def coded_for(code: str, gateway: str, messages: Sequence[Message], written_by: Mapping[str, int]) -> list[Message]:
    """Return the messages as a provider takes them: under its own template codes, without those whose text it has not
    approved (docs/adr/0060). `written_by`: the template of each, by reference."""
    if gateway == first_gateway(code) or not any(message.template_code for message in messages):
        return list(messages)
    contents = approved(written_by[message.reference] for message in messages)
    coded = [
        message._replace(template_code=code_at(gateway, sheet(contents[template_id]), message.template_code))
        for message in messages
        if (template_id := written_by[message.reference]) in contents
    ]
    return [message for message in coded if message.template_code]


def alarm_of_caps(left: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Raise an alarm for each channel of which no provider may be given more today: (channel, code) of each outcome."""
    for capped in sorted({of_channel for of_channel, code in left if code == CAPPED}):
        message = f"{capped}: every provider is at its cap of today (PROVIDER_DAILY); notices go to the next channel"
        raise_alarm(kind="provider_capped", subject=capped, message=message, now=now)


def _send(code: str, gateway: str, messages: Sequence[Message], batch: Batch) -> list[Message]:
    """Return the messages that this provider definitely refuses."""
    if batch.refusals:
        for message in messages:
            batch.refusals.pop(message.reference, None)
    outcomes = batch.adapter(code, gateway).send(messages, batch_key=batch.batch_key)
    batch.health[code, gateway] += outcomes
    refused = {outcome.reference: outcome for outcome in outcomes if outcome.verdict is Verdict.RETRY_LATER}
    batch.refusals.update({reference: Handed(code, gateway, outcome) for reference, outcome in refused.items()})
    batch.outcomes.extend(
        [Handed(code, gateway, outcome) for outcome in outcomes if outcome.verdict is not Verdict.RETRY_LATER]
    )
    return [message for message in messages if message.reference in refused] if refused else []


def _record(gateway: str, messages: Sequence[Message], batch: Batch) -> None:
    """Write which provider gets them, if it is not the one that the claim wrote."""
    attempts = [batch.attempts[message.reference] for message in messages]
    ids = [attempt.delivery_id for attempt in attempts]
    if all(attempt.gateway == gateway for attempt in attempts):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(batch.record, {"gateway": gateway, "ids": ids})


def send_apart(
    code: str,
    messages: Sequence[Message],
    *,
    batch_key: str,
    before: Callable[[str], None] = lambda _: None,
    written_by: Mapping[str, int] | None = None,
    refused_by: Collection[str] = (),
) -> dict[str, Handed]:
    """Send messages that are no deliveries (codes, test messages), each by the first provider that does not definitely
    refuse it; return the outcomes by reference.

    `written_by`: as of `coded_for`. `refused_by`: providers that are given none. `before`: called with a gateway before
    it is given anything. Raises MissingSetting as `usable` does.
    """
    handed: dict[str, Handed] = {}
    left = list(messages)
    for gateway, adapter in usable(code):
        if gateway in refused_by:
            continue
        coded = coded_for(code, gateway, left, written_by or {})
        if not coded:
            continue
        before(gateway)
        outcomes = adapter.send(coded, batch_key=batch_key)
        handed |= {outcome.reference: Handed(code, gateway, outcome) for outcome in outcomes}
        refused = {outcome.reference for outcome in outcomes if outcome.verdict is Verdict.RETRY_LATER}
        left = [message for message in left if message.reference in refused]
        if not left:
            break
    return handed


def usable(code: str) -> list[tuple[str, Channel]]:
    """Return a channel's providers in their order, those whose breaker is open after the others. Raises MissingSetting
    where we have an account at none."""
    names = gateways_of(code)
    dark = ProviderState.objects.filter(pk__in=names, paused_until__gt=Now()) if len(names) > 1 else ()
    passed_over = {state.pk for state in dark}
    found = [(name, channel_of_gateway(name)) for name in sorted(names, key=passed_over.__contains__)]
    return [(name, adapter) for name, adapter in found if adapter] or [(names[0], channel(code))]


def _has_limit(gateway: str) -> bool:
    return gateway in settings.PROVIDER_RATES or gateway in settings.PROVIDER_DAILY


def _room(code: str, gateway: str, wanted: int, today: date) -> Room:
    values: dict[str, Any] = {
        "gateway": gateway,
        "channel": code,
        "wanted": wanted,
        "rate": settings.PROVIDER_RATES.get(gateway),
        "cap": settings.PROVIDER_DAILY.get(gateway),
        "burst": BURST_SECONDS,
        "probed": PROBED,
        "probe": PROBE,
        "today": today,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(FIRST_ROW, values)
            cursor.execute(TAKE, values)
            row = cursor.fetchone()
    return Room._make(row)
