"""Define how long counters, sign-in codes and links under way are kept. See secretary/kernel/retention.py."""

from datetime import timedelta

from django.conf import settings

from secretary.kernel.retention import Keep, fixed
from subscriptions.models import Attempt, BulkUpload, PhoneCode, TossLink


def _two_windows() -> timedelta:
    return timedelta(seconds=2 * max(seconds for _most, seconds in settings.ATTEMPT_LIMITS.values()))


KEPT = (
    Keep(
        what="links to Toss",
        table=TossLink._meta.db_table,
        age="started_at",
        key="citizen_id",
        age_is_indexed=True,
        period=lambda: timedelta(days=1),
        why="a code is valid for minutes; the result is on the trail",
    ),
    Keep(
        what="attempt counters",
        table=Attempt._meta.db_table,
        age="window_start",
        age_is_indexed=True,
        period=_two_windows,
        why="two of the longest window of a limit; then no limit looks at them",
    ),
    Keep(
        what="sign-in codes",
        table=PhoneCode._meta.db_table,
        age="asked_at",
        age_is_indexed=True,
        period=lambda: timedelta(hours=1),
        why="a code is valid for minutes; an hour shows whether it was handed over",
    ),
    Keep(
        what="counts of lists that officials uploaded",
        table=BulkUpload._meta.db_table,
        age="t.uploaded_at",
        also="t.emptied_at IS NOT NULL",
        period=fixed(days=366),
        why="an official asks what came of a list; its content goes after three days (subscriptions/registration/bulk)",
    ),
)
