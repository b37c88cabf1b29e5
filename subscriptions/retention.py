"""Define how long counters, sign-in codes and links under way are kept. See secretary/kernel/retention.py."""

from datetime import timedelta

from django.conf import settings

from secretary.kernel.retention import Keep, days, fixed
from subscriptions.models import Attempt, BulkUpload, FamilyMember, FamilyNumber, FamilyText, PhoneCode, TossLink


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
        what="text messages to family members who ended",
        table=FamilyText._meta.db_table,
        walk="t.created_at",
        age=f"(SELECT m.ended_at FROM {FamilyMember._meta.db_table} m WHERE m.id = t.member_id)",  # noqa: S608  (a constant)
        period=days("withdrawn"),
        why="with the family member",
    ),
    Keep(
        what="text messages to family members",
        table=FamilyText._meta.db_table,
        age="t.created_at",
        period=fixed(days=365),
        why="both consents to them promise a year",
    ),
    Keep(
        what="family members who ended",
        table=FamilyMember._meta.db_table,
        walk="t.named_at",
        age="t.ended_at",
        also=f"NOT EXISTS (SELECT 1 FROM {FamilyText._meta.db_table} x WHERE x.member_id = t.id)",  # noqa: S608  (a constant)
        period=days("withdrawn"),
        why="both consents promise that name and number go within five days",
    ),
    Keep(
        what="how often numbers were asked as a family member's",
        table=FamilyNumber._meta.db_table,
        age="t.since",
        also="t.declined_at IS NULL",
        period=fixed(days=30),
        why="the month in which questions are counted; whose owner wants none is not asked again, so that stays",
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
