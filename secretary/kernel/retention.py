"""Remove rows when their retention period ends: the table of periods, and the walk that removes them.

A table is walked by its primary key, which grows with time, in blocks, one statement a block, and the walk ends at the
first block in which nothing is old: no index of its own, no scan of what is young, and a run that is cut short goes on
where it was.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Model

from secretary.kernel.models import LookReport, LookReportLine, LookReportMember, ScheduledRun

BLOCK = 1000
Period = Callable[[], timedelta]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The period that operators choose by the variable `setting`; never shorter than `at_least`."""

    name: str
    at_least: Period

    def __call__(self) -> timedelta:
        return max(timedelta(days=settings.KEPT_DAYS[self.name]), self.at_least())

    @property
    def setting(self) -> str:
        return f"KEEP_{self.name.upper()}_DAYS"


# `walk` is when a row was made, `age` when its time began (the same, as a rule; later for what must first be closed).
WALK = """
WITH block AS MATERIALIZED (
    SELECT t.{key} AS key, {walk} < %(before)s AS old, coalesce({age} < %(before)s AND ({also}), FALSE) AS gone
    FROM {table} t WHERE t.{key} > %(after)s ORDER BY t.{key} LIMIT %(block)s
), removed AS ({remove})
SELECT max(key), count(*), coalesce(bool_or(old), FALSE), (SELECT count(*) FROM removed) FROM block
"""
REMOVE = "DELETE FROM {table} WHERE {key} IN (SELECT key FROM block WHERE gone) RETURNING 1"
COUNT = "SELECT 1 FROM block WHERE gone"
# Keys that do not grow with time, beside an index on the age. Materialized: as an `IN (…)` PostgreSQL may run the
# subquery once for each row of the table, and each run skips other locked rows than the one before.
BY_AGE = """
WITH block AS MATERIALIZED (
    SELECT {key} FROM {table} WHERE {age} < %(before)s ORDER BY {age} LIMIT %(block)s FOR UPDATE SKIP LOCKED
)
DELETE FROM {table} USING block WHERE {table}.{key} = block.{key}
"""
COUNT_BY_AGE = "SELECT count(*) FROM {table} WHERE {age} < %(before)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """One row of the table of retention periods. SQL parts are constants of the code; the table's alias is `t`."""

    what: str
    table: str
    age: str  # expression: its time begins; null: it has not begun
    period: Period
    why: str
    walk: str = ""  # expression: when the row was made; as `age` where not given
    also: str = "TRUE"  # what else must hold
    key: str = "id"
    age_is_indexed: bool = False  # then `key` need not grow with time, and `also` is not checked

    @property
    def setting(self) -> str:
        """The variable by which operators choose the period; "" where it is fixed."""
        return self.period.setting if isinstance(self.period, Chosen) else ""

    def remove(self, *, now: datetime, until: Callable[[], bool], block: int = BLOCK) -> "Removed":
        """Delete what has passed its retention period, block by block, until there is no more or `until` returns
        True."""
        walk = self._remove_by_age if self.age_is_indexed else self._walk
        return walk(now - self.period(), REMOVE, until, block)

    def count(self, *, now: datetime) -> int:
        """Return how many `remove` would remove."""
        if not self.age_is_indexed:
            return self._walk(now - self.period(), COUNT, lambda: False, BLOCK).rows
        with connection.cursor() as cursor:
            cursor.execute(self._sql(COUNT_BY_AGE), {"before": now - self.period()})
            return int(cursor.fetchone()[0])

    def _walk(self, before: datetime, remove: str, until: Callable[[], bool], block: int) -> "Removed":
        sql, after, rows = self._sql(WALK.replace("{remove}", remove)), 0, 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(sql, {"before": before, "after": after, "block": block})
                last, looked_at, any_old, gone = cursor.fetchone()
            rows += gone
            if looked_at < block or not any_old:
                return Removed(rows, complete=True)
            if until():
                return Removed(rows, complete=False)
            after = last

    def _remove_by_age(self, before: datetime, _remove: str, until: Callable[[], bool], block: int) -> "Removed":
        rows = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(self._sql(BY_AGE), {"before": before, "block": block})
                gone = cursor.rowcount
            rows += gone
            if gone < block:
                return Removed(rows, complete=True)
            if until():
                return Removed(rows, complete=False)

    def _sql(self, template: str) -> str:
        return template.format(table=self.table, key=self.key, age=self.age, walk=self.walk or self.age, also=self.also)


@dataclass(frozen=True, slots=True)
class Removed:
    rows: int
    complete: bool  # nothing is left whose time is over


def remove_old(table: Iterable[Keep], *, now: datetime, seconds: float, block: int = BLOCK) -> dict[str, Removed]:
    """Return every row of the table in its order, for about `seconds` in all.

    First each has an equal share, so that no backlog starves the others; what time is left goes to the backlogs.
    """
    end, waiting, result = time.monotonic() + seconds, list(table), dict[str, Removed]()
    while waiting:
        share = max(end - time.monotonic(), 0.0) / len(waiting)
        for keep in waiting:
            removed = keep.remove(now=now, until=_after(share), block=block)
            before = result[keep.what].rows if keep.what in result else 0
            result[keep.what] = Removed(before + removed.rows, removed.complete)
        waiting = [keep for keep in waiting if not result[keep.what].complete and time.monotonic() < end]
    return result


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def days(name: str, at_least: Period = timedelta) -> Chosen:
    """Return the period that operators chose by that name; never shorter than what the service itself needs."""
    return Chosen(name, at_least)


def fixed(**length: int) -> Period:
    return lambda: timedelta(**length)


def of_parent(parent: type[Model], column: str, *, by: str) -> str:
    """Return the expression for a column of the row that `by` names."""
    return f"(SELECT p.{column} FROM {parent._meta.db_table} p WHERE p.id = t.{by})"  # noqa: S608  (constants)


_MADE = of_parent(LookReport, "made_at", by="report_id")
KEPT = (
    Keep(
        what="runs of scheduled jobs",
        table=ScheduledRun._meta.db_table,
        age="t.due_at",
        period=fixed(days=30),
        why="an operator asks why a job ran or did not",
    ),
    *(
        Keep(
            what=what,
            table=table,
            age=age,
            period=days("audit"),
            why="as long as the lines of the trail that it counts",
        )
        for what, table, age in (
            ("monthly reports of accesses, by person", LookReportLine._meta.db_table, _MADE),
            ("monthly reports of accesses, by member of staff", LookReportMember._meta.db_table, _MADE),
            ("monthly reports of accesses", LookReport._meta.db_table, "t.made_at"),
        )
    ),
)
