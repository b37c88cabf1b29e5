"""NEWS: derive from the last notice to a person about a record what is news to them now. The SQL of triggers.py.

The newest notice to a person must agree with the record. A record counts its lives: `state_version` is the version in
which its present state began, `event_version` the same of its event, and both are part of a notice's cause. So a state
that returns (opened again, cancelled a second time) is notified again, but only to people whose last notice was of
something else. Nothing of this is looked up while a record is in its first life, as nearly all are (version 0).

Aliases as in match.py: `r` record, `source.citizen_id` person, `st` stage, `s` subscription, `dt` data type.
"""

from notifications.matching.stage_dates import expiry
from secretary.kernel.database.sql import sql_list
from subscriptions.triggers import SAY_OPEN, TRIGGERS

# Looked up by index for each record that asks. `OFFSET 0` where it stands alone in an EXISTS: the planner, which cannot
# tell how few ask, might read all notices through once instead, for a hashed subplan.
NOTIFIED_OF = """
    SELECT 1 FROM notifications_notice t
    WHERE t.record_id = r.id AND t.citizen_id = source.citizen_id AND t.not_theirs_at IS NULL
    AND t.state = ANY(%(notified)s)
"""
_SAYS_ITS_EVENT = "(ts.trigger = 'event' AND r.state = 'open' AND t.record_version >= r.state_version)"
# The kind of the newest notice that contradicts the record's state, or states just this state. Stages on dates and
# events state nothing of it while it is one of theirs; but the event of an open record states that the record is open
# ("opened"), in the life in which people are notified of it.
LAST_NOTIFIED = f"""
    SELECT CASE WHEN {_SAYS_ITS_EVENT} THEN 'opened' ELSE ts.trigger END
    FROM notifications_notice t JOIN subscriptions_stage ts ON ts.id = t.stage_id
    WHERE t.record_id = r.id AND t.citizen_id = source.citizen_id AND t.not_theirs_at IS NULL
    AND t.state = ANY(%(notified)s)
    AND ({_SAYS_ITS_EVENT} OR NOT (ts.trigger IN ('date', 'event') AND r.state = ANY(ts.states)))
    ORDER BY t.record_version DESC, t.id DESC LIMIT 1
"""  # noqa: S608  (constants)
# The last notice says what the record says now: a correction was reversed before this person was notified of it.
# Notices of an earlier release lack the digest of their content.
_NOTIFIED_JUST_THIS = """
    SELECT 1 FROM (
        SELECT t.told_digest FROM notifications_notice t
        WHERE t.record_id = r.id AND t.citizen_id = source.citizen_id AND t.not_theirs_at IS NULL
        AND t.state = ANY(%(notified)s) ORDER BY t.record_version DESC, t.id DESC LIMIT 1
    ) newest WHERE newest.told_digest = r.announce_digest
"""
# A notice stated that it is open, in any state of its delivery.
_OPEN_NEWS = sql_list(SAY_OPEN)
# The end of a cause. A correction of an earlier life that this person was not notified of is news of this one.
CHANGE = "':v' || greatest(r.changed_version, r.state_version)"
LIFE = "CASE WHEN r.state_version > 0 THEN ':v' || r.state_version ELSE '' END"
EVENT = """CASE WHEN greatest(r.event_version, r.state_version) > 0
                THEN ':v' || greatest(r.event_version, r.state_version) ELSE '' END"""
