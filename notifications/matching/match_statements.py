"""The statements of match.py: one INSERT, filled in by where the records come from, and what finds them."""

from functools import partial
from itertools import product

from notifications.matching.in_halves import IN_THIS_HALF
from notifications.matching.make_again import OF_REMINDERS, THAT_REMINDER
from notifications.matching.stage_dates import DAY, expiry
from notifications.matching.triggers import CAUSE, MOMENT, MOMENT_ON_A_DATE
from secretary.kernel.database.prepared import Prepared
from secretary.kernel.database.sql import read_sql
from subscriptions.specs import DATE_SLOTS

CI, PERSON = "ci_hash", "person_hash"  # columns of a record: kinds of key
_OF_A_RUN = """
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
# Straight from the tables: a list of so many would be written, and each record looked up once more by its number. A
# person whom a record names by both keys is one.
_ROWS_OF_BATCHES = """notifications_record r CROSS JOIN LATERAL (
    SELECT k.citizen_id FROM subscriptions_citizenkey k WHERE k.key_hash = r.ci_hash
    UNION ALL
    SELECT k.citizen_id FROM subscriptions_citizenkey k WHERE k.key_hash = r.person_hash AND NOT EXISTS (
        SELECT 1 FROM subscriptions_citizenkey o WHERE (o.key_hash, o.citizen_id) = (r.ci_hash, k.citizen_id))
) source"""
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
# Of batches it expects one record too: it would compare each with every kind, and keep what it found for each person.
_MANY = "; ".join([*(f"SET LOCAL enable_{way} = off" for way in ("material", "mergejoin", "memoize")), IN_THIS_ORDER])
_INSERT_OF_BATCHES = partial(
    _COMPOSED, listed="", rows=_ROWS_OF_BATCHES, stages="r.batch_id = ANY(%(batches)s)", moment=MOMENT
)
INSERT_OF_BATCHES = f"{_MANY}; {_INSERT_OF_BATCHES(on_conflict=_MADE_BEFORE)}"
# Of records that are all new: nothing is made of them yet, unless another matching has met them first.
INSERT_OF_NEW_BATCHES = f"{_MANY}; {_INSERT_OF_BATCHES(on_conflict='')}"
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
    for name, source in (("record", _OF_A_RECORD), ("run", _OF_A_RUN))
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
        SELECT 1 FROM notifications_due WHERE NOT urgent AND not_before > %(now)s AND crashes = 0), {all_new},
        {may_be_claimed}
    FROM notifications_ingestbatch b
    WHERE matched_at IS NULL AND {which} ORDER BY records >= %(small)s, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
# The run has changed no record so far: known without a look at them, and committed with the batch.
_ALL_NEW = "(SELECT run.changed = 0 FROM notifications_feedrun run WHERE run.id = b.run_id)"
UNMATCHED = _UNMATCHED.format(all_new=_ALL_NEW, may_be_claimed="true", which="true")
# A claim of such a notice that is under way is not committed: here, the notice is ready.
_MAY_BE_CLAIMED = """moved OR EXISTS (SELECT 1 FROM notifications_record r
    JOIN notifications_notice n ON n.record_id = r.id WHERE r.batch_id = b.id AND n.state = 'ready')"""
UNMATCHED_OF_A_RUN = _UNMATCHED.format(all_new="false", may_be_claimed=_MAY_BE_CLAIMED, which="run_id = %(run)s")
RELEASE_HELD = read_sql("notifications", "release_held")
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
