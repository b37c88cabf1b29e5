"""List all retention periods: each part's own rows, those of the libraries we run, and lines of the audit trail, across
all apps (docs/adr/0044, docs/privacy.md)."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session

from citizens import retention as citizens
from notifications import retention as notifications
from payments import retention as payments
from secretary.kernel import retention as common
from secretary.kernel.audit.end_audit import Line, Term
from secretary.kernel.retention import Keep, days, fixed
from subscriptions import retention as subscriptions
from subscriptions.models import Citizen
from subscriptions.own_data.erase import MERGED

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


MONEY = ("bill.", "payment.", "refund.", "posting.", "difference.")
INTO = "into:"


def _is_money(line: Line) -> bool:
    return line.action.startswith(MONEY)


def _of_what_was_seen_and_done(lines: Sequence[Line]) -> Collection[int]:
    return [line.id for line in lines if line.action != MERGED and not _is_money(line)]


def _of_money(lines: Sequence[Line]) -> Collection[int]:
    return [line.id for line in lines if _is_money(line)]


def _of_people_who_left(lines: Sequence[Line]) -> Collection[int]:
    """Return mergers into rows that are erased or gone. By the others an erasure finds all rows of its person."""
    into = {line.id: UUID(line.object.removeprefix(INTO)) for line in lines if line.action == MERGED}
    enrolled = set(
        Citizen.objects.filter(pk__in=into.values()).exclude(state=Citizen.ERASED).values_list("pk", flat=True)
    )
    return [line for line, row in into.items() if row not in enrolled]


TERMS = (
    Term(rule="seen and done", period=days("audit"), ends=_of_what_was_seen_and_done),
    Term(rule="money", period=days("erased_payments", days("payments")), ends=_of_money),
    Term(rule="mergers", period=days("audit"), ends=_of_people_who_left, again=True),
)
