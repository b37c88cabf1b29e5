"""The database of a test process: migrated once in a run, copied for each process.

Tests run as the application's role, which changes no table and empties none. What needs the owner (a superuser) says
so: the fixture `owner`, or `with owner_cursor() as cursor`; on a connection of its own, which sees what is committed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import psycopg2
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from secretary.ops.owner import as_owner

LOCK = 2021_04_01


def give_each_process_its_own(suffix: str) -> None:
    """Afterwards Django's connection leads to this process's own database."""
    with as_owner(), _alone() as cursor:
        name = connection.creation._get_test_db_name()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            connection.creation.create_test_db(verbosity=0, serialize=False)
        connection.settings_dict["NAME"] = name
        connection.creation.clone_test_db(suffix=suffix, verbosity=0)
    connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings(suffix)["NAME"]
    DatabaseOperations.execute_sql_flush = lambda _, statements: flush_as_owner(statements)  # type: ignore


@contextmanager
def owner_cursor() -> Iterator[psycopg2.extensions.cursor]:
    """The owner in this process's database; each statement is committed by itself."""
    owner = settings.DATABASE_OWNER
    where = {"host": owner["HOST"], "port": owner["PORT"], "user": owner["USER"], "password": owner["PASSWORD"]}
    with closing(psycopg2.connect(**where, dbname=connection.settings_dict["NAME"])) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        yield cursor


def flush_as_owner(statements: Sequence[str]) -> None:
    """What a test committed goes by TRUNCATE: the owner's right alone, and past what is append-only."""
    with owner_cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; " + "; ".join(statements))


@contextmanager
def _alone() -> Iterator[psycopg2.extensions.cursor]:
    """One process at a time; the others wait. On a connection that is in no database of the tests."""
    server = {**connection.get_connection_params(), "dbname": "postgres"}
    with closing(psycopg2.connect(**server)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor
