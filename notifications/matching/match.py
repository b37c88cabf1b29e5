"""MATCH: make notices of records × subscriptions × stages, in sets, never in a loop over people.

Three sources feed one INSERT: ingested batches, new subscriptions, and records with a date whose stage is today. A
notice's cause is unique per record and person, so scanning again costs little and changes nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from notifications.matching.in_halves import IN_THIS_HALF, in_halves
from notifications.matching.make_again import OF_REMINDERS, THAT_REMINDER, release_news, remind_again, with_unnotified
from notifications.matching.notify_former import notify_former
from notifications.matching.stage_dates import DAY, expiry
from notifications.matching.triggers import CAUSE, MOMENT, MOMENT_ON_A_DATE
from notifications.states import NOTIFIED
from secretary.kernel.database.prepared import Prepared
from secretary.kernel.database.sql import read_sql
from secretary.kernel.time.clock import kst_date
from subscriptions.specs import DATE_SLOTS

logger = logging.getLogger(__name__)
BATCHES_AT_ONCE = 20
MANY = 2000  # records due by one kind of key, from which on two sessions make their notices
RECORDS_AT_ONCE = 20_000  # about two seconds of one statement; a batch of more is matched by itself
CI, PERSON = "ci_hash", "person_hash"  # columns of a record: kinds of key
SMALL = 1000  # records: a batch of fewer does not wait for those of large files

_OF_BATCHES = """
    SELECT r.id AS record_id, k.citizen_id FROM notifications_record r
    JOIN subscriptions_citizenkey k ON k.key_hash = r.ci_hash WHERE r.batch_id = ANY(%(batches)s)
    UNION
    SELECT r.id, k.citizen_id FROM notifications_record r
    JOIN subscriptions_citizenkey k ON k.key_hash = r.person_hash WHERE r.batch_id = ANY(%(batches)s)
"""
_OF_SUBSCRIPTIONS = """
    SELECT r.id AS record_id, s.citizen_id FROM subscriptions_subscription s
    JOIN subscriptions_citizenkey k ON k.citizen_id = s.citizen_id
    JOIN notifications_record r ON r.ci_hash = k.key_hash AND r.data_type_id = s.data_type_id
    WHERE s.id = ANY(%(subscriptions)s)
    UNION
    SELECT r.id, s.citizen_id FROM subscriptions_subscription s
    JOIN subscriptions_citizenkey k ON k.citizen_id = s.citizen_id
    JOIN notifications_record r ON r.person_hash = k.key_hash AND r.data_type_id = s.data_type_id
    WHERE s.id = ANY(%(subscriptions)s)
"""
_OF_A_RECORD = """
    SELECT r.id AS record_id, k.citizen_id FROM notifications_record r
    JOIN subscriptions_citizenkey k ON k.key_hash IN (r.ci_hash, r.person_hash) WHERE r.id = %(record)s
    GROUP BY 1, 2
"""
# Straight from the tables: a list of so many would be written, and each record looked up once more by its number.
_ROWS_OF_A_STAGE = "notifications_record r JOIN subscriptions_citizenkey source ON source.key_hash = r.{hash}"
_A_STAGE_TODAY = f"""
    st.id = %(stage)s AND r.data_type_id = %(data_type)s AND r.{{hash}} IS NOT NULL AND {IN_THIS_HALF}
    AND r.date_{{slot}} BETWEEN %(today)s - %(grace)s - %(offset)s AND %(today)s - %(offset)s
"""
# News of a debt stay valid until newer ones replace them, or the debt lapses after five years (질서위반행위규제법 §15).
NEWS_LAST = """
    CASE WHEN dt.payable <> '' AND st.trigger <> 'date' THEN %(now)s + interval '5 years' END
