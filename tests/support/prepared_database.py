"""The database of a test process: migrated once in a run, copied for each process.

Tests run as the application's role, which changes no table and empties none. What needs the owner (a superuser)
requests it: the fixture `owner`, or `with owner_cursor() as cursor`; on a connection of its own, which sees what is
committed.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from secretary.ops.owner import as_owner
from tests.support import migrated_tables
from tests.support.kept_connection import KeptConnection
from tests.support.present import present

LOCK = 2021_04_01
DEAD = 1000  # rows of a table that were rolled back or deleted, beyond which it is vacuumed
_migrated = ""  # the name of the database that all are copied from
_fresh: "Fresh | None" = None  # once this process has a database
_written: dict[Callable[[], object], dict[str, str]] = {}  # what `written_once` has called → table → its rows


def give_each_process_its_own(suffix: str) -> None:
    """Afterwards Django's connection leads to this process's own database."""
    global _migrated, _fresh
    with as_owner(), _alone() as cursor:
        _migrated = name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            _switch_autovacuum_off(cursor)
            cursor.execute(f"CREATE DATABASE {name}")
            is_kept = migrated_tables.bring(name)
            connection.creation.create_test_db(verbosity=0, serialize=False, keepdb=True)
            if not is_kept:
                migrated_tables.keep(name)
        connection.settings_dict["NAME"] = name
        connection.creation.clone_test_db(suffix=suffix, verbosity=0)
    connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings(suffix)["NAME"]
    _fresh = fresh = Fresh.as_it_is(KeptConnection(_owners_connection))
    TransactionTestCase._fixture_teardown = lambda _: fresh.restore()  # type: ignore[attr-defined]


def take_away_what_was_left() -> list[str]:
    """The tables in which rows were left committed, which the next file's tests would have seen."""
    return [] if _fresh is None else _fresh.restore()


@contextmanager
def owner_cursor() -> Iterator[psycopg2.extensions.cursor]:
    """The owner in this process's database; each statement is committed by itself."""
    with closing(_owners_connection()) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        yield cursor


def _owners_connection() -> psycopg2.extensions.connection:
    owner = present(settings.DATABASE_OWNER)
    where = {"host": owner["HOST"], "port": owner["PORT"], "user": owner["USER"], "password": owner["PASSWORD"]}
    return psycopg2.connect(**where, dbname=connection.settings_dict["NAME"])


@contextmanager
def kept_for_a_file(prepare: Callable[[], object], *, blocker: Any) -> Iterator[None]:
    """What `prepare` writes is there for every test of a file, each of which rolls back its own alone; afterwards it
    is gone. For files without transaction=True. `blocker` is pytest-django's django_db_blocker."""
    around = transaction.atomic()
    with blocker.unblock():
        around.__enter__()
        prepare()
    yield
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def written_once(prepare: Callable[[], object]) -> None:
    """What `prepare` commits to a fresh database, for each test that commits: by its own means for the first test of
    this process, and for later ones copied in, with the same numbers. It must write the same each time."""
    fresh = present(_fresh)
    if prepare not in _written:
        left = fresh.restore()
        assert not left, f"what it writes is not known apart from what is there: {left}"
        prepare()
        _written[prepare] = fresh.rows_of_what_changed()
    else:
        fresh.put(_written[prepare])


@contextmanager
def another_copy(name: str) -> Iterator[str]:
    """The address, as the owner, of one more copy: for what changes tables. After `django_db_setup`."""
    with _owners_server() as (cursor, address):
        with _alone():
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {_migrated}")
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _owners_server() -> Iterator[tuple[psycopg2.extensions.cursor, str]]:
    address = urlunsplit(urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path="/postgres"))
    with closing(psycopg2.connect(address)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        yield cursor, address


@dataclass(frozen=True)
class Fresh:
    """What the tables hold before any test, to be restored when one has committed. Only what it has changed is
    touched: Django's own flush empties each of 80 tables and makes content types and permissions anew.
    """

    owner: KeptConnection
    empty: tuple[str, ...]
    filled: dict[str, tuple[str, str]]  # table → digest and rows

    @classmethod
    def as_it_is(cls, owner: KeptConnection) -> "Fresh":
        with owner.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
                " AND relname <> 'django_migrations' ORDER BY 1"
            )
            tables = [table for (table,) in cursor.fetchall()]
            digests = digests_of(cursor, _filled(cursor, tables))
            filled = {table: (digest, _rows(cursor, table)) for table, digest in digests.items()}
        return cls(owner, tuple(table for table in tables if table not in filled), filled)

    def restore(self) -> list[str]:
        """As the owner without triggers: past what is append-only, and in any order of tables. Return what was not as
        it should be."""
        with self.owner.cursor() as cursor:
            dirty = self._dirty(cursor)
            changed = {table: self.filled[table][1] for table in dirty if table in self.filled}
            _replace(cursor, dict.fromkeys(dirty, "") | changed)
            _vacuum(cursor)
        if changed:
            ContentType.objects.clear_cache()
        return dirty

    def rows_of_what_changed(self) -> dict[str, str]:
        with self.owner.cursor() as cursor:
            return {table: _rows(cursor, table) for table in self._dirty(cursor)}

    def put(self, rows: dict[str, str]) -> None:
        with self.owner.cursor() as cursor:
            _replace(cursor, rows)

    def _dirty(self, cursor: psycopg2.extensions.cursor) -> list[str]:
        digests = digests_of(cursor, self.filled)
        changed = [table for table, (digest, _) in self.filled.items() if digests[table] != digest]
        return [*_filled(cursor, self.empty), *changed]


def _switch_autovacuum_off(cursor: psycopg2.extensions.cursor) -> None:
    """At any moment it counts a table as empty whose rows are in a test's open transaction. The planner then reads all
    of it for each row of another table: minutes in place of seconds."""
    cursor.execute("ALTER SYSTEM SET autovacuum = off")
    cursor.execute("SELECT pg_reload_conf()")


def _vacuum(cursor: psycopg2.extensions.cursor) -> None:
    """Take away what tests have rolled back, between which later tests would look for their rows."""
    cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > %s", [DEAD])
    if full := [table for (table,) in cursor.fetchall()]:
        cursor.execute(f"VACUUM {', '.join(full)}")


def _filled(cursor: psycopg2.extensions.cursor, tables: Iterable[str]) -> list[str]:
    cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
    return [table for (table,) in cursor.fetchall()]


def digests_of(cursor: Any, tables: Iterable[str]) -> dict[str, str]:
    """Table → hash of its rows. `cursor`: of psycopg2 or of Django."""
    each = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
    cursor.execute(" UNION ALL ".join(each.format(table) for table in tables))
    return dict(cursor.fetchall())


def _replace(cursor: psycopg2.extensions.cursor, rows: dict[str, str]) -> None:
    """All rows of these tables."""
    if rows:
        emptied = "; ".join(f"DELETE FROM {table}" for table in rows)
        cursor.execute(f"SET session_replication_role = replica; {emptied}")
    for table, copied in rows.items():
        if copied:
            cursor.copy_expert(f"COPY {table} FROM STDIN", StringIO(copied))


def _rows(cursor: psycopg2.extensions.cursor, table: str) -> str:
    rows = StringIO()
    cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
    return rows.getvalue()


@contextmanager
def _alone() -> Iterator[psycopg2.extensions.cursor]:
    """One process at a time; the others wait. On a connection that is in no database of the tests."""
    server = {**connection.get_connection_params(), "dbname": "postgres"}
    with closing(psycopg2.connect(**server)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor
