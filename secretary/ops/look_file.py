"""Write a monthly report of accesses as CSV, and name its members of staff and the reasons that they stated."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.db import connection

from secretary.kernel.database.tabular import neutralise
from secretary.kernel.models import LookReport, LookReportLine
from secretary.kernel.time.clock import kst_instant
from subscriptions.models import Official

AT_ONCE = 1000
MOST_REASONS = 5  # of one member of staff about one person
COLUMNS = (
    *("month", "actor", "account", "person", "accesses", "days", "in_clear", "in_clear_without_reason"),
    *("out_of_hours", "refused_of_another_office", "stands_out", "reasons"),
)
REASONS = """
SELECT citizen_id, array_agg(reason ORDER BY reason) FROM (
    SELECT DISTINCT citizen_id, reason FROM common_auditevent
    WHERE actor = %s AND at >= %s AND at < %s AND citizen_id = ANY(%s) AND reason <> ''
) stated GROUP BY citizen_id
"""


def stated_reasons(report: LookReport, actor: str, people: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the reasons on the trail by which a member of staff looked at these people in the report's month."""
    first = report.month
    until = kst_instant(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1))
    with connection.cursor() as cursor:
        cursor.execute(REASONS, [actor, kst_instant(first), until, list(people)])
        return {person: reasons[:MOST_REASONS] for person, reasons in cursor.fetchall()}


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return the account and the office or roles of each, as they are today; what is gone has no name."""
    known = list(actors)
    officials = Official.objects.select_related("user", "office").filter(pk__in=_numbers(known, "official"))
    names = {f"official:{each.pk}": f"{each.user.get_username()} ({each.office})" for each in officials}
    numbers = _numbers(known, "staff")
    roles: dict[int, list[str]] = {}
    for account, role in Group.objects.filter(user__in=numbers).order_by("name").values_list("user", "name"):
        roles.setdefault(account, []).append(role)
    for account, name in User.objects.filter(pk__in=numbers).values_list("pk", "username"):
        names[f"staff:{account}"] = f"{name} ({', '.join(roles.get(account, []))})"
    return names


def report_as_csv(report: LookReport) -> Iterator[bytes]:
    """Yield the file, member of staff by member of staff."""
    yield _written([COLUMNS]).encode("utf-8-sig")
    lines = LookReportLine.objects.filter(report=report).order_by("actor", "id").iterator(AT_ONCE)
    for actor, of_one in groupby(lines, lambda line: line.actor):
        yield _written(_rows(report, actor, list(of_one))).encode()


def _written(rows: Iterable[Sequence[str | int]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([neutralise(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def _rows(report: LookReport, actor: str, lines: Sequence[LookReportLine]) -> Iterator[Sequence[str | int]]:
    name = names_of([actor]).get(actor, "")
    reasons = stated_reasons(report, actor, [line.citizen_id for line in lines])
    for line in lines:
        yield (
            *(str(report), actor, name, str(line.citizen_id), line.looks, line.days, line.revealed),
            *(line.unexplained, line.out_of_hours, line.refused, " ".join(line.marks)),
            " / ".join(reasons.get(line.citizen_id, [])),
        )


def _numbers(actors: Sequence[str], kind: str) -> list[int]:
    found = (actor.partition(":") for actor in actors)
    return [int(number) for name, _, number in found if name == kind and number.isdecimal()]
