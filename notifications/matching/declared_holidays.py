"""Store public holidays that were declared late, and move the deadlines on them."""

from datetime import date, datetime

from django.db import transaction

from notifications.alarms import raise_alarm
from notifications.models import DeclaredHoliday
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.enqueue import enqueue
from secretary.kernel.time import working_days
from secretary.kernel.time.clock import kst_date


@transaction.atomic
def declare_holiday(*, day: date, name: str, actor: str, now: datetime) -> DeclaredHoliday:
    """Enter a holiday, or restore a withdrawn one. A task computes the deadlines that it moves."""
    changes = {"name": name, "declared_by": actor, "declared_at": now, "withdrawn_at": None, "applied_at": None}
    holiday, _ = DeclaredHoliday.objects.update_or_create(day=day, defaults=changes)
    record_audit(now=now, actor=actor, action="holiday.declared", object=str(day), reason=name)
    transaction.on_commit(lambda: enqueue("move_deadlines"))
    return holiday


@transaction.atomic
def withdraw_holiday(*, day: date, actor: str, reason: str, now: datetime) -> bool:
    """Withdraw the holiday and move deadlines back. Returns False where it was withdrawn before."""
    standing = DeclaredHoliday.objects.filter(day=day, withdrawn_at=None)
    if not standing.update(withdrawn_at=now, applied_at=None):
        return False
    record_audit(now=now, actor=actor, action="holiday.withdrawn", object=str(day), reason=reason)
    transaction.on_commit(lambda: enqueue("move_deadlines"))
    return True


def watch_calendar(*, now: datetime) -> None:
    """Raise an alarm for the first year that no administrator has compared with the decree."""
    if kst_date(now).year >= working_days.CHECKED_UNTIL.year:
        message = f"public holidays are checked against the decree only until {working_days.CHECKED_UNTIL}"
        raise_alarm(kind="calendar", subject="holidays", message=message, now=now)
