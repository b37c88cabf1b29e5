"""Start and stop the database and the broker of one machine, in one folder."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from secretary.local.embedded.postgres import Postgres
from secretary.local.embedded.valkey import Valkey
from secretary.local.files import LocalFailure, locked

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are, and which of them this call started (the caller that started a server also stops it)."""

    directory: Path
    database_url: str  # as the application
    owner_url: str  # the same database, as its owner
    redis_url: str
    started: frozenset[str]  # of "postgres", "valkey"


def start(
    directory: Path, *, durable: bool = True, only: frozenset[str] = frozenset(), settings: tuple[str, ...] = ()
) -> Servers:
    """Start what does not answer yet; safe to call from several processes at once. Raises LocalFailure.

    `only` names the servers that are wanted (empty: both); the URLs of the other are then "".
    `durable=False` is for tests: faster, and a power failure may lose everything. `settings` of PostgreSQL
    ("work_mem=8MB") replace those for one machine with other things on it.
    """
    wanted = only or frozenset({"postgres", "valkey"})
    postgres, valkey = _both(directory, durable, settings)
    both: dict[str, Postgres | Valkey] = {"postgres": postgres, "valkey": valkey}
    with locked(directory / "servers.lock"):
        started = frozenset(name for name, server in both.items() if name in wanted and server.start())
    return _servers(directory, postgres, valkey, wanted, started)


def start_apart(directory: Path, *, only: frozenset[str]) -> Servers:
    """As `start`, in a process of its own: the database's driver and all that starting loads is not kept by a caller
    that lives long. Raises LocalFailure."""
    command = [sys.executable, "-m", "secretary.local.embedded", str(directory), *sorted(only)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            printed, _ = process.communicate()
        except BaseException:  # the signal on which ./run stops reaches this process alone
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise LocalFailure(printed.strip() or "the servers of this folder do not start: what went wrong is above")
    return _servers(directory, *_both(directory, durable=True, settings=()), only, frozenset(json.loads(printed)))


def stop(directory: Path) -> None:
    """Stop both, the broker first; does nothing where they do not run."""
    postgres, valkey = _both(directory, durable=True, settings=())
    with locked(directory / "servers.lock"):
        valkey.stop()
        postgres.stop()


def _servers(
    directory: Path, postgres: Postgres, valkey: Valkey, wanted: frozenset[str], started: frozenset[str]
) -> Servers:
    urls = (postgres.url(), postgres.owner_url()) if "postgres" in wanted else ("", "")
    return Servers(directory, *urls, valkey.url if "valkey" in wanted else "", started)


def _both(directory: Path, durable: bool, settings: tuple[str, ...]) -> tuple[Postgres, Valkey]:
    return Postgres(directory / "postgres", durable, settings), Valkey(directory / "valkey", durable)
