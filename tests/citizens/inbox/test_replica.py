"""The inbox in front of a streaming replica of its own. Slow: `./test -m slow tests/citizens/inbox/test_replica.py`."""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections

from secretary.kernel.database import replica
from secretary.kernel.database.replica import REPLICA, Standing
from secretary.local.embedded.postgres import Postgres
from tests.citizens.inbox.conftest import Reader, send
from tests.citizens.inbox.test_list import listed
from tests.faults.rig.standby import Standby
from tests.plugin import RUNS
from tests.support.leftovers import MARK, folder_of_its_own

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LAST_STATEMENT = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{REPLICA}' AND query LIKE '%notice%'"


@pytest.fixture
def standby(django_db_setup: None) -> Iterator[Standby]:
    with folder_of_its_own(RUNS) as folder:
        standby = Standby(folder / "standby", durable=False)
        try:
            standby.follow(Postgres(Path(os.environ[MARK]) / "postgres", durable=False))
            yield standby
        finally:
            standby.stop()


def asked(standby: Standby, statement: str) -> Any:
    url = standby.owner_url(connection.settings_dict["NAME"])
    with closing(psycopg2.connect(url)) as ours, ours.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_the_list_comes_from_the_replica_and_never_misses_ones_own_deeds(
    reader: Reader, standby: Standby, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = connection.copy()
    second.settings_dict |= {"PORT": str(standby.port), "OPTIONS": {"application_name": REPLICA}}
    connections[REPLICA] = second
    settings.REPLICA_URL = "postgresql://r.example/d"
    monkeypatch.setattr(replica, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(replica, "standing", Standing())
    try:
        (first,) = send()
        reader.get()  # opens the bill, and learns where the primary is
        time.sleep(1)  # until the replica has that
        assert listed(reader.get()) == [first.pk]
        assert asked(standby, LAST_STATEMENT) == (1,)
        asked(standby, "SELECT pg_wal_replay_pause()")
        assert "새 알림" in reader.get()
        reader.notice(first)  # which is now read, and the replica does not know it
        assert 'class="mark">새 알림<' not in reader.get()
        asked(standby, "SELECT pg_wal_replay_resume()")
    finally:
        second.close()
        del connections[REPLICA]
