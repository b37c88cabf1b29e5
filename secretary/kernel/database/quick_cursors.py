"""Run a statement with what Django does around it in few steps: of a short one that is as long as the statement.

Each statement opens a cursor, enters three contexts that only matter after an error, and asks whether the applications
are ready. Here a statement that succeeds takes none of these steps, and an error is Django's as before.
"""

import codecs
from _thread import get_ident
from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg2 import Error
from psycopg2.extensions import encodings

CODEC = "utf_8_at_once"


class QuickCursor(CursorWrapper):
    """Django's, for a process whose applications are ready."""

    cursor: Any
    db: Any

    def execute(self, sql: Any, params: Any = None) -> None:
        if self.db.execute_wrappers:
            self._execute_with_wrappers(sql, params, many=False, executor=self._execute)
        else:
            self._execute(sql, params)

    def _execute(self, sql: Any, params: Any, *_ignored: Any) -> None:
        if self.db.needs_rollback:
            self.db.validate_no_broken_transaction()
        try:
            if params is None:
                self.cursor.execute(sql)
            else:
                self.cursor.execute(sql, params)
        except Error:
            with self.db.wrap_database_errors:
                raise

    def fetchone(self) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self.cursor.fetchone()
        except Error:
            with self.db.wrap_database_errors:
                raise
        return row

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        try:
            rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        except Error:
            with self.db.wrap_database_errors:
                raise
        return rows


def quick_cursor(connection: Any) -> Any:
    """Return a cursor of a connection that is open, is this thread's and works; of any other one Django's."""
    is_checked = connection.health_check_done or not connection.health_check_enabled
    if (
        connection.connection is None
        or not is_checked
        or connection._thread_ident != get_ident()
        or connection.queries_logged
    ):
        return connection._cursor()
    try:
        return QuickCursor(connection.create_cursor(), connection)
    except Error:
        with connection.wrap_database_errors:
            raise


def use_quick_cursors() -> None:
    """Begin, in a process that answers pages. Raises AttributeError where Django names something in another way."""
    for each in connections.all():
        _ = each._thread_ident, each.health_check_done, each.health_check_enabled, each.needs_rollback  # type: ignore[attr-defined]
        type(each).cursor = quick_cursor  # type: ignore[assignment]
    read_names_at_once()


def read_names_at_once() -> None:
    """Have psycopg2 decode names of columns, of which a page has sixty, by the interpreter's own function, and not by
    one of Python's library that calls it."""
    codecs.register(_codec)
    for name in ("UTF8", "UNICODE"):  # as PostgreSQL names it, in sessions that are opened from now on
        encodings[name] = CODEC


def _codec(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(codecs.utf_8_encode, codecs.utf_8_decode, name=CODEC) if name == CODEC else None