"""
_MADE_BEFORE = "ON CONFLICT (record_id, citizen_id, cause) DO NOTHING"
_COMPOSED = partial(
    read_sql,
    "notifications",
    "match",
    cause=CAUSE,
    day=DAY,
    news_last=NEWS_LAST,
    expiry=expiry(otherwise="%(now)s + interval '7 days'"),
)


def _insert_listed(*, source: str, stages: str, moment: str) -> str:
    return _COMPOSED(
        listed=f"WITH source AS MATERIALIZED ({source})",
        rows="source JOIN notifications_record r ON r.id = source.record_id",
        stages=stages,
        moment=moment,
        on_conflict=_MADE_BEFORE,
    )


# Joined as written, from the source outwards. New batches are in no statistics: the planner expects one row of them,
# finds every join order equally cheap, and now and then scans 20,000 rows for each of 20,000. The setting holds until
# the transaction ends, in which only look-ups by key follow.
IN_THIS_ORDER = "SET LOCAL join_collapse_limit = 1"
INSERT_OF_BATCHES = f"{IN_THIS_ORDER}; {_insert_listed(source=_OF_BATCHES, stages='true', moment=MOMENT)}"
INSERT_OF_SUBSCRIPTIONS = f"{IN_THIS_ORDER}; {_insert_listed(source=_OF_SUBSCRIPTIONS, stages='true', moment=MOMENT)}"
# Payments, the preview and urgent pushes match few records at a time: planning takes longer than inserting.
_TYPES = {
    "record": "bigint",
    "batches": "bigint[]",
    "now": "timestamptz",
    "today": "date",
    "grace": "int",
    "day_starts": "time",
    "day_ends": "time",
    "notified": "text[]",
    "unnotified": "boolean",
}
INSERT_OF_A_RECORD, INSERT_OF_A_RUN = (
    Prepared(f"notifications_match_{name}", _insert_listed(source=source, stages="true", moment=MOMENT), _TYPES)
    for name, source in (("record", _OF_A_RECORD), ("run", _OF_BATCHES))
)
INSERT_REMINDERS = f"{IN_THIS_ORDER}; {_insert_listed(source=OF_REMINDERS, stages=THAT_REMINDER, moment=MOMENT)}"


def _insert_of_a_stage(slot: int, key: str, *, on_conflict: str) -> str:
    statement = _COMPOSED(
        listed="",
        rows=_ROWS_OF_A_STAGE.format(hash=key),
        stages=_A_STAGE_TODAY.format(slot=slot, hash=key),
        moment=MOMENT_ON_A_DATE,
        on_conflict=on_conflict,
    )
    return f"{IN_THIS_ORDER}; {statement}"


# By date column and kind of key: for causes that are all new, as MOMENT_ON_A_DATE has found, and for those of which
# another matching has made some meanwhile. The second costs a tenth more (docs/adr/0073).
OF_A_STAGE = list(product(DATE_SLOTS, (CI, PERSON)))
INSERT_OF_A_STAGE = {which: _insert_of_a_stage(*which, on_conflict="") for which in OF_A_STAGE}
INSERT_REST_OF_A_STAGE = {which: _insert_of_a_stage(*which, on_conflict=_MADE_BEFORE) for which in OF_A_STAGE}
_UNMATCHED = """
    SELECT id, moved, records, EXISTS (SELECT 1 FROM notifications_bundleentry) OR EXISTS (
        SELECT 1 FROM notifications_due WHERE NOT urgent AND not_before > %(now)s AND crashes = 0), {may_be_claimed}
    FROM notifications_ingestbatch b
    WHERE matched_at IS NULL AND {which} ORDER BY records >= %(small)s, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
UNMATCHED = _UNMATCHED.format(may_be_claimed="true", which="true")
# A claim of such a notice that is under way is not committed: here, the notice is ready.
_MAY_BE_CLAIMED = """moved OR EXISTS (SELECT 1 FROM notifications_record r
    JOIN notifications_notice n ON n.record_id = r.id WHERE r.batch_id = b.id AND n.state = 'ready')"""
UNMATCHED_OF_A_RUN = _UNMATCHED.format(may_be_claimed=_MAY_BE_CLAIMED, which="run_id = %(run)s")
RELEASE_HELD = read_sql("notifications", "release_held")
# A claim that began before a batch was committed may be sending a notice that the batch corrects. Claims share this
# lock; once it was free, all of them are committed, and the people whom they notify count as notified.
CLAIMS_LOCK = 7_041_984
SHORT_WAIT = "SELECT current_setting('lock_timeout'), set_config('lock_timeout', '5s', true)"
AWAIT_CLAIMS = "SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s), set_config('lock_timeout', %s, true)"
# Only stages that some record meets, by keys that such records have: planning the INSERT is slower than finding nothing
# to insert. Of each kind of key: whether any record is due by it, and whether many are.
_DUE = " ".join(
    f"WHEN {slot} THEN EXISTS (SELECT 1 FROM notifications_record r WHERE r.data_type_id = dt.id"  # noqa: S608
    f" AND r.date_{slot} BETWEEN %(today)s - %(grace)s - st.offset_days AND %(today)s - st.offset_days"
    " AND r.{key} IS NOT NULL{beyond})"
    for slot in DATE_SLOTS
)
_FOUND = ", ".join(
    f"CASE st.date_slot {_DUE.format(key=key, beyond=beyond)} END"
    for key in (CI, PERSON)
    for beyond in ("", " OFFSET %(many)s")
)
DUE_STAGES = f"""
    SELECT st.id, dt.id, st.date_slot, st.offset_days, {_FOUND}
    FROM subscriptions_stage st JOIN subscriptions_datatype dt ON dt.live_version_id = st.version_id
    WHERE st.trigger = 'date' ORDER BY st.id
"""  # noqa: S608  (constants)


def match_batches(*, now: datetime, run_id: int | None = None) -> int:
    """Create notices for the records of unmatched batches; return how many batches were matched (0: nothing to do).

    `run_id`: only for those of this run, which has brought few.
    """
    unmatched, insert = (UNMATCHED, INSERT_OF_BATCHES) if run_id is None else (UNMATCHED_OF_A_RUN, INSERT_OF_A_RUN)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(unmatched, {"now": now, "small": SMALL, "most": BATCHES_AT_ONCE, "run": run_id})
        found = _first_of(cursor.fetchall())
        batches = [pk for pk, *_ in found]
        if batches:
            if any(may_be_claimed for *_, may_be_claimed in found):
                await_claims(cursor)
            if moved := [pk for pk, is_moved, *_ in found if is_moved]:
                notify_former(cursor, batches=moved, now=now)
            _insert(cursor, insert, now=now, batches=batches)
            if found[0][3]:  # something is held back
                cursor.execute(RELEASE_HELD, {"batches": batches, "now": now})
            cursor.execute("UPDATE notifications_ingestbatch SET matched_at = %s WHERE id = ANY(%s)", [now, batches])
    return len(batches)


