"""Record each run of a scheduled job once: two schedulers are harmless, because only one of them gets the row."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

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
    "watch_strangers": _("Compare feeds with the people who are enrolled"),
}


def first_of_run(*, name: str, seconds: int, now: datetime) -> bool:
    """Return whether this is the first run of the job in the present window of so many seconds."""
    due_at = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    _, created = ScheduledRun.objects.get_or_create(name=name, due_at=due_at, defaults={"started_at": now})
    return created
