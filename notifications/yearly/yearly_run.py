"""Begin the yearly message of a year, list the people who get one, and count what came of them.

People are listed in the order of their ids, so many at a time, in the transaction that writes down how far: a run that
is stopped goes on there, and no person is listed twice for one year (a constraint).
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from notifications.models import YearlyRun
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.database.sql import read_sql
from secretary.kernel.time.clock import KST, kst_date

LIST = read_sql("notifications", "list_yearly")
COUNT = "SELECT state, count(*) FROM notifications_yearlymessage WHERE year = %(year)s GROUP BY state"
COUNT_AGAIN = timedelta(minutes=10)


def day_of_run(now: datetime) -> date | None:
    """Return the last day on which a yearly message began, or was to begin; None where none is to be sent."""
    if settings.YEARLY_MESSAGE_DAY is None:
        return None
    today = kst_date(now)
    day = date(today.year, *settings.YEARLY_MESSAGE_DAY)
    return day if day <= today else day.replace(year=today.year - 1)


@retried
@transaction.atomic
def list_people(*, day: date, most: int, now: datetime) -> int:
    """List up to `most` people for the yearly message that began on `day`; return how many were looked at.

    Everyone who has agreed to the service and was enrolled before that day: who comes later was informed by the consent
    that they have just given, and gets one within a year.
    """
    run, is_new = YearlyRun.objects.get_or_create(year=day.year, defaults={"begun_at": now})
    if is_new:
        record_audit(now=now, actor="system", action="yearly_message.begun", object=f"yearly_message:{day.year}")
    if run.listed_at is not None:
        return 0
    values: dict[str, Any] = {
        "year": day.year,
        "before": datetime.combine(day, time(), KST),
        "most": most,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(LIST, values)
        looked_at, people, is_last = cursor.fetchone() or (0, 0, False)
    if is_last:
        place = f"yearly_message:{day.year} {people}"
        record_audit(now=now, actor="system", action="yearly_message.listed", object=place)
    return int(looked_at)


def count_outcomes(*, year: int, now: datetime) -> bool:
    """Count what came of a year's messages, where that was not done lately; return whether it was done now.

    A scan of an index over the year: not for a page, which reads what was counted last.
    """
    due = YearlyRun.objects.filter(year=year).exclude(counted_at__gt=now - COUNT_AGAIN)
    if not due.exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"year": year})
        counts = dict(cursor.fetchall())
    return bool(due.update(counts=counts, counted_at=now))
