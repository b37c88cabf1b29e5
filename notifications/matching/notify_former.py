"""ANOTHER PERSON: handle a record that the agency moved to another person, for its former subjects.

The intake calls `release` in its own transaction: unsent notices are cancelled at once. Matching calls `notify_former`
for the same records once all claims that had begun are over: the people who have been notified are known then, and get
a notice that the record was not about them, without any of its content. The claim stops what both missed (claim.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from notifications.alarms import raise_alarm
from notifications.models.record import about_sql
from notifications.states import NOTIFIED
from secretary.kernel.database.sql import read_sql
from subscriptions.triggers import NOT_YOURS

# A cause is unique per record and person. One that ends in the notice's own number collides with no other, so that the
# same notice can be made anew when the record comes back. 48 + ":x" is the length of the column.
FREED_CAUSE = "left({notice}.cause, 48 - length({notice}.id::text)) || ':x' || {notice}.id"
_RELEASED = {"about": about_sql(record="r", citizen="n.citizen_id"), "freed_cause": FREED_CAUSE.format(notice="n")}
RELEASE_AT_INTAKE = read_sql(
    "notifications", "release_moved", **_RELEASED, records="r.id = ANY(%(records)s)", locked="SKIP LOCKED"
)
RELEASE_AT_MATCH = read_sql(
    "notifications",
    "release_moved",
    **_RELEASED,
    records="r.batch_id = ANY(%(batches)s) AND r.subject_version > 0",
    locked="",
)
# A person's objection and payment stay with that person: the objection does not pause the next person's reminders, and
# the amount and number of the receipt are not theirs. The debt stays paid: it is not claimed twice.
FORGET = f"""
UPDATE notifications_record r SET objected_at = NULL, told_encrypted = NULL
WHERE r.id = ANY(%(records)s)
  AND (r.objected_at IS NOT NULL OR r.told_encrypted IS NOT NULL OR r.paid_here_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM notifications_notice k WHERE k.record_id = r.id AND k.not_theirs_at IS NULL
                  AND {about_sql(record="r", citizen="k.citizen_id")})
RETURNING r.paid_here_at IS NOT NULL
"""  # noqa: S608  (constants)
# People who may have been notified, with the newest notice of each, and none twice for the same notices.
_FORMER = f"""
FROM notifications_record r
JOIN LATERAL (
    SELECT t.citizen_id, max(t.id) AS newest FROM notifications_notice t
    JOIN subscriptions_stage ts ON ts.id = t.stage_id AND ts.trigger <> '{NOT_YOURS}'
    WHERE t.record_id = r.id AND t.not_theirs_at IS NOT NULL AND t.state = ANY(%(notified)s) GROUP BY t.citizen_id
) former ON NOT {about_sql(record="r", citizen="former.citizen_id")}
JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
JOIN subscriptions_subscription s
    ON s.citizen_id = former.citizen_id AND s.data_type_id = r.data_type_id AND s.ended_at IS NULL
LEFT JOIN subscriptions_stage st ON st.version_id = dt.live_version_id AND st.trigger = '{NOT_YOURS}'
WHERE {{records}} AND r.subject_version > 0 AND NOT EXISTS (
    SELECT 1 FROM notifications_notice z JOIN subscriptions_stage zs ON zs.id = z.stage_id
    WHERE z.record_id = r.id AND z.citizen_id = former.citizen_id AND zs.trigger = '{NOT_YOURS}'
      AND z.released_at IS NULL AND z.id > former.newest)
"""  # noqa: S608  (constants)
_OF_BATCHES = _FORMER.format(records="r.batch_id = ANY(%(batches)s)")
_OF_RELEASED = _FORMER.format(records="r.id = ANY(%(records)s) AND former.citizen_id = ANY(%(citizens)s)")
UNSAID = f"SELECT dt.code, count(*) {_OF_BATCHES} AND st.id IS NULL GROUP BY dt.code ORDER BY dt.code"
NOTIFY_FORMER = read_sql("notifications", "notify_former", former=_OF_BATCHES)
NOTIFY_AGAIN = read_sql("notifications", "notify_former", former=_OF_RELEASED)
# For claim and poll, beside a notice `n` of stage `st`: the earlier notice that was not about the person, and the day
# on which it was sent. As CASE, so that PostgreSQL does no work for any other stage.
_EARLIER = f"""
    (SELECT max(t.id) FROM notifications_notice t JOIN subscriptions_stage ts ON ts.id = t.stage_id
     WHERE t.record_id = n.record_id AND t.citizen_id = n.citizen_id AND t.id < n.id
       AND t.state IN ({", ".join(f"'{state}'" for state in NOTIFIED)}) AND ts.trigger <> '{NOT_YOURS}')
"""  # noqa: S608  (constants)
EARLIER = f"CASE WHEN st.trigger = '{NOT_YOURS}' THEN {_EARLIER} END"
EARLIER_DAY = f"""
    CASE WHEN st.trigger = '{NOT_YOURS}' THEN
        (SELECT max(td.day) FROM notifications_delivery td WHERE td.notice_id = {_EARLIER}) END
"""  # noqa: S608  (constants)


def release(cursor: Any, *, records: Sequence[int], now: datetime) -> None:
    """Cancel unsent notices of records whose keys have just changed, to people whom the records are not about any more.

    Joins the intake's transaction and waits for no lock: a notice that a claim or an outcome holds at this moment is
    left to matching and to the next claim.
    """
    values = {"records": list(records), "now": now}
    cursor.execute(RELEASE_AT_INTAKE, values)
    cursor.execute(FORGET, values)
    paid = sum(is_paid for (is_paid,) in cursor.fetchall())
    if paid:
        raise_alarm(
            kind="moved_after_payment",
            subject="records",
            message="Records that were paid here are now about other people; check whether the payer is due a refund",
            now=now,
        )


def notify_former(cursor: Any, *, batches: Sequence[int], now: datetime) -> None:
    """Notify people who were notified of records of these batches that are not theirs. Idempotent.

    Joins the transaction of matching, which has waited for the claims that had begun.
    """
    values: dict[str, Any] = {"batches": list(batches), "now": now, "notified": list(NOTIFIED)}
    cursor.execute(RELEASE_AT_MATCH, values)
    cursor.execute(UNSAID, values)
    for code, people in cursor.fetchall():
        raise_alarm(
            kind="not_yours_unsaid",
            subject=code,
            message=f"{people} people were notified of records of others; the live version has no stage for it",
            now=now,
        )
    cursor.execute(NOTIFY_FORMER, values)


def notify_former_again(cursor: Any, *, records: Sequence[int], citizens: Sequence[UUID], now: datetime) -> None:
    """Repeat it for people whom that notice did not reach, once the undelivered notice has freed its cause."""
    values = {"records": list(records), "citizens": list(citizens), "now": now, "notified": list(NOTIFIED)}
    cursor.execute(NOTIFY_AGAIN, values)
