"""`manage.py migrate` beside a running service: no query waits behind it, and an interrupted one is finished."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from tests.plugin import ROOT
from tests.support.prepared_database import another_copy

TO_NEXT = ("migrate", "next_release", "--settings", "tests.faults.next_release.settings")
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'notice_of_next_release'::regclass"


@pytest.fixture
def database(django_db_setup: None) -> Iterator[str]:
    """Its address; with the tables of this release and not yet of the next."""
    with another_copy(f"migrated_{os.getpid()}") as url:
        yield url


def manage(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": ""}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def test_who_reads_does_not_wait_behind_a_migration_that_waits(database: str) -> None:
    """While a worker's transaction holds the table, all others continue to read it."""
    done: list[Any] = []
    migrating = threading.Thread(target=lambda: done.append(manage(database, *TO_NEXT)))
    with closing(psycopg2.connect(database)) as worker, worker.cursor() as holding:
        holding.execute("SELECT count(*) FROM notifications_notice")
        migrating.start()
        wait_for_a_waiting_migration(database)
        with closing(psycopg2.connect(database)) as reader, reader.cursor() as reading:
            reading.execute("SET lock_timeout = '10s'")
            reading.execute("SELECT count(*) FROM notifications_notice")
    migrating.join()
    assert done[0].returncode == 0, done[0].stderr
    assert "retrying" in done[0].stdout


def wait_for_a_waiting_migration(database: str) -> None:
    with closing(psycopg2.connect(database)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        end = time.monotonic() + 300
        while time.monotonic() < end:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")
            if cursor.fetchone():
                return
    raise AssertionError("the migration never came to the table")


def test_an_index_whose_building_was_broken_off_is_built_again(database: str) -> None:
    assert manage(database, "migrate", "next_release", "0001", *TO_NEXT[2:]).returncode == 0
    with closing(psycopg2.connect(database)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        break_off_the_index(database, cursor)
        cursor.execute(VALID)
        assert cursor.fetchone() == (False,)
        done = manage(database, *TO_NEXT)
        assert done.returncode == 0, done.stderr
        cursor.execute(VALID)
        assert cursor.fetchone() == (True,)
    assert manage(database, "migrate", "next_release", "zero", *TO_NEXT[2:]).returncode == 0  # and back again


def break_off_the_index(database: str, cursor: Any) -> None:
    """It waits for a worker that writes, longer than it may."""
    with closing(psycopg2.connect(database)) as worker, worker.cursor() as writing:
        writing.execute("LOCK TABLE notifications_notice IN ROW EXCLUSIVE MODE")
        cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            cursor.execute("CREATE INDEX CONCURRENTLY notice_of_next_release ON notifications_notice (of_next_release)")


def test_a_table_that_stays_locked_is_reported(database: str) -> None:
    with closing(psycopg2.connect(database)) as worker, worker.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_notice")
        done = manage(database, *TO_NEXT, "--patience", "0.3")
        assert done.returncode != 0
        assert "lock timeout" in done.stderr
