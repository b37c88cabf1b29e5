"""Record each run of a scheduled job once: two schedulers are harmless, because only one of them gets the row."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from secretary.kernel.models import ScheduledRun

# As staff read them. A job without words here is a mistake that a test finds.
JOBS: Final[Mapping[str, Any]] = {
    "audit_head": _("Export the seal of the audit trail"),
    "count_unreached": _("Count the people whom no channel reaches"),
    "end_audit": _("End old lines of the audit trail"),
    "expired_lists": _("Remove lists of seniors that have expired"),
    "housekeeping": _("Delete what has passed its retention period"),
    "inform_families": _("Inform family members"),
    "keep_promises": _("Carry out erasures that are due"),
    "match_due": _("Match records whose date has come"),
    "poll_settled": _("Query settled payments"),
    "reconcile": _("Compare the books of a day"),
    "report_looks": _("Make the monthly report of accesses"),
    "send_alarms": _("Send alarms"),
    "yearly_messages": _("Send the yearly message"),
    "watch_strangers": _("Compare feeds with the people who are enrolled"),
}
# By the database's clock, as workers' clocks differ. A run that was killed is over when its time is.
BEGIN_ALONE = """
INSERT INTO common_tick AS held (name, due_at, started_at) VALUES (%(name)s, 'epoch', clock_timestamp())
ON CONFLICT (name, due_at) DO UPDATE SET started_at = EXCLUDED.started_at
    WHERE held.started_at < clock_timestamp() - make_interval(secs => %(most_seconds)s)
RETURNING started_at
"""
END_ALONE = "DELETE FROM common_tick WHERE name = %(name)s AND due_at = 'epoch' AND started_at = %(began)s"


@contextmanager
def alone(*, name: str, most_seconds: float) -> Iterator[bool]:
    """Yield whether no other run of the job is at work, and keep others out meanwhile, for so many seconds at most.

    A row, not a lock of the session: no transaction is open meanwhile, and a pooler that shares by transaction gives
    the next statement another session.
    """
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_ALONE, {"name": name, "most_seconds": most_seconds})
        row = cursor.fetchone()
    try:
        yield row is not None
    finally:
        if row is not None:
            with connection.cursor() as cursor:
                cursor.execute(END_ALONE, {"name": name, "began": row[0]})


def first_of_run(*, name: str, seconds: int, now: datetime) -> bool:
    """Return whether this is the first run of the job in the present window of so many seconds."""
    due_at = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    _, created = ScheduledRun.objects.get_or_create(name=name, due_at=due_at, defaults={"started_at": now})
    return created
