"""Prepare the statements of the hot path, and write their arrays as PostgreSQL reads them.

PostgreSQL parses and plans a prepared one once per connection, not once per batch: planning the claim takes as long as
claiming a hundred notices. psycopg2 knows no prepared statements, SQL does: PREPARE and EXECUTE. They belong to a
session. A pooler that shares by transaction gives each transaction another one: there the session itself is asked what
it knows, which is one short statement more in a batch (docs/adr/0063).

psycopg2 adapts a list value by value: 0.5 µs each, 0.06 to 0.13 µs here, and a notice passes twenty of them.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

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
