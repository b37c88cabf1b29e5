"""Prepare statements, so that PostgreSQL parses and plans each once per connection; write their arrays as PostgreSQL
reads them.

psycopg2 has no prepared statements, so they are SQL: PREPARE and EXECUTE. They belong to a session.

Of the hot path: `Prepared`. Planning the claim takes as long as claiming a hundred notices. A pooler that shares by
transaction gives each transaction another session: there the session itself is asked what it knows, which is one short
statement more in a batch (docs/adr/0063). psycopg2 adapts a list value by value: 0.5 µs each, 0.06 to 0.13 µs here, and
a notice passes twenty of them.

Of pages, half of whose cost was planning: `planned`. The cursor prepares, beneath the wrappers of Django, which see the
text itself. Only between transactions: a plan that the database does not accept any more (a column has got another
type) then costs one statement more, within a transaction it would be all of that.

    COUNT = planned("SELECT count(*) FROM … WHERE citizen_id = %(citizen)s")
    cursor.execute(COUNT, {"citizen": citizen.pk})
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import cursor as Psycopg2Cursor

_PARAMETER = re.compile(r"%\((\w+)\)s")
KNOWS = "SELECT 1 FROM pg_prepared_statements WHERE name = %s"
_known: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()  # connection of psycopg2 → names prepared on it


class Prepared:
    """One statement with parameters as `%(name)s`; `types`: the PostgreSQL type of each."""

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        # Two releases may share the sessions of a pooler: another text is another statement.
        digest = hashlib.sha256(f"{sql}{sorted(types.items())}".encode()).hexdigest()[:8]
        self.name, self.sql = f"{name}_{digest}", sql
        order = list(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda found: f"${order.index(found[1]) + 1}", sql).replace("%%", "%")
        self._prepare = f"PREPARE {self.name} ({', '.join(types[each] for each in order)}) AS {numbered}"
        # A plan for all values: single parameters' values hold nothing that would change it. Set each time, on the same
        # way: what is set for the session is undone where the transaction that set it rolls back.
        execute = f"EXECUTE {self.name} ({', '.join(f'%({each})s' for each in order)})"
        self._execute = f"SET LOCAL plan_cache_mode = force_generic_plan; {execute}"

    def execute(self, cursor: CursorWrapper, values: Mapping[str, Any], *, after: str = "") -> None:
        """Prepare it where this connection does not know it yet, and execute it. Rows come from `cursor`.

        `after`: a statement without parameters that goes before it on the same way to the database.
        """
        execute = f"{after}; {self._execute}" if after else self._execute
        if settings.DATABASE_POOLED:
            with transaction.atomic(savepoint=False):  # until it ends, the session is ours
                cursor.execute(KNOWS, [self.name])
                if cursor.fetchone() is None:
                    cursor.execute(self._prepare)
                cursor.execute(execute, values)
            return
        known = _known.setdefault(connection.connection, set())
        if self.name not in known:
            cursor.execute(self._prepare)
            known.add(self.name)
        cursor.execute(execute, values)


def text_array(values: Sequence[str]) -> str:
    """Text values, none of them NULL."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return f'{{"{joined}"}}'


def number_array(values: Iterable[float | None]) -> str:
    """Whole and other numbers; None is NULL."""
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"


# ── statements of pages ──
MOST = 150  # of a connection, beyond which statements are planned each time; its memory is the database's
_ANY_PARAMETER = re.compile(r"%(?:\((\w+)\))?s|%%")
# No value here changes which plan is good: what is rare or frequent stands in the text.
ONE_FOR_ALL_VALUES = "SET plan_cache_mode = force_generic_plan"
# SQLSTATE: what it returns has changed; the session was reset; it was prepared, and its first execution broken off.
OUTDATED, FORGOTTEN, HALF_DONE = "0A000", "26000", "42P05"
# A number, as it can be written into an address, is beyond the type that its parameter got from a column: in the text
# itself it is compared as a larger one, and is not there.
TOO_LARGE = "22003"
_on_pages: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()  # connection of psycopg2 → names prepared on it


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

    numbered = _ANY_PARAMETER.sub(number, sql)
    if not order and "%" in sql:
        raise ValueError(f"a percent sign without parameters: {sql}")
    text = Planned(sql)
    text.name = f"page_{hashlib.sha256(sql.encode()).hexdigest()[:16]}"
    text.prepare = f"PREPARE {text.name} AS {numbered.replace('%', '%%')}"
    values = ", ".join(f"%({name})s" if name else "%s" for name in order)
    text.execute = f"EXECUTE {text.name} ({values})" if values else f"EXECUTE {text.name}"
    return text


class PlanningCursor(Psycopg2Cursor):  # type: ignore[misc]  # psycopg2 has no types
    def execute(self, query: Any, vars: Any = None) -> None:
        if isinstance(query, Planned) and self.connection.autocommit:
            self._execute_planned(query, vars)
        else:
            super().execute(query, vars)

    def _execute_planned(self, query: Planned, values: Any) -> None:
        known = _on_pages.get(self.connection)
        if known is None:
            super().execute(ONE_FOR_ALL_VALUES)
            known = _on_pages[self.connection] = set()
        is_on_pages = query.name in known
        if not is_on_pages and len(known) >= MOST:
            super().execute(query, values)
            return
        try:
            super().execute(query.execute if is_on_pages else f"{query.prepare}; {query.execute}", values)
            known.add(query.name)
        except psycopg2.Error as error:
            if error.pgcode not in (OUTDATED, FORGOTTEN, HALF_DONE, TOO_LARGE):
                raise
            self._note(query, error.pgcode)
            super().execute(query, values)

    def _note(self, query: Planned, trouble: str) -> None:
        """Note what the session knows now, so that the next time succeeds."""
        if trouble in (HALF_DONE, TOO_LARGE):
            _on_pages[self.connection].add(query.name)
        elif trouble == FORGOTTEN:
            del _on_pages[self.connection]
        else:
            super().execute(f"DEALLOCATE {query.name}")
            _on_pages[self.connection].discard(query.name)


def plan_once() -> None:
    """Begin, in a process that answers pages. A pooler would give each statement another session, of which none knows
    what was prepared: there all is planned each time."""
    if not settings.DATABASE_POOLED:
        connection_created.connect(_use, dispatch_uid="planned")


def _use(connection: Any, **_: Any) -> None:
    connection.connection.cursor_factory = PlanningCursor
