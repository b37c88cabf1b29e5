"""REISSUE: create an undelivered notice again once the reason may be gone, if it is still true and in time.

Runs where new subscriptions are matched (match.py): a change by which a citizen may be reached again (number, channels,
consent, subscription) schedules the citizen's records for another match (look_again.py). A notice that ended
undelivered frees its cause, as does one whose record is another person's; then the usual INSERT makes what holds now.
The scans of batches and of dates do not use this module.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from notifications.matching.notify_former import FREED_CAUSE, notify_former_again
from notifications.matching.stage_dates import ANCHOR, day_cause, expiry
from notifications.states import CANCELLED, FAILED, READY, RELEASABLE_SQL
from secretary.kernel.database.sql import read_sql

# LATERAL with LIMIT: a short look-up of each person's own notices, for any row estimate of the planner.
WITH_UNNOTIFIED = f"""
SELECT s.id FROM subscriptions_subscription s CROSS JOIN LATERAL (
    SELECT 1 FROM notifications_notice n
    WHERE n.citizen_id = s.citizen_id AND n.released_at IS NULL AND n.state IN ('{READY}', '{FAILED}', '{CANCELLED}')
    LIMIT 1
) unnotified WHERE s.id = ANY(%(subscriptions)s)
"""  # noqa: S608  (constants)
# Waiting notices are tried on every channel again, at once if they waited for a channel that may have been removed.
AFRESH = f"""
WITH waiting AS MATERIALIZED (
    SELECT n.id FROM subscriptions_subscription s JOIN notifications_notice n ON n.citizen_id = s.citizen_id
    WHERE s.id = ANY(%(subscriptions)s) AND n.state = '{READY}'
      AND (n.tried <> '{{}}' OR n.reason IN ('channel_paused', 'wording_stopped'))
    ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
)
UPDATE notifications_notice n SET tried = '{{}}', attempts = 0,
    not_before = CASE WHEN n.reason IN ('channel_paused', 'wording_stopped') THEN %(now)s ELSE n.not_before END
FROM waiting WHERE n.id = waiting.id
"""  # noqa: S608  (constants)
# A notice whose delivery has arrived after all (docs/adr/0023), or may have, counts as delivered.
_UNNOTIFIED = f"""
    (n.state, n.reason) IN ({RELEASABLE_SQL}) AND n.released_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM notifications_delivery d WHERE d.notice_id = n.id AND d.state NOT IN ('failed', 'returned'))
"""  # noqa: S608  (constants)
# For a stage without an end of its own the first notice's end counts: news of a year ago is none. But an open debt is
# news for as long as its person has not been notified.
_END = expiry(otherwise="n.expires_at")
_IN_TIME = f"({_END}) > %(now)s"
_STILL_NEWS = f"(dt.payable <> '' AND r.state = 'open' OR greatest(n.expires_at, {_END}) > %(now)s)"
_THEIRS = """
    FROM subscriptions_subscription s
    JOIN notifications_notice n ON n.citizen_id = s.citizen_id
    JOIN notifications_record r ON r.id = n.record_id AND r.data_type_id = s.data_type_id
    JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
    JOIN subscriptions_stage st ON st.id = n.stage_id
    WHERE s.id = ANY(%(subscriptions)s)
"""
_RELEASED = {"theirs": _THEIRS, "unnotified": _UNNOTIFIED, "freed_cause": FREED_CAUSE.format(notice="n")}
RELEASE_NEWS = read_sql("notifications", "release_news", **_RELEASED, still_news=_STILL_NEWS)
RELEASE_REMINDERS = read_sql(
    "notifications", "release_reminders", **_RELEASED, in_time=_IN_TIME, anchor=ANCHOR, day_cause=day_cause(ANCHOR)
)
OF_REMINDERS = """
    SELECT * FROM unnest(%(records)s::bigint[], %(citizens)s::uuid[], %(codes)s::text[], %(days)s::date[])
        AS again(record_id, citizen_id, code, day)
"""
THAT_REMINDER = "st.trigger = 'date' AND st.code = source.code AND anchor.day = source.day"
ANY_DAY = 36_500  # instead of STAGE_GRACE_DAYS: only its end limits how late such a reminder may come


def with_unnotified(cursor: Any, *, subscriptions: Sequence[int]) -> list[int]:
    """Return those of these subscriptions whose citizens have undelivered notices. New citizens have none."""
    cursor.execute(WITH_UNNOTIFIED, {"subscriptions": list(subscriptions)})
    return [pk for (pk,) in cursor.fetchall()]


def release_news(cursor: Any, *, subscriptions: Sequence[int], now: datetime) -> None:
    """Before the INSERT: free the causes of undelivered news. The INSERT then makes it again from the present record.

    The caller has waited for the claims that had begun: the notices that these close are closed by now.
    """
    values: dict[str, Any] = {"subscriptions": list(subscriptions), "now": now}
    cursor.execute(AFRESH, values)
    cursor.execute(RELEASE_NEWS, values)
    formers = [(record, citizen) for record, citizen, is_former in cursor.fetchall() if is_former]
    if formers:
        records, citizens = zip(*formers, strict=True)
        notify_former_again(cursor, records=records, citizens=citizens, now=now)


def remind_again(cursor: Any, *, subscriptions: Sequence[int], now: datetime, insert: Callable[..., int]) -> None:
    """After the INSERT: make the newest undelivered reminder of each date again, although its day is over."""
    cursor.execute(RELEASE_REMINDERS, {"subscriptions": list(subscriptions), "now": now})
    if found := cursor.fetchall():
        records, citizens, codes, days = map(list, zip(*found, strict=True))
        which = {"records": records, "citizens": citizens, "codes": codes, "days": days}
        insert(cursor, now=now, grace=ANY_DAY, **which)
