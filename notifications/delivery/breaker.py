"""Open a channel's breaker by error rate, for all workers. While it is open, nothing is claimed for the channel.

A message template that fails alone is no sign of a failing channel: it is counted apart, and stopped in the end, so
that its notices go to the next channel and those of other templates do not wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import raise_alarm
from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.gateways import gateways_of
from notifications.delivery.stop_template import stop_template
from notifications.models import TemplateTrouble
from notifications.models.channel_state import OF_STAFF, REROUTED_BY_AUTOPILOT
from notifications.outages.autopilot import reroute_dark
from secretary.kernel.database.sql import read_sql

TROUBLE = (Verdict.RETRY_LATER, Verdict.UNKNOWN)

# Counts decay to the window's size, so that the rate is that of about the last BREAKER_WINDOW messages.
_NOTE = """
INSERT INTO {table} AS s ({keys}, handed, troubled, reason, changed_at)
VALUES ({values}, %(handed)s, %(troubled)s, '', %(now)s)
ON CONFLICT ({key}) DO UPDATE SET
    handed = s.handed * {keep} + excluded.handed,
    troubled = s.troubled * {keep} + excluded.troubled,
    changed_at = excluded.changed_at
RETURNING EXISTS (SELECT 1 FROM notifications_wordingtrouble t WHERE t.channel = %(channel)s)
"""
# Counts of the last moment may be lost when the database crashes: a deliverer need not wait for the disk. What they
# lead to, a pause or a stop, is committed apart, and durably.
SOON = "SET LOCAL synchronous_commit = off; "
KEEP = "least(1, greatest(0, %(window)s - excluded.handed) / greatest(1, s.handed))"
NOTE = _NOTE.format(table="notifications_channelstate", keys="channel", values="%(channel)s", key="channel", keep=KEEP)
NOTE_PROVIDER = _NOTE.format(
    table="notifications_providerstate",
    keys="gateway, channel",
    values="%(gateway)s, %(channel)s",
    key="gateway",
    keep=KEEP,
)
# A pause that follows another one within a minute goes on with it. A channel that the autopilot brings back is rerouted
# as a whole again, until the autopilot's next step.
SAME_OUTAGE_SECONDS = 60
_BY_AUTOPILOT = f"s.reason = '{REROUTED_BY_AUTOPILOT}' AND s.paused_until > clock_timestamp()"
_DARK = f"""
    dark_since = CASE WHEN s.paused_until > clock_timestamp() - make_interval(secs => {SAME_OUTAGE_SECONDS})
                      THEN coalesce(s.dark_since, clock_timestamp()) ELSE clock_timestamp() END,
    paused_until = CASE WHEN {_BY_AUTOPILOT} THEN greatest(s.paused_until, d.until) ELSE d.until END,
    reason = CASE WHEN {_BY_AUTOPILOT} THEN s.reason ELSE %(reason)s END,
    resumed_at = CASE WHEN {_BY_AUTOPILOT} AND s.share > 0 THEN clock_timestamp() ELSE s.resumed_at END,
    step_at = CASE WHEN {_BY_AUTOPILOT} THEN greatest(s.step_at, d.until) END,
    share = 0
"""
# Not where an operator's pause goes on: the breaker never shortens it.
_OF_STAFF = f"(s.reason IN {OF_STAFF} AND s.paused_until > clock_timestamp()) IS NOT TRUE"
PAUSE = f"""
UPDATE notifications_channelstate s SET handed = 0, troubled = 0, {_DARK}
FROM (SELECT clock_timestamp() + make_interval(secs => %(pause)s) AS until) d
WHERE channel = %(channel)s AND handed >= %(least)s AND troubled >= handed * %(rate)s AND {_OF_STAFF}
"""  # noqa: S608  (constants)
# With jitter: workers, and installations that share a vendor, must not come back at the same moment.
PAUSE_PROVIDER = """
UPDATE notifications_providerstate SET reason = %(reason)s, handed = 0, troubled = 0,
    paused_until = clock_timestamp() + make_interval(secs => %(pause)s * (1 + random() / 4))
WHERE gateway = %(gateway)s AND handed >= %(least)s AND troubled >= handed * %(rate)s
"""
# Once every provider is dark, so is the channel, until the first of them is back.
PAUSE_OF_ALL = f"""
WITH dark AS (
    SELECT count(*) AS many, min(paused_until) AS first_back FROM notifications_providerstate
    WHERE gateway = ANY(%(gateways)s) AND paused_until > clock_timestamp()
)
INSERT INTO notifications_channelstate AS s (channel, handed, troubled, reason, changed_at, paused_until, dark_since)
SELECT %(channel)s, 0, 0, %(reason)s, %(now)s, first_back, clock_timestamp() FROM dark
WHERE many = cardinality(%(gateways)s::text[])
ON CONFLICT (channel) DO UPDATE SET {_DARK.replace("d.until", "excluded.paused_until")}
WHERE {_OF_STAFF}
"""  # noqa: S608  (constants)
FEWEST = 5  # a single failure is no rate
# One template counts for at most this share of the window, so that its first batch alone pauses no channel.
MOST_OF_ONE = 0.25
# A template is stopped once none of its messages got through in so many consecutive batches, while other templates, in
# the same batches or in between, succeeded so many times as often as they failed. An outage that begins in the middle
# of a batch, or is intermittent, affects others too. Batches of hours ago do not count: retries are at most an hour
# apart.
ROUNDS, OTHERS_TIMES, HOURS = 3, 3, 3

TROUBLED = read_sql("notifications", "template_trouble")


@dataclass(frozen=True, slots=True)
class Group:
    """What became of one template's messages of a batch."""

    template_id: int
    handed: int
    troubled: int
    code: str  # of the failure
    bad: bool  # nothing got through, and without a Retry-After, which would be about the gateway itself


