"""A connection that is kept for many looks at a database: a new one reads the catalogue of all tables anew, which is
most of what a look takes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2

from tests.support.present import present


class KeptConnection:
    """`connect` makes a new one: at first, in a process that was forked off, and where the old one was cut."""

    def __init__(self, connect: Callable[[], psycopg2.extensions.connection]) -> None:
        self._connect, self._process = connect, 0
        self._connection: psycopg2.extensions.connection | None = None

    @contextmanager
    def cursor(self) -> Iterator[psycopg2.extensions.cursor]:
        """Each statement is committed by itself."""
        if self._connection is None or self._process != os.getpid() or not self._answers():
            self._process, self._connection = os.getpid(), self._connect()
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            yield cursor

    def _answers(self) -> bool:
        """Whether no test has cut it off."""
        try:
            with present(self._connection).cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error:
            return False
        return True
