"""CLAIM: claim due notices in one statement that checks again that they are still true, and write their deliveries.

Consent, channel choice, the record's person, its newest state and the hour are all read in the claiming transaction;
a notice that fails a check is closed or postponed here, with its reason. Leases are measured by the database's clock,
the hour by `now`.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from notifications.delivery.gateways import USABLE, channel_facts, smallest_batch
from notifications.matching.match import CLAIMS_LOCK
from notifications.matching.may_send import MAY_SEND, UNTRIED, WAYS
from notifications.matching.may_wait import BUNDLE_AT, MAY_WAIT, NO_END
from notifications.matching.notify_former import EARLIER, EARLIER_DAY, FREED_CAUSE
from notifications.matching.stage_dates import DAY
from notifications.matching.triggers import OF_WITHDRAWN, SETTLED, SUPERSEDED
from notifications.models.bundle import CRASHES_TOGETHER
from notifications.models.record import about_sql
from notifications.states import PUT_OFF
from secretary.kernel.database.prepared import Prepared, number_array
from secretary.kernel.database.sql import read_sql

_TYPES = {
    "notices": "bigint[]",
    "channels": "text[]",
    "kinds": "text[]",
    "templated": "boolean[]",
    "gateways": "text[]",
    "now": "timestamptz",
    "day_starts": "time",
    "day_ends": "time",
    "calm_at": "time",
    "calm_gather": "float8",
    "calm_days_left": "int",
    "lease": "float8",
    "batch_key": "text",
}


def _statement(name: str, **of_calm_mode: str) -> Prepared:
    sql = read_sql(
        "notifications",
        "claim",
        about=about_sql(record="r", citizen="n.citizen_id"),
        day=DAY,
        earlier=EARLIER,
        earlier_day=EARLIER_DAY,
        freed_cause=FREED_CAUSE.format(notice="n"),
        of_withdrawn=OF_WITHDRAWN,
        put_off=PUT_OFF,
        settled=SETTLED,
        superseded=SUPERSEDED,
        usable=USABLE,
        **MAY_SEND,
        ways=WAYS.format(of_stage="t.stage_id = n.stage_id AND ", untried=UNTRIED),
        **of_calm_mode,
    )
    return Prepared(name, sql, _TYPES)


# Notices that may have to wait for a bundled message have a statement of their own: few people are in calm mode, and
# checking for it would make each claim of the others slower.
CLAIM = _statement("notifications_claim", of_whom=f"NOT ({MAY_WAIT})", bundle_at="NULL::timestamptz", no_end="false")
CLAIM_CALM = _statement("notifications_claim_calm", of_whom="true", bundle_at=BUNDLE_AT, no_end=NO_END)
# Cheap where nothing is due. A claim locks queue entries and then notices, all other code a notice and then its
# entry; they cannot deadlock, because a claim waits for no lock: it skips locked rows.
_ORDINARY = "NOT urgent AND not_before <= %(now)s AND crashes = 0 AND NOT %(urgent_only)s"
_THERE = "(%(time)s, %(notice)s)"
FRESH = Prepared(
    "notifications_fresh",
    f"""
WITH urgent AS MATERIALIZED (
    SELECT notice_id FROM notifications_due WHERE urgent AND not_before <= %(now)s AND crashes = 0
    ORDER BY not_before, notice_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), beyond AS MATERIALIZED (
    SELECT notice_id, not_before FROM notifications_due WHERE {_ORDINARY} AND (not_before, notice_id) > {_THERE}
    ORDER BY not_before, notice_id LIMIT %(most)s - (SELECT count(*) FROM urgent) FOR UPDATE SKIP LOCKED
), passed AS MATERIALIZED ( -- came late, or was given back: read where too few are beyond
    SELECT notice_id FROM notifications_due WHERE {_ORDINARY} AND (not_before, notice_id) <= {_THERE}
    ORDER BY not_before, notice_id
    LIMIT %(most)s - (SELECT count(*) FROM urgent) - (SELECT count(*) FROM beyond) FOR UPDATE SKIP LOCKED
)
SELECT notice_id, NULL AS not_before FROM urgent UNION ALL SELECT notice_id, NULL FROM beyond
UNION ALL SELECT notice_id, NULL FROM passed
UNION ALL (SELECT notice_id, not_before::text FROM beyond ORDER BY beyond.not_before DESC, notice_id DESC LIMIT 1)
""",  # noqa: S608  (constants)
    {"now": "timestamptz", "most": "int", "urgent_only": "boolean", "time": "timestamptz", "notice": "bigint"},
)
# A worker was killed while it held these. They are claimed few at a time, and one by one before the last try: if one
# record kills workers, the other notices of its batch do not end in quarantine.
RETRY_CANDIDATES = """
SELECT notice_id, crashes FROM notifications_due
WHERE urgent >= %(urgent_only)s AND not_before <= %(now)s AND crashes > 0
ORDER BY crashes, not_before, notice_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
MOST_RETRY_CANDIDATES = 20
FRONT: dict[str, Any] = {"time": "-infinity", "notice": 0}
WALK_SECONDS, WALK_LEAST = 1.0, 64  # claims of fewer keep to the order
PICK_BUNDLES = read_sql("notifications", "pick_bundles")
MOST_BUNDLES = 100  # entries that one claim reads, besides others of the same people
OF_A_RECORD = """
SELECT q.notice_id FROM notifications_due q JOIN notifications_notice n ON n.id = q.notice_id
WHERE n.record_id = %(record)s AND q.urgent >= %(urgent_only)s AND q.not_before <= %(now)s
ORDER BY q.notice_id LIMIT %(most)s FOR UPDATE OF q SKIP LOCKED
"""


