"""Have the statements of pages planned once per connection and not once per page, which is half of what they cost.

psycopg2 knows no prepared statements, SQL does: PREPARE and EXECUTE. Here the cursor says so, beneath the wrappers of
Django, which see the text itself. Only between transactions: a plan that the database does not accept any more (a
column has got another type) then costs one statement more, within a transaction it would be all of that.

    COUNT = planned("SELECT count(*) FROM … WHERE citizen_id = %(citizen)s")
    cursor.execute(COUNT, {"citizen": citizen.pk})

Statements of the hot path, which run within transactions: prepared.py.
"""

import hashlib
import re
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2
from django.conf import settings
from django.db.backends.signals import connection_created
from psycopg2.extensions import cursor

MOST = 150  # of a connection, beyond which statements are planned each time; its memory is the database's
_PARAMETER = re.compile(r"%(?:\((\w+)\))?s|%%")
# No value here changes which plan is good: what is rare or frequent stands in the text.
ONE_FOR_ALL_VALUES = "SET plan_cache_mode = force_generic_plan"
# SQLSTATE: what it returns has changed; the session was reset; it was prepared, and its first execution broken off.
OUTDATED, FORGOTTEN, HALF_DONE = "0A000", "26000", "42P05"
# A number, as it can be written into an address, is beyond the type that its parameter got from a column: in the text
# itself it is compared as a larger one, and is not there.
TOO_LARGE = "22003"
_known: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()  # connection of psycopg2 → names prepared on it


class Planned(str):
    """The text of a statement, with what PostgreSQL calls it."""

    name: str
    prepare: str
    execute: str


def planned(sql: str) -> Planned:
    """Return the same text. Raises ValueError for a percent sign in one without parameters."""
    order: list[str] = []  # names of parameters, "" for one without a name

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1] or ""
        if not name or name not in order:
            order.append(name)
            return f"${len(order)}"
        return f"${order.index(name) + 1}"

    numbered = _PARAMETER.sub(number, sql)
    if not order and "%" in sql:
        raise ValueError(f"a percent sign without parameters: {sql}")
    text = Planned(sql)
    text.name = f"page_{hashlib.sha256(sql.encode()).hexdigest()[:16]}"
    text.prepare = f"PREPARE {text.name} AS {numbered.replace('%', '%%')}"
    values = ", ".join(f"%({name})s" if name else "%s" for name in order)
    text.execute = f"EXECUTE {text.name} ({values})" if values else f"EXECUTE {text.name}"
    return text


class PlanningCursor(cursor):  # type: ignore[misc]  # psycopg2 has no types
    def execute(self, query: Any, vars: Any = None) -> None:
        if isinstance(query, Planned) and self.connection.autocommit:
            self._execute_planned(query, vars)
        else:
            super().execute(query, vars)

    def _execute_planned(self, query: Planned, values: Any) -> None:
        known = _known.get(self.connection)
        if known is None:
            super().execute(ONE_FOR_ALL_VALUES)
            known = _known[self.connection] = set()
        is_known = query.name in known
        if not is_known and len(known) >= MOST:
            super().execute(query, values)
            return
        try:
            super().execute(query.execute if is_known else f"{query.prepare}; {query.execute}", values)
            known.add(query.name)
        except psycopg2.Error as error:
            if error.pgcode not in (OUTDATED, FORGOTTEN, HALF_DONE, TOO_LARGE):
                raise
            self._note(query, error.pgcode)
            super().execute(query, values)

    def _note(self, query: Planned, trouble: str) -> None:
        """Note what the session knows now, so that the next time succeeds."""
        if trouble in (HALF_DONE, TOO_LARGE):
            _known[self.connection].add(query.name)
        elif trouble == FORGOTTEN:
            del _known[self.connection]
        else:
            super().execute(f"DEALLOCATE {query.name}")
            _known[self.connection].discard(query.name)


def plan_once() -> None:
    """Begin, in a process that answers pages. A pooler would give each statement another session, of which none knows
    what was prepared: there all is planned each time."""
    if not settings.DATABASE_POOLED:
        connection_created.connect(_use, dispatch_uid="planned")


def _use(connection: Any, **_: Any) -> None:
    connection.connection.cursor_factory = PlanningCursor
