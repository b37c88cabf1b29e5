"""MATCH: make notices of records × subscriptions × stages, in sets, never in a loop over people.

Three sources feed one INSERT: ingested batches, new subscriptions, and records with a date whose stage is today. A
notice's cause is unique per record and person, so scanning again costs little and changes nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from notifications.matching.in_halves import in_halves
from notifications.matching.make_again import release_news, remind_again, with_unnotified
from notifications.matching.match_statements import (
    CI,
    DUE_STAGES,
    IN_THIS_ORDER,
    INSERT_OF_A_RECORD,
    INSERT_OF_A_RUN,
    INSERT_OF_A_STAGE,
    INSERT_OF_BATCHES,
    INSERT_OF_NEW_BATCHES,
    INSERT_OF_SUBSCRIPTIONS,
    INSERT_REMINDERS,
    INSERT_REST_OF_A_STAGE,
    PERSON,
    RELEASE_HELD,
    UNMATCHED,
    UNMATCHED_OF_A_RUN,
)
from notifications.matching.notify_former import notify_former
from notifications.states import NOTIFIED
from secretary.kernel.database.prepared import Prepared
from secretary.kernel.time.clock import kst_date

logger = logging.getLogger(__name__)
BATCHES_AT_ONCE = 20
MANY = 2000  # from so many records due by one kind of key on, two sessions make the notices
RECORDS_AT_ONCE = 20_000  # one statement takes about two seconds; a larger batch is matched alone
SMALL = 1000  # records: a smaller batch does not wait for those of large files
# A claim that began before a batch was committed may be sending a notice that the batch corrects. Claims share this
# lock; once it was free, all of them are committed, and the people whom they notify count as notified.
CLAIMS_LOCK = 7_041_984
SHORT_WAIT = "SELECT current_setting('lock_timeout'), set_config('lock_timeout', '5s', true)"
AWAIT_CLAIMS = "SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s), set_config('lock_timeout', %s, true)"


class Caution:
    """How many more matchings of this process look for existing notices first, after one has met another's notices.

    If many people sign up while a large file waits, such meetings come one after the other. This is only a hint.
    """

    LASTS = 20

    def __init__(self) -> None:
        self._left = 0

    def begin(self) -> None:
        self._left = self.LASTS

    def is_over(self) -> bool:
        self._left = max(0, self._left - 1)
        return self._left == 0


CAUTION = Caution()


def match_batches(*, now: datetime, run_id: int | None = None) -> int:
    """Create notices for the records of unmatched batches; return how many batches were matched (0: nothing to do).

    `run_id`: only for batches of this run, which has few records.
    """
    # In a caller's transaction, which an error would end, and for pushes there is one statement for all.
    if run_id is None and not connection.in_atomic_block and CAUTION.is_over():
        try:
            return _match_batches(now=now, insert_new=INSERT_OF_NEW_BATCHES)
        except IntegrityError:  # nothing of it stays
            logger.info("another matching has made some of the notices of these batches; the rest is inserted")
            CAUTION.begin()
    return _match_batches(now=now, run_id=run_id)


def _match_batches(*, now: datetime, run_id: int | None = None, insert_new: str = INSERT_OF_BATCHES) -> int:
    """`insert_new`: makes the notices where all records of the batches are new."""
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
            all_new = all(is_new for *_, is_new, _ in found)
            _insert(cursor, insert_new if all_new else insert, now=now, batches=batches)
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
    """Insert the new notices that MOMENT_ON_A_DATE finds, except those that another matching makes meanwhile."""
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
    """Match everything that waits: batches, new subscriptions, and today's dates."""
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
