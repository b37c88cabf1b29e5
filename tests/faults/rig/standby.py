"""A streaming replica of the embedded database, to which everything moves when the database is lost."""

import shutil
import time
from contextlib import closing

import psycopg2

from secretary.local.embedded.ports import LOOPBACK
from secretary.local.embedded.postgres import APPLICATION, Postgres

STREAMS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
STREAM_SECONDS = 60.0


class Standby(Postgres):
    def follow(self, primary: Postgres) -> None:
        """Copy the primary and start as its replica."""
        self.place.mkdir(parents=True)
        for file in primary.place.glob("*password"):
            shutil.copy(file, self.place)
        self.runs_as.give(self.place)
        source = ("-d", primary.owner_url(), "-R", "-X", "stream", "-c", "fast")
        copied = self.runs_as.run("pg_basebackup", "-D", self.data, *source)
        assert copied.returncode == 0, copied.stderr
        self._launch()

    def wait_for_every_commit(self, primary: Postgres) -> None:
        """Have the primary acknowledge no commit that is not here too."""
        with closing(psycopg2.connect(primary.owner_url())) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            cursor.execute("SELECT pg_reload_conf()")
            end = time.monotonic() + STREAM_SECONDS
            while cursor.execute(STREAMS) or cursor.fetchone() != (1,):
                assert time.monotonic() < end, "the replica does not stream"
                time.sleep(0.1)

    def promote(self) -> None:
        promoted = self._control("promote")
        assert promoted.returncode == 0, promoted.stderr

    def either(self, primary: Postgres) -> str:
        """Return the address of whichever of both accepts writes: libpq tries one after the other."""
        name, password = primary.url().rpartition("/")[2], primary.url().split(":")[2].partition("@")[0]
        where = f"host={LOOPBACK},{LOOPBACK}&port={primary.port},{self.port}"
        return (
            f"postgresql://{APPLICATION}:{password}@/{name}?{where}&target_session_attrs=read-write&connect_timeout=2"
        )