def _first_of(batches: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Return the first of these batches, as many as one statement matches; the first of all in any case."""
    total = 0
    for nth, (_, _, records, *_) in enumerate(batches):
        total += records
        if nth and total > RECORDS_AT_ONCE:
            return batches[:nth]
    return batches


def await_claims(cursor: Any) -> None:
    """Wait for claims, which last milliseconds. A frozen one must not delay all notices, so the wait is bounded."""
    try:
        with transaction.atomic():
            cursor.execute(SHORT_WAIT)
            as_before, _ = cursor.fetchone()
            cursor.execute(AWAIT_CLAIMS, [CLAIMS_LOCK, CLAIMS_LOCK, as_before])
    except OperationalError:
        logger.warning("a claim has not ended within 5 s; matching goes on without it")


def match_subscriptions(*, now: datetime, limit: int = 1000) -> int:
    """Create notices about records that were open before a person subscribed, and undelivered ones again for people who
    may be reached by now (make_again.py); return how many subscriptions were matched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM subscriptions_subscription WHERE matched_at IS NULL AND ended_at IS NULL ORDER BY id"
            " LIMIT %s FOR UPDATE SKIP LOCKED",
            [limit],
        )
        subscriptions = [pk for (pk,) in cursor.fetchall()]
        if subscriptions:
            again = with_unnotified(cursor, subscriptions=subscriptions)
            if again:
                await_claims(cursor)
                release_news(cursor, subscriptions=again, now=now)
            _insert(cursor, INSERT_OF_SUBSCRIPTIONS, now=now, subscriptions=subscriptions)
            if again:
                remind_again(cursor, subscriptions=again, now=now, insert=partial(_insert, statement=INSERT_REMINDERS))
            cursor.execute(
                "UPDATE subscriptions_subscription SET matched_at = %s WHERE id = ANY(%s)", [now, subscriptions]
            )
    return len(subscriptions)


def match_due(*, now: datetime) -> int:
    """Create notices for records with a date whose stage is today, or was within the grace; return how many.

    One statement per such stage and kind of key, straight off the index of the date column.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE_STAGES, {"today": kst_date(now), "grace": settings.STAGE_GRACE_DAYS, "many": MANY})
        stages = cursor.fetchall()
    made = 0
    for stage, data_type, slot, offset, *found in stages:
        for key, any_due, many_due in ((CI, *found[:2]), (PERSON, *found[2:])):
            insert = partial(_insert_new, (slot, key), now=now, stage=stage, data_type=data_type, offset=offset)
            # In a caller's transaction there is one session for all.
            if many_due and not connection.in_atomic_block:
                made += in_halves(insert)
            elif any_due:
                made += insert(None)
    return made


def _insert_new(which: tuple[int, str], left_out: bool | None, **of_stage: Any) -> int:
    """Insert what MOMENT_ON_A_DATE finds, which is new; leave out what another matching makes meanwhile."""
    with connection.cursor() as cursor:
        if not connection.in_atomic_block:  # in which an error would end the caller's transaction
            try:
                return _insert(cursor, INSERT_OF_A_STAGE[which], left_out=left_out, **of_stage)
            except IntegrityError:
                logger.info("another matching has made some of these notices; the rest is inserted")
        return _insert(cursor, INSERT_REST_OF_A_STAGE[which], left_out=left_out, **of_stage)


def match_record(*, record_id: int, now: datetime, unnotified: bool = False) -> int:
    """Create notices about one record whose state this service has just changed; return how many. Joins the caller's
    transaction.

    `unnotified`: also to people who have not been notified of the record yet, because they made the change.
    """
    with connection.cursor() as cursor:
        return _insert(cursor, INSERT_OF_A_RECORD, now=now, record=record_id, unnotified=unnotified)


def match_everything(*, now: datetime) -> None:
    """Match everything that is waiting: batches, new subscriptions, and today's dates."""
    while match_batches(now=now):
        continue
    while match_subscriptions(now=now):
        continue
    match_due(now=now)


def _insert(cursor: Any, statement: str | Prepared, *, now: datetime, **parameters: Any) -> int:
    values: Mapping[str, Any] = {
        "now": now,
        "today": kst_date(now),
        "grace": settings.STAGE_GRACE_DAYS,
        "day_starts": settings.DAY_STARTS,
        "day_ends": settings.DAY_ENDS,
        "notified": list(NOTIFIED),
        "unnotified": False,
        **parameters,
    }
    if isinstance(statement, Prepared):
        statement.execute(cursor, values, after=IN_THIS_ORDER)
    else:
        cursor.execute(statement, values)
    return int(cursor.rowcount)
