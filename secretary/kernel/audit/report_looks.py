"""REPORT: once a month, who looked at whom. Counted from the trail in two statements, and kept as long as the trail.

The lines are the very ones that a citizen reads on "accesses by staff" (citizens/own_data/accesses.py). What stands out
follows from the rules below; a mark accuses no member of staff, it says where an auditor looks first.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from secretary.kernel.models import LookReport
from secretary.kernel.time.clock import kst_date, kst_instant
from secretary.kernel.time.working_days import is_working_day

MANY_DAYS, MANY_LOOKS = 5, 20  # about one person
OPENS, CLOSES = 8, 20  # hours of a working day in Korea
TIMES_THE_MIDDLE, MANY_PEOPLE = 3, 30
REVEALS = ("revealed", "registration.revealed")
REFUSED = "registration.refused"
MOST_MISSED = 24  # months: the trail is no longer
LATE = timedelta(hours=1)  # until then the last transactions of the month have ended

RULES: Mapping[str, Any] = {
    "often": _("One person on 5 days or more, or 20 times or more, in the month."),
    "out_of_hours": _("Before 8:00, from 20:00 on, or on a Saturday, Sunday or public holiday."),
    "refused": _("Tried to open an entry that is another office's."),
    "unexplained": _("Personal data in clear without a stated reason."),
    "many": _("30 people or more, and more than three times the middle of the same kind of staff."),
}

LINES = """
INSERT INTO common_lookreportline
    (report_id, actor, citizen_id, looks, days, revealed, unexplained, out_of_hours, refused, marks)
SELECT %(report)s, actor, citizen_id, looks, days, revealed, unexplained, out_of_hours, refused, marks
FROM (SELECT c.*, array_remove(ARRAY[
    CASE WHEN days >= %(many_days)s OR looks >= %(many_looks)s THEN 'often' END,
    CASE WHEN out_of_hours > 0 THEN 'out_of_hours' END,
    CASE WHEN refused > 0 THEN 'refused' END,
    CASE WHEN unexplained > 0 THEN 'unexplained' END], NULL) AS marks
FROM (
    SELECT actor, citizen_id, count(*) AS looks, count(DISTINCT local::date) AS days,
        count(*) FILTER (WHERE action = ANY(%(reveals)s)) AS revealed,
        count(*) FILTER (WHERE action = ANY(%(reveals)s) AND reason = '') AS unexplained,
        count(*) FILTER (WHERE extract(hour FROM local) < %(opens)s OR extract(hour FROM local) >= %(closes)s
            OR local::date = ANY(%(days_off)s)) AS out_of_hours,
        count(*) FILTER (WHERE action = %(refused)s) AS refused
    FROM (
        SELECT actor, citizen_id, action, reason, at AT TIME ZONE 'Asia/Seoul' AS local FROM common_auditevent
        WHERE at >= %(since)s AND at < %(until)s AND citizen_id IS NOT NULL
            AND (actor LIKE 'staff:%%' OR actor LIKE 'official:%%')
    ) e GROUP BY actor, citizen_id
) c) marked ORDER BY actor, marks = '{}', looks DESC, citizen_id
"""
MEMBERS = """
WITH member AS (
    SELECT actor, count(*) AS people, sum(looks) AS looks, sum(revealed) AS revealed, sum(unexplained) AS unexplained,
        sum(out_of_hours) AS out_of_hours, sum(refused) AS refused, bool_or('often' = ANY(marks)) AS often
    FROM common_lookreportline WHERE report_id = %(report)s GROUP BY actor
), middle AS (
    SELECT split_part(actor, ':', 1) AS kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY people) AS people
    FROM member GROUP BY 1
)
INSERT INTO common_lookreportmember
    (report_id, actor, people, looks, revealed, unexplained, out_of_hours, refused, marks)
SELECT %(report)s, actor, people, looks, revealed, unexplained, out_of_hours, refused, marks
FROM (SELECT m.*, array_remove(ARRAY[
    CASE WHEN m.often THEN 'often' END,
    CASE WHEN m.out_of_hours > 0 THEN 'out_of_hours' END,
    CASE WHEN m.refused > 0 THEN 'refused' END,
    CASE WHEN m.unexplained > 0 THEN 'unexplained' END,
    CASE WHEN m.people >= %(many_people)s AND m.people > %(times)s * middle.people THEN 'many' END], NULL) AS marks
FROM member m JOIN middle ON middle.kind = split_part(m.actor, ':', 1)) marked ORDER BY marks = '{}', actor
"""
TOTALS = """
UPDATE common_lookreport r SET members = t.members, looks = t.looks, marked = t.marked FROM (
    SELECT count(*) AS members, coalesce(sum(looks), 0) AS looks, count(*) FILTER (WHERE marks <> '{}') AS marked
    FROM common_lookreportmember WHERE report_id = %(report)s
) t WHERE r.id = %(report)s
"""


def report_looks(*, now: datetime) -> int:
    """Make the reports of all months that are over and have none: the last one, and those that a stopped scheduler
    has missed since the first report. Return how many were made."""
    last = _month_before(kst_date(now - LATE))
    newest = LookReport.objects.values_list("month", flat=True).first()
    due, month = list[date](), last
    while len(due) < MOST_MISSED and month != newest and (newest is None or month > newest):
        due.append(month)
        month = _month_before(month)
        if newest is None:
            break
    return sum(_report(month, now) for month in reversed(due))


@transaction.atomic
def _report(month: date, now: datetime) -> bool:
    """Make the report of one month; False where another worker has made it."""
    report, is_new = LookReport.objects.get_or_create(month=month, defaults={"made_at": now})
    if not is_new:
        return False
    with connection.cursor() as cursor:
        for statement in (LINES, MEMBERS, TOTALS):
            cursor.execute(statement, _values(report))
    return True


def _values(report: LookReport) -> dict[str, Any]:
    first, after = report.month, _month_after(report.month)
    every_day = [first + timedelta(days=number) for number in range((after - first).days)]
    return {
        "report": report.pk,
        "since": kst_instant(first),
        "until": kst_instant(after),
        "days_off": [day for day in every_day if not is_working_day(day)],
        "reveals": list(REVEALS),
        "refused": REFUSED,
        "opens": OPENS,
        "closes": CLOSES,
        "many_days": MANY_DAYS,
        "many_looks": MANY_LOOKS,
        "many_people": MANY_PEOPLE,
        "times": TIMES_THE_MIDDLE,
    }


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
