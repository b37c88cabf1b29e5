"""SENDING: define when a person may be sent something, and which of their channels carries it now.

The one place that says so, as SQL for the claims of notices (claim.sql) and of yearly messages (claim_yearly.sql):
beside the row `n` that is claimed (its `citizen_id`, and `tried`: the channels that failed), its person `c`, `hours`
(today and the clock in Korea) and `texts`, the templates of the channels in use. `way` is the channel that was found.
"""

from notifications.models.channel_state import IN_SHARE, REROUTED

# The person's own hours, or those of the service. 00:00 as their end is the end of the day.
FROM, TO = "coalesce(c.hours_from, %(day_starts)s)", "coalesce(c.hours_to, %(day_ends)s)"
HOURS = """
    SELECT (%(now)s AT TIME ZONE 'Asia/Seoul')::date AS today, (%(now)s AT TIME ZONE 'Asia/Seoul')::time AS clock
"""


def within_hours(clock: str) -> str:
    """Return the condition that this time of the day is within the person's hours."""
    return f"{clock} >= {FROM} AND ({TO} = time '00:00' OR {clock} < {TO})"


OUTSIDE_HOURS = f"NOT ({within_hours('hours.clock')})"
# When the person's hours begin next.
OPENS_AT = f"""
    ((hours.today + CASE WHEN hours.clock >= {FROM} THEN 1 ELSE 0 END) + {FROM}) AT TIME ZONE 'Asia/Seoul'
"""
# The channels in use, from parameters (notifications/delivery/gateways.py, channel_facts).
KNOWN = """
    SELECT * FROM unnest(%(channels)s::text[], %(kinds)s::text[], %(templated)s::boolean[], %(gateways)s::text[])
        AS k(channel, kind, templated, gateways)
"""
# What `texts` has of a template `w` of such a channel, with the channel's state `cs` and its `usable` providers.
TEXT_FACTS = f"""
    w.channel, w.language, w.vendor_template, known.kind, usable.gateways, cs.paused_until, cs.share,
    usable.gateways IS NULL AS stopped, cs.reason IN {REROUTED} AND cs.paused_until > clock_timestamp() AS passed_over
"""
# A channel that failed for this row is not tried again.
UNTRIED = "cc.channel <> ALL(n.tried)"
# The person's channels that may carry it, each with its template and address. `of_stage`: which of the templates, where
# `texts` has those of several stages.
WAYS = """
    SELECT t.*, ct.value_encrypted AS address FROM subscriptions_channelchoice cc
    JOIN texts t ON {of_stage}t.channel = cc.channel AND t.language = c.language
    JOIN subscriptions_contact ct ON ct.citizen_id = n.citizen_id AND ct.kind = t.kind AND ct.suspended_at IS NULL
    WHERE cc.citizen_id = n.citizen_id AND {untried}
"""
# Rerouted, for this person too: it comes after the channels that are not.
PASSED_OVER = f"t.passed_over IS TRUE AND NOT {IN_SHARE.format(share='t.share')}"
# The last branches of a claim's obstacles: no way, or one that has to wait.
NO_WAY = f"""
            WHEN way.channel IS NULL AND n.tried = '{{}}' THEN 'no_channel'
            WHEN way.channel IS NULL THEN 'all_channels_failed'
            WHEN way.stopped THEN 'wording_stopped'
            WHEN way.paused_until > clock_timestamp() AND NOT {IN_SHARE.format(share="way.share")} THEN 'channel_paused'
"""
# When a row `d` that has to wait is looked at again, by its obstacle.
LOOK_AGAIN = """
            WHEN 'quiet_hours' THEN d.opens_at
            WHEN 'wording_stopped' THEN %(now)s + interval '15 minutes'
            WHEN 'channel_paused' THEN %(now)s + (d.paused_until - clock_timestamp()) + interval '1 second'
"""

# What claim.sql and claim_yearly.sql have in common, by the names of their fragments; `ways` differs, see WAYS.
MAY_SEND = {
    "known": KNOWN,
    "text_facts": TEXT_FACTS,
    "hours": HOURS,
    "opens_at": OPENS_AT,
    "outside_hours": OUTSIDE_HOURS,
    "no_way": NO_WAY,
    "passed_over": PASSED_OVER,
    "look_again": LOOK_AGAIN,
}
