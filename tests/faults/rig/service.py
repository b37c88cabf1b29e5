"""The real service for fault tests: servers, sandbox, web, workers and beat of its own, all of them killable.

Processes are started by the very command lines that ./run uses, with short times from the environment.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import psycopg2
import redis

from sandbox.agencies.push import PATH, headers
from secretary.local import commands
from secretary.local.embedded import servers
from secretary.local.embedded.ports import random_free
from secretary.local.embedded.postgres import DATABASE, Postgres
from secretary.local.embedded.valkey import Valkey
from secretary.local.forks import Process
from tests.faults.rig.figures import Figures
from tests.faults.rig.people import ci_of
from tests.faults.rig.processes import Starter, send
from tests.plugin import ROOT, RUNS
from tests.support.kept_connection import KeptConnection
from tests.support.leftovers import folder_of_its_own
from tests.support.migrated_tables import bring
from tests.support.sandbox_process import SandboxProcess

# A claim must outlast a batch, and a gateway must have settled before "never seen" is believed.
TIMES = {
    "HTTP_CONNECT_SECONDS": "1",
    "HTTP_TOTAL_SECONDS": "2",
    "HTTP_BATCH_SECONDS": "1",
    "LEASE_SECONDS": "4",
    "SETTLE_SECONDS": "5",
    "SWEEP_SECONDS": "1",
    "UNKNOWN_WAIT_SECONDS": "1",
    "RECEIPT_WAIT_SECONDS": "15",
    "RETRY_BASE_SECONDS": "1",
    "BREAKER_PAUSE_SECONDS": "1",
}
WORKERS = ("urgent", "notices")
PEOPLE = 300
START_SECONDS, PATIENCE, LOOK_EVERY = 900.0, 900.0, 0.25  # whatever else this machine does
LIVE = ("ready", "sending", "sent", "unknown")
CUT = (  # all connections of the service to its database
    "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)

EMPTY = (
    "SET LOCAL session_replication_role = replica;"  # what is append-only has triggers against this
    "TRUNCATE notifications_notice, notifications_due, notifications_delivery, notifications_receiptevent,"
    " notifications_record, notifications_ingestbatch, notifications_feedrun, notifications_pushmessage,"
    " notifications_refusedline, notifications_channelstate, notifications_wordingstop, notifications_alarm,"
    " common_tick CASCADE"
)


class Service:
    """`with running_service() as service`: everything runs, PEOPLE want notices of traffic fines."""

    def __init__(self, folder: Path, sandbox: SandboxProcess, port: int) -> None:
        self.folder, self.sandbox, self.port = folder, sandbox, port
        self.url = f"http://127.0.0.1:{port}"
        self.postgres, self.valkey = Postgres(folder / "postgres", False), Valkey(folder / "valkey", False)
        self.processes: dict[str, Process] = {}
        self.starter = Starter(folder)
        self._owner = KeptConnection(lambda: psycopg2.connect(self.postgres.owner_url()))
        self.extra: dict[str, dict[str, str]] = {}  # process → what its environment has besides
        self.figures = Figures()

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "DATABASE_URL": self.postgres.url(),
            "DATABASE_OWNER_URL": self.postgres.owner_url(),
            "REDIS_URL": self.valkey.url,
            "PUBLIC_BASE_URL": self.url,
            "FILE_DROP_ROOT": str(self.folder / "drop"),
            "LOCAL_ENV": "off",
            "DJANGO_SETTINGS_MODULE": "secretary.settings",
        }
        theirs = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        return {**theirs, **self.sandbox.environment, **TIMES, **ours}

    # ── Processes ────────────────────────────────────────────────────────────────────────────────────────────
    def command(self, name: str) -> Sequence[str]:
        if name == "web":
            return commands.web(self.port)
        if name.startswith("beat"):
            return commands.beat(self.folder / f"{name}-schedule")
        return commands.worker(name, queues=name)

    def crash_database(self) -> None:
        """As if its machine had been switched off."""
        directory = self.postgres.data
        stopped = self.postgres.runs_as.run("pg_ctl", "stop", "-w", "-D", directory, "-m", "immediate")
        assert stopped.returncode == 0, stopped.stderr

    def start(self, *names: str, **environment: str) -> None:
        """Start in process groups of their own; their words go to NAME.log."""
        for name in names:
            self.extra[name] = environment
            app = environment.get("APP", "secretary")  # with something wrong with it
            command = [app if word == "secretary" else word for word in self.command(name)]
            everything = {**self.environment, **environment}
            self.processes[name] = self.starter.start(name, command, everything, usual=not environment)

    def signal(self, how: signal.Signals, *names: str) -> None:
        """To the whole process group of each."""
        for name in names:
            send(how, self.processes[name])

    def kill(self, *names: str) -> None:
        """kill -9, children and all."""
        self.signal(signal.SIGKILL, *names)
        for name in names:
            self.processes.pop(name).wait()

    def rest(self) -> None:
        """Nothing of the service runs; database, broker and sandbox do. `run_all` starts it again."""
        self.kill(*list(self.processes))

    def stop(self, *names: str) -> None:
        """As a deployment does: SIGTERM to the main process, then wait for its end."""
        for name in names:
            self.processes[name].terminate()
        for name in names:
            self.processes[name].wait(timeout=PATIENCE)
        self.kill(*names)

    def children(self, name: str) -> list[int]:
        """The processes that do a worker's work."""
        listed = Path(f"/proc/{self.processes[name].pid}/task/{self.processes[name].pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def _restart_what_ended(self) -> None:
        """As ./run's supervisor and Docker do: Celery's worker ends itself when it loses its broker at a bad time."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.kill(name)  # its children
                self.start(name, **self.extra.get(name, {}))

    def run_all(self, *, but: Sequence[str] = ()) -> None:
        """Start whatever of the usual processes does not run, and wait for the web. `but`: not these."""
        self._restart_what_ended()
        self.start(*{"web", *WORKERS, "beat"} - set(but) - self.processes.keys())
        self.wait_until(lambda: self.get("/healthz") == 200, seconds=START_SECONDS)

    # ── What it says ─────────────────────────────────────────────────────────────────────────────────────────
    def get(self, path: str, *, seconds: float = 60) -> int:
        """The status; 0 when there is no answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=seconds) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def push(self, records: Sequence[dict[str, Any]]) -> None:
        """As the agency does: signed, a thousand at a time, each acknowledged."""
        for start in range(0, len(records), 1000):
            body = json.dumps({"records": records[start : start + 1000]}).encode()
            signed = headers(f"push-{uuid.uuid4().hex}", body, int(time.time()))
            request = urllib.request.Request(self.url + PATH, data=body, headers=signed)
            with urllib.request.urlopen(request, timeout=120) as answer:
                reported = json.loads(answer.read())
            assert reported["new"] == len(records[start : start + 1000]), reported

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """As the owner, committed at once."""
        with self._owner.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def states(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, count(*) FROM notifications_notice GROUP BY 1"))

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.valkey.url, socket_timeout=5)

    # ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────────
    def wait_until(self, true: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
        """Raises AssertionError with the state of things and the last words of every process."""
        end = time.monotonic() + seconds
        while not true():
            self._restart_what_ended()
            if time.monotonic() > end:
                raise AssertionError(f"not so within {seconds} s: {self._words()}")
            time.sleep(LOOK_EVERY)

    def wait_until_finished(self, notices: int, *, seconds: float = PATIENCE) -> None:
        """So many are there and have ended: delivered, failed, cancelled, too late, or with a person for review."""

        def finished() -> bool:
            states = self.states()
            return sum(states.values()) == notices and not set(states) & set(LIVE)

        began = time.monotonic()
        self.wait_until(finished, seconds=seconds)
        self.figures.seconds = time.monotonic() - began

    def wait_until_hit(self) -> None:
        """Until a gateway has met a fault that was planned."""
        self.wait_until(lambda: any(rule["hits"] for rule in self.sandbox.request("GET", "/control/faults")["faults"]))

    def accepted(self, gateway: str | None = None) -> int:
        counts = self.sandbox.messages(limit=0)["counts"]
        return sum(sum(states.values()) for name, states in counts.items() if gateway in (None, name))

    def _words(self) -> str:
        logs = [f"── {path.name}\n{path.read_text()[-1500:]}" for path in sorted(self.folder.glob("*.log"))]
        return "\n".join([str(self.states() if self.postgres.answers() else "no database"), *logs])

    def _empties_its_tables(self) -> bool:
        """Whether the sweeper did not hold what this needs, and needed what this held, at that moment."""
        with suppress(psycopg2.errors.DeadlockDetected):
            return self.rows(EMPTY) == []
        return False

    # ── Between tests ────────────────────────────────────────────────────────────────────────────────────────
    def thaw(self) -> None:
        """Let go of what a test has stopped with SIGSTOP or held back in the sandbox."""
        self.signal(signal.SIGCONT, *self.processes)
        self.sandbox.clear_faults()

    def forget_everything(self) -> None:
        """As before the first record: the people stay."""
        self.figures = Figures()
        self.sandbox.clear_faults()
        self.wait_until(self._empties_its_tables)
        self.sandbox.request("DELETE", "/control/messages")
        self.rows("UPDATE subscriptions_contact SET suspended_at = NULL")  # a visitor used another's number
        with self.broker() as broker:
            broker.flushall()


@contextmanager
def running_service(*, disk: Callable[[Path], AbstractContextManager[None]] = nullcontext) -> Iterator[Service]:  # type: ignore[assignment]
    """Everything started; everything gone afterwards, also what a test has frozen or killed. `disk`: the database's.
    After `django_db_setup`."""
    port = random_free()
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_its_own(RUNS))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(disk(folder))
        stack.callback(servers.stop, folder)
        servers.start(folder, durable=False)
        sandbox = stack.enter_context(SandboxProcess(folder, callback_base=f"http://127.0.0.1:{port}"))
        service = Service(folder, sandbox, port)
        stack.callback(service.starter.end)
        stack.callback(service.rest)
        _prepare(service)
        service.run_all()
        yield service


def _prepare(service: Service) -> None:
    bring(DATABASE, service.postgres)
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.rig.people", str(PEOPLE)]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]


def fine(number: int, person: int) -> dict[str, Any]:
    """A traffic fine of person `person`, far from any date on which a stage would fall."""
    return {
        "external_id": f"F-{number}",
        "data_type": "traffic_fine",
        "version": 1,
        "subject": {"ci": ci_of(person)},
        "fields": {
            "violation": "제한속도 위반",
            "violated_at": "2026-03-02T14:05:00+09:00",
            "place": "세종대로 사거리",
            "vehicle": "00가0000",
            "amount": 40000,
            "reduced_amount": 32000,
            "reduction_ends_on": "2099-04-01",
            "due_on": "2099-06-01",
        },
    }


def fines(number: int, people: int) -> list[dict[str, Any]]:
    """So many fines, dealt out to the people in turn."""
    return [fine(each, each % people) for each in range(number)]