@dataclass(frozen=True, slots=True)
class Way:
    """A channel, and its provider where it has several ("": it has one, whose health is the channel's)."""

    channel: str
    gateway: str


def note_health(*, channel: str, outcomes: Mapping[int, Sequence[Outcome]], now: datetime, gateway: str = "") -> None:
    """Count a batch (template → outcomes); open the breaker when too much of the recent traffic failed, and stop a
    template that alone fails. `gateway`: the provider, where the channel may have several."""
    way = Way(channel, gateway if len(gateways_of(channel)) > 1 else "")
    groups = [_group(template_id, some) for template_id, some in outcomes.items()]
    if not any(group.bad for group in groups):  # nearly always: one statement, unless a template failed before
        if groups and _note_way(way, groups, _pause(outcomes), now):
            _note_templates(way, groups, now)
        return
    alone = _note_templates(way, groups, now)
    counted = [group for group in groups if group.template_id not in alone]
    if counted:
        _note_way(way, counted, _pause(outcomes), now)


def _group(template_id: int, outcomes: Sequence[Outcome]) -> Group:
    troubled = [outcome for outcome in outcomes if outcome.verdict in TROUBLE]
    says_when = any(outcome.retry_after for outcome in troubled)
    bad = len(troubled) == len(outcomes) and not says_when
    return Group(template_id, len(outcomes), len(troubled), troubled[0].code if troubled else "", bad)


def _note_templates(way: Way, groups: Sequence[Group], now: datetime) -> set[int]:
    """Return the templates of this batch that fail alone; those that have failed for long are stopped."""
    bad = {group.template_id: group for group in groups if group.bad}
    values: dict[str, Any] = {
        "channel": way.channel,
        "gateway": way.gateway,
        "templates": [group.template_id for group in groups],
        "messages": [group.handed for group in groups],
        "bad": [group.bad for group in groups],
        "well_ones": len(groups) - len(bad),
        "bad_ones": len(bad),
        "times": OTHERS_TIMES,
        "rounds": ROUNDS,
        "hours": HOURS,
        "least": FEWEST,
    }
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(TROUBLED, values)
        alone = dict(cursor.fetchall())
        for template_id in sorted(template_id for template_id, for_long in alone.items() if for_long):
            why = "accepts other message templates but no message of this one"
            of_template = {"channel": way.channel, "gateway": way.gateway, "code": bad[template_id].code}
            stop_template(template_id=template_id, **of_template, now=now, why=why)
            TemplateTrouble.objects.filter(pk=template_id).delete()
    others_are_well = len(groups) - len(bad) >= len(bad)
    return set(bad) if others_are_well else set(alone)


def _note_way(way: Way, groups: Sequence[Group], pause: float, now: datetime) -> bool:
    """Count the messages of a batch, and open the breaker where too many of the recent ones failed. Return whether a
    template of this channel has failed before."""
    most = max(FEWEST, int(settings.BREAKER_WINDOW * MOST_OF_ONE))
    sizes = [
        (min(group.handed, most), min(group.troubled, most)) if group.bad else (group.handed, group.troubled)
        for group in groups
    ]
    code = next((group.code for group in groups if group.troubled), "")
    values: dict[str, Any] = {
        "channel": way.channel,
        "gateway": way.gateway,
        "gateways": list(gateways_of(way.channel)),
        "handed": sum(handed for handed, _ in sizes),
        "troubled": sum(troubled for _, troubled in sizes),
        "now": now,
        "window": settings.BREAKER_WINDOW,
        "pause": pause,
        "reason": code[:60],
        "least": FEWEST,
        "rate": settings.BREAKER_RATE,
    }
    with connection.cursor() as cursor:
        cursor.execute(SOON + (NOTE_PROVIDER if way.gateway else NOTE), values)
        has_trouble = bool(cursor.fetchone()[0])
        if not values["troubled"]:
            return has_trouble
        if way.gateway:
            cursor.execute(PAUSE_PROVIDER, values)
            if not cursor.rowcount:
                return has_trouble
            _alarm("provider_paused", way.gateway, f"too many messages failed ({code}); its channel's next serves", now)
        cursor.execute(PAUSE_OF_ALL if way.gateway else PAUSE, values)
        opened = cursor.rowcount
    if opened:
        _alarm("channel_paused", way.channel, f"too many messages failed ({values['reason']}); channel paused", now)
        reroute_dark([way.channel], now=now)
    return has_trouble


def _alarm(kind: str, subject: str, what: str, now: datetime) -> None:
    raise_alarm(kind=kind, subject=subject, message=f"{subject}: {what}", now=now)


def _pause(outcomes: Mapping[int, Sequence[Outcome]]) -> float:
    troubled = (outcome for some in outcomes.values() for outcome in some if outcome.verdict in TROUBLE)
    return max([settings.BREAKER_PAUSE_SECONDS, *(outcome.retry_after for outcome in troubled if outcome.retry_after)])