class Walk:
    """Where the last claim of this process ended in the queue of ordinary notices.

    PostgreSQL keeps removed entries until it vacuums, and claims that began at the front would step over all of them
    (docs/adr/0092). This is only a hint: a claim that finds too few entries behind it also takes those before it.
    """

    def __init__(self) -> None:
        self._end: dict[str, Any] = FRONT
        self._from_front = 0.0  # when a claim last began there

    def resume(self) -> dict[str, Any]:
        """Return where the next claim begins: now and then at the front, where new entries may have been put."""
        if time.monotonic() - self._from_front > WALK_SECONDS:
            self._end = FRONT
        return self._end

    def note(self, last: tuple[int, str] | None, began: float) -> None:
        """Note the last entry that a claim has taken; None: it found fewer than it could take."""
        if self._end is FRONT:
            self._from_front = began
        self._end = {"time": last[1], "notice": last[0]} if last else FRONT


WALK = Walk()


class Claimed(NamedTuple):
    """One attempt to be made, with everything that composing needs, still encrypted."""

    delivery_id: int
    notice_id: int
    channel: str
    template_id: int
    citizen_id: str
    name_encrypted: memoryview
    address_encrypted: memoryview
    payload_encrypted: memoryview | None  # None: the record is about another person, and nothing of it may be sent
    told_encrypted: memoryview | None
    agency_id: int
    external_id: str
    anchor: object  # the date that a date stage hangs on, or the day of the earlier notice, or None
    earlier: int | None = None  # the notice that was not about the person: the stage `not_yours` names it
    birth_date_encrypted: memoryview | None = None  # only opened where a template asks for an age
    template_code: str = ""  # the vendor's, as it stands now
    last_resort: bool = False  # it cannot carry the message unchanged, and no other channel is left (fit.py)
    gateways: str = ""  # the providers that may be given it, in their order, by commas

    @property
    def gateway(self) -> str:
        """Return the provider that is tried first: that of the delivery's row, until another one gets the message."""
        return self.gateways.partition(",")[0]

    def may_go_to(self, gateway: str) -> bool:
        """Return whether that provider may get the message: it has approved the template and does not refuse it."""
        return gateway in self.gateways.split(",")


@dataclass(frozen=True, slots=True)
class Claim:
    """The result of one claim: attempts to make now, and how many notices it checked (0: nothing is due)."""

    batch_key: str
    looked_at: int
    attempts: list[Claimed]
    began: float  # by time.monotonic(), a little before the lease ends
    bundled: bool = False  # all waiting notices of each person, for one message on each channel (bundle.py)


def claim(
    *,
    now: datetime,
    urgent_only: bool = False,
    batch: int | None = None,
    retry_candidates_first: bool = False,
    record_id: int | None = None,
) -> Claim:
    """Claim up to `batch` due notices, urgent ones first. Runs in a transaction of its own.

    `record_id`: only those about this record (manage.py preview).
    Notices whose worker was killed are never claimed together with others.
    """
    began, batch_key = time.monotonic(), uuid.uuid4().hex
    size = min(batch or settings.CLAIM_BATCH, settings.CLAIM_BATCH, smallest_batch())
    order: list[Any] = (
        [_pick_retry_candidates, _pick_fresh] if retry_candidates_first else [_pick_fresh, _pick_retry_candidates]
    )
    if record_id is not None:
        order = [partial(_pick_of_record, record_id)]
    with transaction.atomic(), connection.cursor() as cursor:
        notices: list[int] = []
        for pick in order:
            notices = notices or pick(cursor, now, urgent_only, size)
        rows = _begin(cursor, notices=notices, now=now, batch_key=batch_key) if notices else []
    return Claim(batch_key, len(rows), _attempts(rows), began)