OF_THE_EVENT = """
    SELECT 1 FROM subscriptions_stage oe WHERE oe.version_id = st.version_id
    AND oe.trigger = 'event' AND oe.event = r.event
"""
# Whether the stage `opened` is the one for a record's event: for a debt also where that event has no stage.
_IS_OPENED = f"(r.event = 'opened' OR dt.payable <> '' AND NOT EXISTS ({OF_THE_EVENT}))"
# States in which news of an event are sent.
_EVENT_STATES = sql_list(TRIGGERS["event"].holds_in or ())
# A closed debt has nothing due any more: only a stage that names the state is about its event.
_DONE_WITH = """
    ('completed' <> ALL(st.states) AND EXISTS (
        SELECT 1 FROM subscriptions_datatype debt WHERE debt.id = r.data_type_id AND debt.payable <> ''))
"""
EVENT_HOLDS = f"r.state IN {_EVENT_STATES} AND NOT (r.state = 'completed' AND {_DONE_WITH})"
# A live version without a stage for it sends the record's own stage once more: true, if less clear.
_SAYS_REOPENED = """
    SELECT 1 FROM subscriptions_stage o WHERE o.version_id = st.version_id AND o.trigger = 'reopened'
"""
_SAYS_OPEN = f"""
    SELECT 1 FROM subscriptions_stage o WHERE o.version_id = st.version_id
    AND (o.trigger = 'reopened' OR o.trigger = 'opened' AND {_IS_OPENED} OR o.trigger = 'event' AND o.event = r.event)
"""  # noqa: S608  (constants)
_NOTIFIED_EVENT = """
    SELECT 1 FROM notifications_notice t JOIN subscriptions_stage ts ON ts.id = t.stage_id
    WHERE t.record_id = r.id AND t.citizen_id = source.citizen_id AND t.not_theirs_at IS NULL
    AND t.state = ANY(%(notified)s) AND ts.trigger = 'event' AND ts.event = r.event
    AND t.record_version >= r.event_version
"""
# The record's event has a stage (the imposition of a fine): it notifies this person of the change, unless it notified
# them of an earlier version. A queued notice is composed from the record of the moment when it is claimed.
_EVENT_NOTIFIES = """
    SELECT 1 FROM subscriptions_stage o WHERE o.version_id = st.version_id AND o.trigger = 'event' AND o.event = r.event
    AND NOT EXISTS (
        SELECT 1 FROM notifications_notice m WHERE m.record_id = r.id AND m.citizen_id = source.citizen_id
        AND (m.cause = o.code OR starts_with(m.cause, o.code || ':v'))
        AND m.record_version >= r.event_version AND m.record_version < r.changed_version
        AND NOT (m.state = 'ready' AND m.expires_at > %(now)s))
"""
# A notice of the record's event is queued, and covers all of these: one message, the newest.
EVENT_WAITS = """
    SELECT 1 FROM notifications_notice m JOIN subscriptions_stage ms ON ms.id = m.stage_id
    WHERE m.record_id = r.id AND m.citizen_id = n.citizen_id AND m.state = 'ready' AND m.not_theirs_at IS NULL
    AND m.expires_at > %(now)s AND ms.trigger = 'event' AND ms.event = r.event
"""
# A correction is news as long as the record is open, and beyond that as long as its event is (a result that comes after
# the application is completed).
MAY_CHANGE = f"""
    (r.state = 'open' OR r.state IN {_EVENT_STATES} AND EXISTS ({OF_THE_EVENT} AND r.state = ANY(oe.states)))
"""


def _waits(stage: str) -> str:
    """Return the condition that the same is queued already, from an earlier life; its text is composed when claimed."""
    return f"""EXISTS (
        SELECT 1 FROM notifications_notice m WHERE m.record_id = r.id AND m.citizen_id = source.citizen_id
        AND m.state = 'ready' AND m.not_theirs_at IS NULL AND m.expires_at > %(now)s
        AND (m.cause = {stage}.code OR starts_with(m.cause, {stage}.code || ':v')))
    """  # noqa: S608  (an alias of ours)


# An earlier notice is repeated in a later life only where no stage states that the record is back.
_ONCE_MORE = f"({LAST_NOTIFIED}) NOT IN {_OPEN_NEWS} AND NOT EXISTS ({_SAYS_REOPENED})"
# For a person who was not notified yet this is the first news.
OPENED = f"""
    r.state = 'open' AND {_IS_OPENED} AND CASE
        WHEN r.state_version = 0 THEN true
        WHEN {_waits("st")} THEN false
        WHEN EXISTS ({NOTIFIED_OF} OFFSET 0) THEN {_ONCE_MORE}
        ELSE true END
"""
HAPPENED = f"""
    r.event = st.event AND {EVENT_HOLDS} AND CASE
        WHEN greatest(r.event_version, r.state_version) = 0 THEN true
        WHEN {_waits("st")} THEN false
        WHEN r.state_version > r.event_version AND EXISTS ({_NOTIFIED_EVENT}) THEN {_ONCE_MORE}
        ELSE true END
"""
CHANGED = f"""
    r.changed_version > 0 AND {MAY_CHANGE}
        AND EXISTS ({NOTIFIED_OF} AND t.record_version < r.changed_version)
        AND NOT EXISTS ({NOTIFIED_OF} AND t.record_version >= r.changed_version)
        AND NOT EXISTS ({_NOTIFIED_JUST_THIS})
        AND NOT EXISTS ({_EVENT_NOTIFIES})
        AND (r.state_version = 0 OR coalesce(({LAST_NOTIFIED}), 'opened') IN {_OPEN_NEWS} OR NOT EXISTS ({_SAYS_OPEN}))
"""
# paid, completed, withdrawn, objected
ENDED = f"""
    r.state = st.trigger
        AND (r.state_version = 0 OR NOT {_waits("st")} AND coalesce(({LAST_NOTIFIED}), '') <> st.trigger)
"""


def _reopened(stage: str) -> str:
    """Return the condition that excludes a record which is back with an event that has its own notice to this person (a
    fine that is imposed after all): one message, the newest."""
    return f"""r.state = 'open' AND r.state_version > 0 AND NOT {_waits(stage)}
        AND ({LAST_NOTIFIED}) NOT IN {_OPEN_NEWS}
        AND NOT (EXISTS ({OF_THE_EVENT.replace("st.", f"{stage}.")})
                 AND NOT (r.state_version > r.event_version AND EXISTS ({_NOTIFIED_EVENT})))
    """


REOPENED = _reopened("st")
# The end of the person's hours on its own day (KST); a notice that is made later goes out on the next day.
_ENDS = "coalesce(c.hours_to, %(day_ends)s)"
_REACHES_ON = f"""
    ((h.created_at AT TIME ZONE 'Asia/Seoul') + CASE WHEN h.urgent THEN interval '0' ELSE (
        SELECT CASE WHEN {_ENDS} = time '00:00' THEN interval '0' ELSE interval '24 hours' - {_ENDS} END
        FROM subscriptions_citizen c WHERE c.id = source.citizen_id) END)::date
"""  # noqa: S608  (constants)
_DAY = "(anchor.day + st.offset_days)"
_REACHES_NOW = f"""
    SELECT 1 FROM subscriptions_citizen c WHERE c.id = source.citizen_id
    AND (%(now)s AT TIME ZONE 'Asia/Seoul')::time >= coalesce(c.hours_from, %(day_starts)s)
    AND ({_ENDS} = time '00:00' OR (%(now)s AT TIME ZONE 'Asia/Seoul')::time < {_ENDS})
"""  # noqa: S608  (constants)
# The stage that is about the record itself and is still in time.
_GREETS = f"""
    SELECT 1 FROM subscriptions_stage o WHERE o.version_id = st.version_id
    AND (o.trigger = 'opened' AND {_IS_OPENED} AND r.state = 'open'
         OR o.trigger = 'event' AND o.event = r.event AND r.state IN {_EVENT_STATES})
    AND (dt.payable <> '' OR {expiry(stage="o", otherwise="%(now)s + interval '7 days'")} > %(now)s)
    AND (st.offset_days < 0 OR o.urgent OR NOT st.urgent OR EXISTS ({_REACHES_NOW}))
"""  # noqa: S608  (constants)
# A reminder that would come together with other news of the same record. It is compared with this person's notices: a
# person who signs up, or is notified of a new time, on the day of a reminder gets one message and not two. Reminders of
# the day itself are compared by the hour, since something due later today is another matter. Looked up only where the
# record or the subscription is new: if both are older than the day before, no other news is of that day.
NOTIFIED_ALREADY = f"""
    st.offset_days <= 0
    AND greatest(r.received_at, coalesce(s.matched_at, %(now)s)) >= ({_DAY} - 1)::timestamp AT TIME ZONE 'Asia/Seoul'
    AND (st.offset_days < 0 OR ({_DAY} + st.send_at) AT TIME ZONE 'Asia/Seoul' <= %(now)s)
    AND (
        EXISTS ({_GREETS}) AND NOT EXISTS (
            SELECT 1 FROM notifications_notice h WHERE h.record_id = r.id AND h.citizen_id = source.citizen_id
            AND h.not_theirs_at IS NULL AND h.released_at IS NULL AND {_REACHES_ON} < {_DAY})
        OR EXISTS (
            SELECT 1 FROM notifications_notice h JOIN subscriptions_stage hs ON hs.id = h.stage_id
            WHERE h.record_id = r.id AND h.citizen_id = source.citizen_id AND h.not_theirs_at IS NULL
            AND hs.trigger IN ('changed', 'reopened') AND (h.state = 'ready' OR h.state = ANY(%(notified)s))
            AND {_REACHES_ON} >= {_DAY})
        OR EXISTS (
            SELECT 1 FROM subscriptions_stage o WHERE o.version_id = st.version_id
            AND (o.trigger = 'changed' AND {CHANGED} OR o.trigger = 'reopened' AND {_reopened("o")})))
"""  # noqa: S608  (constants)
