"""Run statements that change tables with short waits for their locks, and retry.

A statement that waits for a table's lock blocks all later ones, readers too. So it gives up after a
moment, lets them through, and comes again. What builds or validates beside the work (CONCURRENTLY, VALIDATE) blocks
no session while it waits, and may take as long as it needs.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

LOCK_TIMEOUT = "100ms"
TRY_AGAIN = ("55P03", "40P01")  # SQLSTATE: lock not available, deadlock detected
_BESIDE = re.compile(r"\s*(?:CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY|DROP\s+INDEX\s+CONCURRENTLY)\b", re.I)
_VALIDATES = re.compile(r"\s*ALTER\s+TABLE\s.*\bVALIDATE\s+CONSTRAINT\b", re.I | re.S)
_NEW_INDEX = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?\"?(\w+)\"?\s+ON\b", re.I
)
INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"


@contextmanager
def patient(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Inside, `connection` waits for locks as described above, and without the web's and workers' limits of time."""

    def set_up(connection: BaseDatabaseWrapper, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET statement_timeout = 0;"
                " SET idle_in_transaction_session_timeout = 0"
            )

    def reset() -> None:
        connection.close()  # with all that was set

    with ExitStack() as stack:
        connection_created.connect(set_up, weak=False, dispatch_uid="patient_ddl")
        stack.callback(connection_created.disconnect, dispatch_uid="patient_ddl")
        if connection.connection is not None:
            set_up(connection)
        stack.enter_context(connection.execute_wrapper(_Waiting(connection)))
        stack.callback(reset)
        yield


class _Waiting:
    """Around each statement: the lock's time-out that it may have."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        words = str(sql)
        if not (_BESIDE.match(words) or _VALIDATES.match(words)):
            return execute(sql, params, many, context)
        self._forget_half_an_index(execute, words, context)
        execute("SET lock_timeout = 0", None, False, context)
        try:
            return execute(sql, params, many, context)
        finally:
            if not self._connection.needs_rollback:
                execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'", None, False, context)

    def _forget_half_an_index(self, execute: Callable[..., Any], words: str, context: dict[str, Any]) -> None:
        """Drop an invalid index that an interrupted build has left and that would block the next try."""
        found = _NEW_INDEX.match(words)
        if found is None:
            return
        execute(INVALID, [found[1]], False, context)
        if context["cursor"].fetchone():
            execute(f'DROP INDEX CONCURRENTLY "{found[1]}"', None, False, context)


def is_worth_another_try(error: OperationalError) -> bool:
    return getattr(error.__cause__, "pgcode", None) in TRY_AGAIN
