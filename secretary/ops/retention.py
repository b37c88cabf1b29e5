"""List all retention periods: each part's own rows, and those of the libraries we run."""

from datetime import timedelta

from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session

from citizens import retention as citizens
from notifications import retention as notifications
from payments import retention as payments
from secretary.kernel import retention as common
from secretary.kernel.retention import Keep, days, fixed
from subscriptions import retention as subscriptions

ACCESS_LAW = "개인정보의 안전성 확보조치 기준 §8: two years for 50,000 people or more"


def _while_locked_out() -> timedelta:
    return max(timedelta(days=30), settings.AXES_COOLOFF_TIME)


KEPT: tuple[Keep, ...] = (
    Keep(
        what="expired sessions, with the unfinished sign-ups in them",
        table=Session._meta.db_table,
        key="session_key",
        age="expire_date",
        age_is_indexed=True,
        period=fixed(days=0),
        why="개인정보 보호법 §21: the purpose is over",
    ),
    *subscriptions.KEPT,
    *common.KEPT,
    *notifications.KEPT,
    *payments.KEPT,
    *citizens.KEPT,
    Keep(
        what="failed sign-ins of staff that are counted",
        table=AccessAttempt._meta.db_table,
        age="t.attempt_time",
        also=f"NOT EXISTS (SELECT FROM {AccessAttemptExpiration._meta.db_table} e WHERE e.access_attempt_id = t.id)",
        period=_while_locked_out,
        why="the lock-out counts them",
    ),
    *(
        Keep(
            what=what,
            table=table,
            age=age,
            period=days("access_logs"),
            why=ACCESS_LAW,
        )
        for what, table, age in (
            ("sign-ins of staff", AccessLog._meta.db_table, "t.attempt_time"),
            ("failed sign-ins of staff", AccessFailureLog._meta.db_table, "t.attempt_time"),
            ("Django's log of changes in the admin", LogEntry._meta.db_table, "t.action_time"),
        )
    ),
)