def claim_bundles(*, now: datetime) -> Claim:
    """Claim the notices that waited for bundled messages which are due, all of each person in one claim. Runs in a
    transaction of its own.

    Those whose worker was killed once are claimed together again, by themselves; after that each is claimed alone
    (`claim`), so that a record that kills workers does not send the others to quarantine.
    """
    began, batch_key = time.monotonic(), uuid.uuid4().hex
    with transaction.atomic(), connection.cursor() as cursor:
        notices: list[int] = []
        for crashes in range(CRASHES_TOGETHER):
            notices = notices or _pick_bundles(cursor, now, crashes)
        rows = _begin(cursor, notices=notices, now=now, batch_key=batch_key) if notices else []
    return Claim(batch_key, len(rows), _attempts(rows), began, bundled=True)


def _attempts(rows: Sequence[Any]) -> list[Claimed]:
    return [Claimed._make(row) for row in rows if row[0] is not None]


def _pick_bundles(cursor: Any, now: datetime, crashes: int) -> list[int]:
    """Return the notices of as many whole people as one batch holds, but of one person at least."""
    cursor.execute(PICK_BUNDLES, {"now": now, "crashes": crashes, "most": MOST_BUNDLES})
    size = min(settings.CLAIM_BATCH, smallest_batch())
    notices: list[int] = []
    for _, rows in groupby(cursor.fetchall(), key=itemgetter(1)):
        theirs = [notice for notice, _, whole in rows if whole]
        if notices and len(notices) + len(theirs) > size:
            break
        notices += theirs
    return notices[:size]


def _pick_fresh(cursor: Any, now: datetime, urgent_only: bool, size: int) -> list[int]:
    began, where = time.monotonic(), WALK.resume()
    FRESH.execute(cursor, {"now": now, "most": size, "urgent_only": urgent_only, **where})
    rows = cursor.fetchall()
    end = rows.pop() if rows and rows[-1][1] else None
    if not urgent_only:
        WALK.note(end if len(rows) == size >= WALK_LEAST else None, began)
    return [pk for pk, _ in rows]


def _pick_of_record(record_id: int, cursor: Any, now: datetime, urgent_only: bool, size: int) -> list[int]:
    cursor.execute(OF_A_RECORD, {"record": record_id, "now": now, "most": size, "urgent_only": urgent_only})
    return [pk for (pk,) in cursor.fetchall()]


def _pick_retry_candidates(cursor: Any, now: datetime, urgent_only: bool, size: int) -> list[int]:
    cursor.execute(RETRY_CANDIDATES, {"now": now, "most": min(size, MOST_RETRY_CANDIDATES), "urgent_only": urgent_only})
    found = cursor.fetchall()
    return [pk for pk, crashes in found if crashes == 1] or [pk for pk, _ in found[:1]]


def _begin(cursor: Any, *, notices: Sequence[int], **what: object) -> list[Any]:
    channels, kinds, templated, gateways = channel_facts()
    values: dict[str, Any] = {
        **what,
        "notices": number_array(notices),
        "lease": settings.LEASE_SECONDS,
        "day_starts": settings.DAY_STARTS,
        "day_ends": settings.DAY_ENDS,
        "channels": channels,
        "kinds": kinds,
        "templated": templated,
        "gateways": gateways,
    }
    CLAIM.execute(cursor, values, after=f"SELECT pg_advisory_xact_lock_shared({CLAIMS_LOCK})")
    rows = list(cursor.fetchall())
    if len(rows) < len(notices):
        rows += _begin_calm(cursor, sorted(set(notices).difference(row[1] for row in rows)), values)
    return rows


def _begin_calm(cursor: Any, notices: Sequence[int], values: dict[str, Any]) -> list[Any]:
    """Claim what the ordinary claim has left: notices of people in calm mode, which may have to wait."""
    calm = {
        "calm_at": settings.CALM_AT,
        "calm_gather": settings.CALM_GATHER_SECONDS,
        "calm_days_left": settings.CALM_DAYS_LEFT,
    }
    CLAIM_CALM.execute(cursor, {**values, **calm, "notices": number_array(notices)})
    return list(cursor.fetchall())
