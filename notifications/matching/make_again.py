"""REISSUE: create an undelivered notice again once the reason may be gone, if it is still true and in time.

Runs where new subscriptions are matched (match.py): whatever may mend a person's reach (number, channels, consent,
subscription) asks for the person's records to be matched once more (look_again.py). A notice that ended
untold gives its cause back, as one does whose record is another person's; then the usual INSERT makes what holds now.
The scan of batches and of dates knows nothing of all this.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from notifications.matching.notify_former import FREED_CAUSE, notify_former_again
from notifications.matching.stage_dates import ANCHOR, day_cause, expiry
from notifications.states import CANCELLED, FAILED, READY, RELEASABLE_SQL
from secretary.kernel.database.sql import read_sql

# LATERAL with LIMIT: a short look at each person's own notices, whatever the planner thinks of their number.
WITH_UNTOLD = f"""
SELECT s.id FROM subscriptions_subscription s CROSS JOIN LATERAL (
    SELECT 1 FROM notifications_notice n
    WHERE n.citizen_id = s.citizen_id AND n.released_at IS NULL AND n.state IN ('{READY}', '{FAILED}', '{CANCELLED}')
    LIMIT 1
) untold WHERE s.id = ANY(%(subscriptions)s)
"""  # noqa: S608  (constants)
# What waits is tried on every channel again, at once where it waited for one that may not be the person's any more.
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
# A delivery that has arrived after all (docs/adr/0023), or may have, was told.
_UNTOLD = f"""
    (n.state, n.reason) IN ({RELEASABLE_SQL}) AND n.released_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM notifications_delivery d WHERE d.notice_id = n.id AND d.state NOT IN ('failed', 'returned'))
"""  # noqa: S608  (constants)
# Of a stage that names no end of its own the first attempt's end counts: news of a year ago is none. But a debt that is
# open is news for as long as its person has not been notified.
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
_RELEASED = {"theirs": _THEIRS, "untold": _UNTOLD, "freed_cause": FREED_CAUSE.format(notice="n")}
RELEASE_NEWS = read_sql("notifications", "release_news", **_RELEASED, still_news=_STILL_NEWS)
RELEASE_REMINDERS = read_sql(
    "notifications", "release_reminders", **_RELEASED, in_time=_IN_TIME, anchor=ANCHOR, day_cause=day_cause(ANCHOR)
)
OF_REMINDERS = """
    SELECT * FROM unnest(%(records)s::bigint[], %(citizens)s::uuid[], %(codes)s::text[], %(days)s::date[])
        AS again(record_id, citizen_id, code, day)
"""
THAT_REMINDER = "st.trigger = 'date' AND st.code = source.code AND anchor.day = source.day"
ANY_DAY = 36_500  # instead of STAGE_GRACE_DAYS: how late such a reminder may come is a matter of its end alone


def with_untold(cursor: Any, *, subscriptions: Sequence[int]) -> list[int]:
    """Return those of these subscriptions whose persons have notices that were not told. None of a person who is
    new."""
    cursor.execute(WITH_UNTOLD, {"subscriptions": list(subscriptions)})
    return [pk for (pk,) in cursor.fetchall()]


def release_news(cursor: Any, *, subscriptions: Sequence[int], now: datetime) -> None:
    """Before the INSERT: news that no channel delivered gives its cause back, and is made again as it is true now.

    The caller has waited for the claims that had begun: what they have closed by what they knew is closed by now.
    """
    values: dict[str, Any] = {"subscriptions": list(subscriptions), "now": now}
    cursor.execute(AFRESH, values)
    cursor.execute(RELEASE_NEWS, values)
    formers = [(record, citizen) for record, citizen, is_former in cursor.fetchall() if is_former]
    if formers:
        records, citizens = zip(*formers, strict=True)
        notify_former_again(cursor, records=records, citizens=citizens, now=now)


def remind_again(cursor: Any, *, subscriptions: Sequence[int], now: datetime, insert: Callable[..., int]) -> None:
    """After it: the newest reminder of a date that no channel delivered, though its day is over."""
    cursor.execute(RELEASE_REMINDERS, {"subscriptions": list(subscriptions), "now": now})
    if found := cursor.fetchall():
        records, citizens, codes, days = map(list, zip(*found, strict=True))
        which = {"records": records, "citizens": citizens, "codes": codes, "days": days}
        insert(cursor, now=now, grace=ANY_DAY, **which)
