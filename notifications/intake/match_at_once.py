"""Match what is urgent in the process that has taken it in: it waits for no worker to be free (docs/adr/0086)."""

import logging
from collections.abc import Callable
from datetime import date, datetime

from django.db import Error as DatabaseTrouble
from django.db import connection

from notifications.matching.match import match_batches
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import sql_list
from secretary.kernel.enqueue import enqueue
from subscriptions.triggers import SAY_END

logger = logging.getLogger(__name__)
MOST = 100  # records of a push, beyond which a worker matches them
# Where so many messages wait for a process, no deliverer is added, nor goes on: what else waits there (bundles,
# polls) would wait for ever more turns.
MOST_WAITING = 8
# Where messages wait in the first queue, all processes are at work. Deliverers of ordinary notices are among them, and
# take what is urgent first, so that one message more of many would find nothing left.
MOST_WAITING_URGENT = 2

# Whether another batch waits, and whether one of these records may be at an urgent stage.
LOOK = planned(
    f"""
SELECT EXISTS (SELECT 1 FROM notifications_ingestbatch WHERE matched_at IS NULL AND run_id <> %(run)s), EXISTS (
    SELECT 1 FROM notifications_ingestbatch b JOIN notifications_record r ON r.batch_id = b.id
    JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
    JOIN subscriptions_stage st ON st.version_id = dt.live_version_id AND st.urgent
    WHERE b.run_id = %(run)s AND b.records <= %(most)s AND CASE
        WHEN st.trigger IN {sql_list(SAY_END)} THEN r.state = st.trigger
        WHEN st.trigger = 'event' THEN r.event = st.event
        WHEN st.trigger = 'date' THEN
            (ARRAY[r.date_1, r.date_2, r.date_3, r.date_4])[st.date_slot] + st.offset_days <= %(today)s
        WHEN st.trigger = 'changed' THEN r.changed_version > 0
        WHEN st.trigger = 'reopened' THEN r.state_version > 0
        ELSE true END)
"""  # noqa: S608  (constants)
)
# Whether urgent notices of these records are due now, and whether other ones are. Asked of the notices themselves: the
# queue may hold a million.
DUE = planned("""
SELECT coalesce(bool_or(n.urgent), false), coalesce(bool_or(NOT n.urgent), false)
FROM notifications_ingestbatch b JOIN notifications_record r ON r.batch_id = b.id
JOIN notifications_notice n ON n.record_id = r.id
WHERE b.run_id = %(run)s AND n.state = 'ready' AND n.bundle_at IS NULL AND n.not_before <= %(now)s
""")


def start_matching(*, run_id: int, today: date, now: Callable[[], datetime]) -> None:
    """Match a push of a few records at once where one may be urgent. Enqueue the matching of any other, unless another
    batch waits: who matches that one looks again afterwards, and finds this. `now`: by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"run": run_id, "today": today, "most": MOST})
        another_waits, may_be_urgent = cursor.fetchone()
    if not (may_be_urgent and _matched(run_id, now())) and not another_waits:
        enqueue("match")


def _matched(run_id: int, now: datetime) -> bool:
    try:
        match_batches(now=now, run_id=run_id)
        with connection.cursor() as cursor:
            cursor.execute(DUE, {"run": run_id, "now": now})
            urgent, others = cursor.fetchone()
    except DatabaseTrouble as error:  # the push is committed, and was answered as such
        logger.warning("a push was not matched at once (%s): a worker does it", type(error).__name__)
        return False
    if urgent:
        enqueue("deliver_urgent", most_waiting=MOST_WAITING_URGENT)
    if urgent or others:  # also what is urgent, where nothing that waits in the first queue would send it
        enqueue("deliver", most_waiting=MOST_WAITING)
    return True
