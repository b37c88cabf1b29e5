"""The database of a test process: migrated once in a run, copied for each process."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from django.db import connection

LOCK = 2021_04_01


def give_each_process_its_own(suffix: str) -> None:
    """Afterwards Django's connection leads to this process's own database."""
    with _alone() as cursor:
        name = connection.creation._get_test_db_name()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            connection.creation.create_test_db(verbosity=0, serialize=False)
        connection.settings_dict["NAME"] = name
        connection.creation.clone_test_db(suffix=suffix, verbosity=0)
    connection.settings_dict.update(connection.creation.get_test_db_clone_settings(suffix))


@contextmanager
def _alone() -> Iterator[psycopg2.extensions.cursor]:
    """One process at a time; the others wait. On a connection that is in no database of the tests."""
    server = {**connection.get_connection_params(), "dbname": "postgres"}
    with closing(psycopg2.connect(**server)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor
