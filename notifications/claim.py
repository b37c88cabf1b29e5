"""The claim: one statement that takes due notices, checks again that they are still true, and writes the attempts.

Consent, preference, whom the record is about, its newest state and the hour are all read in the claiming transaction;
what fails is closed or put off here, with its reason. Leases are measured by the database's clock, the hour by `now`.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from notifications.gateways import channel_facts, smallest_batch
from notifications.match import CLAIMS_LOCK
from notifications.models.channel_state import PAUSED_BY_STAFF
from notifications.news import CHANGE, DONE_WITH, EVENT_WAITS, MAY_CHANGE
from notifications.stage_dates import ANCHOR
from notifications.states import CANCELLED, FAILED, PUT_OFF, READY, SENDING, TOO_LATE
from notifications.subject import about_sql
from notifications.tell_former import EARLIER, EARLIER_DAY, FREED_CAUSE
from secretary.common.arrays import number_array
from secretary.common.prepared import Prepared
from subscriptions.specs import NOT_YOURS

ABOUT = about_sql(record="r", citizen="n.citizen_id")

# The channels that a person chose and that have not failed, each with its text and address.
WAYS = """
    SELECT t.*, ct.value_encrypted AS address FROM subscriptions_channelchoice cc
    JOIN texts t ON t.stage_id = n.stage_id AND t.channel = cc.channel AND t.language = c.language
    JOIN subscriptions_contact ct ON ct.citizen_id = n.citizen_id AND ct.kind = t.kind AND ct.suspended_at IS NULL
    WHERE cc.citizen_id = n.citizen_id AND cc.channel <> ALL(n.tried)
"""
CLAIM = Prepared(
    "notifications_claim",
    f"""
WITH picked AS MATERIALIZED (
    SELECT * FROM notifications_notice WHERE id = ANY(%(notices)s) AND state = '{READY}'
    FOR UPDATE SKIP LOCKED -- another transaction is closing those
), known AS (
    SELECT * FROM unnest(%(channels)s::text[], %(kinds)s::text[], %(templated)s::boolean[])
        AS k(channel, kind, templated)
), texts AS MATERIALIZED (
    SELECT w.id AS wording_id, w.stage_id, w.channel, w.language, w.vendor_template, known.kind, cs.paused_until,
        ws.id IS NOT NULL OR known.templated AND w.vendor_template = '' AS stopped,
        cs.reason = '{PAUSED_BY_STAFF}' AND cs.paused_until > clock_timestamp() AS passed_over
    FROM known
    JOIN subscriptions_wording w ON w.channel = known.channel
    LEFT JOIN notifications_channelstate cs ON cs.channel = w.channel
    LEFT JOIN notifications_wordingstop ws ON ws.wording_id = w.id AND ws.cleared_at IS NULL
    WHERE w.stage_id IN (SELECT stage_id FROM picked)
), hours AS (
    SELECT (%(now)s AT TIME ZONE 'Asia/Seoul')::date AS today, (%(now)s AT TIME ZONE 'Asia/Seoul')::time AS clock
), facts AS MATERIALIZED (
    SELECT n.id, n.citizen_id, n.fence, n.tried, r.version AS record_version, st.id AS stage_id,
        way.channel, way.wording_id, way.vendor_template, way.address, way.paused_until, c.language, c.name_encrypted,
        c.birth_date_encrypted,
        CASE WHEN st.trigger <> '{NOT_YOURS}' THEN r.payload_encrypted END AS payload_encrypted,
        CASE WHEN st.trigger <> '{NOT_YOURS}' THEN r.told_encrypted END AS told_encrypted,
        CASE WHEN st.trigger <> '{NOT_YOURS}' THEN r.announce_digest END AS says,
        r.external_id, r.agency_id, coalesce(anchor.day, {EARLIER_DAY}) AS anchor, {EARLIER} AS earlier,
        ((hours.today + CASE WHEN hours.clock >= coalesce(c.hours_from, %(day_starts)s) THEN 1 ELSE 0 END)
            + coalesce(c.hours_from, %(day_starts)s)) AT TIME ZONE 'Asia/Seoul' AS opens_at,
        CASE
            WHEN c.state <> 'active' THEN 'erased'
            WHEN s.id IS NULL THEN 'unsubscribed'
            WHEN co.withdrawn_at IS NOT NULL THEN 'consent_withdrawn'
            WHEN CASE WHEN st.trigger = '{NOT_YOURS}' THEN ({EARLIER}) IS NULL ELSE n.not_theirs_at IS NOT NULL END
                OR (st.trigger = '{NOT_YOURS}') = {ABOUT} -- asked once for each notice
                THEN CASE WHEN st.trigger = '{NOT_YOURS}' THEN 'superseded' ELSE 'another_person' END
            WHEN r.state = 'withdrawn' AND st.trigger NOT IN ('withdrawn', '{NOT_YOURS}') THEN 'withdrawn_by_agency'
            WHEN st.trigger IN ('opened', 'reopened') AND r.state <> 'open' THEN 'settled'
            WHEN st.trigger = 'changed' AND NOT {MAY_CHANGE} THEN 'settled'
            WHEN st.trigger = 'event' AND (r.state IN ('paid', 'objected') OR r.state = 'completed' AND {DONE_WITH})
                THEN 'settled'
            WHEN st.trigger = 'date' AND r.state <> ALL(st.states) THEN 'settled'
            WHEN st.trigger IN ('paid', 'completed', 'withdrawn', 'objected') AND r.state <> st.trigger
                THEN 'superseded'
            WHEN st.trigger = 'event' AND r.event <> st.event THEN 'superseded'
            WHEN st.trigger = 'opened' AND r.event <> 'opened' AND EXISTS (
                SELECT 1 FROM subscriptions_stage o
                WHERE o.version_id = st.version_id AND o.trigger = 'event' AND o.event = r.event) THEN 'superseded'
            WHEN st.trigger = 'changed' AND n.cause <> st.code || {CHANGE} THEN 'superseded'
            WHEN st.trigger IN ('changed', 'reopened') AND EXISTS ({EVENT_WAITS}) THEN 'superseded'
            WHEN st.trigger = 'date' AND n.cause <> st.code || ':' || anchor.day THEN 'superseded'
            WHEN n.expires_at <= %(now)s THEN 'too_late'
            -- a pause files no objection: what reminds of a day that is still to come goes on
            WHEN st.trigger = 'date' AND st.offset_days > 0 AND r.objected_at IS NOT NULL THEN 'objection'
            WHEN NOT n.urgent AND NOT (hours.clock >= coalesce(c.hours_from, %(day_starts)s)
                                       AND (hours.clock < coalesce(c.hours_to, %(day_ends)s)
                                            OR coalesce(c.hours_to, %(day_ends)s) = time '00:00')) THEN 'quiet_hours'
            WHEN way.channel IS NULL AND n.tried = '{{}}' THEN 'no_channel'
            WHEN way.channel IS NULL THEN 'all_channels_failed'
            WHEN way.stopped THEN 'wording_stopped'
            WHEN way.paused_until > clock_timestamp() THEN 'channel_paused'
            ELSE ''
        END AS obstacle
    FROM picked n
    CROSS JOIN hours
    JOIN notifications_record r ON r.id = n.record_id
    JOIN subscriptions_stage st ON st.id = n.stage_id
    JOIN subscriptions_citizen c ON c.id = n.citizen_id
    LEFT JOIN subscriptions_subscription s
        ON s.citizen_id = n.citizen_id AND s.data_type_id = r.data_type_id AND s.ended_at IS NULL
    LEFT JOIN subscriptions_consent co ON co.id = s.consent_id
    CROSS JOIN LATERAL (SELECT CASE WHEN st.trigger = 'date' THEN {ANCHOR} END AS day) anchor
    LEFT JOIN LATERAL (
        ({WAYS} AND NOT t.stopped AND t.passed_over IS NOT TRUE AND cc.channel || '{PUT_OFF}' <> ALL(n.tried)
         ORDER BY cc.position LIMIT 1)
        UNION ALL -- read only where there is no such way; it would find the same first
        ({WAYS}
         ORDER BY t.stopped, t.passed_over IS TRUE, cc.channel || '{PUT_OFF}' = ANY(n.tried), cc.position LIMIT 1)
        LIMIT 1
    ) way ON true
), decided AS MATERIALIZED (
    SELECT f.*, CASE WHEN obstacle = '' THEN nextval('notifications_delivery_id_seq') END AS delivery_id, CASE
        WHEN obstacle = '' THEN '{SENDING}'
        WHEN obstacle = 'too_late' THEN '{TOO_LATE}'
        WHEN obstacle IN ('no_channel', 'all_channels_failed') THEN '{FAILED}'
        WHEN obstacle IN ('objection', 'quiet_hours', 'wording_stopped', 'channel_paused') THEN '{READY}'
        ELSE '{CANCELLED}' END AS next
    FROM facts f
), moved AS (
    UPDATE notifications_notice n SET
        state = d.next,
        reason = d.obstacle,
        fence = CASE WHEN d.next = '{SENDING}' THEN d.fence + 1 ELSE d.fence END,
        record_version = CASE WHEN d.next = '{SENDING}' THEN d.record_version ELSE n.record_version END,
        told_digest = CASE WHEN d.next = '{SENDING}' THEN d.says ELSE n.told_digest END,
        not_before = CASE d.obstacle WHEN 'quiet_hours' THEN d.opens_at
            WHEN 'wording_stopped' THEN %(now)s + interval '15 minutes'
            WHEN 'objection' THEN %(now)s + interval '1 day'
            WHEN 'channel_paused' THEN %(now)s + (d.paused_until - clock_timestamp()) + interval '1 second'
            ELSE n.not_before END,
        finished_at = CASE WHEN d.next IN ('{CANCELLED}', '{TOO_LATE}', '{FAILED}') THEN %(now)s END,
        cause = CASE WHEN d.obstacle = 'another_person' AND n.not_theirs_at IS NULL
                     THEN {FREED_CAUSE.format(notice="n")} ELSE n.cause END,
        not_theirs_at = CASE WHEN d.obstacle = 'another_person' THEN coalesce(n.not_theirs_at, %(now)s)
                             ELSE n.not_theirs_at END
    FROM decided d WHERE n.id = d.id
    RETURNING d.*
), out_of_line AS (
    DELETE FROM notifications_due q USING moved WHERE q.notice_id = moved.id AND moved.next = '{SENDING}'
), begun AS (
    INSERT INTO notifications_delivery
        (id, notice_id, fence, channel, wording_id, state, code, vendor_id, batch_key, started_at, day, asked, ask_at)
    SELECT delivery_id, id, fence + 1, channel, wording_id, 'sending', '', '', %(batch_key)s, clock_timestamp(),
        (%(now)s AT TIME ZONE 'Asia/Seoul')::date, 0, clock_timestamp() + make_interval(secs => %(lease)s)
    FROM moved WHERE delivery_id IS NOT NULL
)
SELECT delivery_id, id, channel, wording_id, citizen_id::text, name_encrypted, address, payload_encrypted,
    told_encrypted, agency_id, external_id, anchor, earlier, birth_date_encrypted, vendor_template,
    channel || '{PUT_OFF}' = ANY(tried) AS last_resort
FROM moved ORDER BY delivery_id
""",  # noqa: S608  (all parts are constants)
    {
        "notices": "bigint[]",
        "channels": "text[]",
        "kinds": "text[]",
        "templated": "boolean[]",
        "now": "timestamptz",
        "day_starts": "time",
        "day_ends": "time",
        "lease": "float8",
        "batch_key": "text",
    },
)
# Cheap where nothing is due. A claim locks places in the line and then notices, everybody else a notice and then its
# place; neither waits for ever, because a claim waits for no lock: it passes over locked rows.
FRESH = Prepared(
    "notifications_fresh",
    """
WITH urgent AS MATERIALIZED (
    SELECT notice_id FROM notifications_due WHERE urgent AND not_before <= %(now)s AND crashes = 0
    ORDER BY not_before, notice_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), others AS MATERIALIZED (
    SELECT notice_id FROM notifications_due
    WHERE NOT urgent AND not_before <= %(now)s AND crashes = 0 AND NOT %(urgent_only)s
    ORDER BY not_before, notice_id LIMIT %(most)s - (SELECT count(*) FROM urgent) FOR UPDATE SKIP LOCKED
)
SELECT notice_id FROM urgent UNION ALL SELECT notice_id FROM others
""",
    {"now": "timestamptz", "most": "int", "urgent_only": "boolean"},
)
# A worker vanished with these. They are claimed few at a time, and one by one before the last try, so that a record
# that kills workers does not take the others of its batch into quarantine.
SUSPECTS = """
SELECT notice_id, crashes FROM notifications_due
WHERE urgent >= %(urgent_only)s AND not_before <= %(now)s AND crashes > 0
ORDER BY crashes, not_before, notice_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
MOST_SUSPECTS = 20
OF_A_RECORD = """
SELECT q.notice_id FROM notifications_due q JOIN notifications_notice n ON n.id = q.notice_id
WHERE n.record_id = %(record)s AND q.urgent >= %(urgent_only)s AND q.not_before <= %(now)s
ORDER BY q.notice_id LIMIT %(most)s FOR UPDATE OF q SKIP LOCKED
"""


class Claimed(NamedTuple):
    """One attempt to be made, with everything that composing needs, still encrypted."""

    delivery_id: int
    notice_id: int
    channel: str
    wording_id: int
    citizen_id: str
    name_encrypted: memoryview
    address_encrypted: memoryview
    payload_encrypted: memoryview | None  # None: nothing of the record may be said, it is about another person
    told_encrypted: memoryview | None
    agency_id: int
    external_id: str
    anchor: object  # the date that a date stage hangs on, or the day of the earlier notice, or None
    earlier: int | None = None  # the notice that was not about the person: the stage `not_yours` names it
    birth_date_encrypted: memoryview | None = None  # only opened where a wording asks for an age
    template_code: str = ""  # the vendor's, as it stands now
    last_resort: bool = False  # it could not carry the message as it is, and no other way is left (fit.py)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one claim took: attempts to make now, and how many notices it looked at (0: nothing is due)."""

    batch_key: str
    looked_at: int
    attempts: list[Claimed]
    began: float  # by time.monotonic(), a little before the lease does


def claim(
    *,
    now: datetime,
    urgent_only: bool = False,
    batch: int | None = None,
    suspects_first: bool = False,
    record_id: int | None = None,
) -> Claim:
    """Take up to `batch` due notices, urgent ones first. Runs in a transaction of its own.

    `record_id`: those about this record and no others (manage.py tell).
    Suspects (notices that have lost a worker) are never claimed together with others.
    """
    began, batch_key = time.monotonic(), uuid.uuid4().hex
    size = min(batch or settings.CLAIM_BATCH, smallest_batch())
    order: list[Any] = [_pick_suspects, _pick_fresh] if suspects_first else [_pick_fresh, _pick_suspects]
    if record_id is not None:
        order = [partial(_pick_of_record, record_id)]
    with transaction.atomic(), connection.cursor() as cursor:
        notices: list[int] = []
        for pick in order:
            notices = notices or pick(cursor, now, urgent_only, size)
        rows = _begin(cursor, notices=number_array(notices), now=now, batch_key=batch_key) if notices else []
    attempts = [Claimed._make(row) for row in rows if row[0] is not None]
    return Claim(batch_key, len(rows), attempts, began)


def _pick_fresh(cursor: Any, now: datetime, urgent_only: bool, size: int) -> list[int]:
    FRESH.execute(cursor, {"now": now, "most": size, "urgent_only": urgent_only})
    return [pk for (pk,) in cursor.fetchall()]


def _pick_of_record(record_id: int, cursor: Any, now: datetime, urgent_only: bool, size: int) -> list[int]:
    cursor.execute(OF_A_RECORD, {"record": record_id, "now": now, "most": size, "urgent_only": urgent_only})
    return [pk for (pk,) in cursor.fetchall()]


def _pick_suspects(cursor: Any, now: datetime, urgent_only: bool, size: int) -> list[int]:
    cursor.execute(SUSPECTS, {"now": now, "most": min(size, MOST_SUSPECTS), "urgent_only": urgent_only})
    found = cursor.fetchall()
    return [pk for pk, crashes in found if crashes == 1] or [pk for pk, _ in found[:1]]


def _begin(cursor: Any, **what: object) -> list[Any]:
    channels, kinds, templated = channel_facts()
    values: dict[str, Any] = {
        **what,
        "lease": settings.LEASE_SECONDS,
        "day_starts": settings.DAY_STARTS,
        "day_ends": settings.DAY_ENDS,
        "channels": channels,
        "kinds": kinds,
        "templated": templated,
    }
    CLAIM.execute(cursor, values, after=f"SELECT pg_advisory_xact_lock_shared({CLAIMS_LOCK})")
    return list(cursor.fetchall())
