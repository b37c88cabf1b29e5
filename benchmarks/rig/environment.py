"""Set up one measurement: durable servers, a database and a broker database of its own, and real processes."""

import base64
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from benchmarks.rig import shipped
from secretary.local import commands
from secretary.local.embedded import servers
from secretary.local.embedded.ports import random_free, who_answers
from secretary.local.environment import ROOT
from secretary.local.files import LocalFailure, locked

HOME = ROOT / "var" / "benchmarks"
DATABASE, BROKER_DATABASE = "secretary_benchmarks", 9
COPY = f"{DATABASE}_copy"
TEMPLATE = "BENCHMARK_TEMPLATE"  # of the environment: a database with all tables, where to migrate takes too long
SENDER_KEY = "0" * 40
READY_SECONDS = 60.0
ALL_DAY = {"DAY_STARTS": "00:00", "DAY_ENDS": "23:59"}  # a measurement must not depend on the hour
# One visitor opens pages thousands of times, and a code stays open for as long.
PATIENT = {
    **dict.fromkeys(("CHECKS_PER_ADDRESS", "CHECKS_OVERALL", "CALENDAR_READS"), "1000000"),
    **dict.fromkeys(("FULL_CHECK_MINUTES", "PAYMENT_REAUTH_MINUTES"), "600"),
    "IDENTITY_CODE_SECONDS": "36000",
}
# Keys of the stub gateway, and of gateways that are not measured but must be configured.
VENDORS = {
    "NHN_APP_KEY": "benchmark",
    "NHN_SECRET_KEY": "benchmark",
    "NHN_SENDER_KEY": SENDER_KEY,
    "NHN_WEBHOOK_SECRET": "benchmark-webhook",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "benchmark-token",
    "TWILIO_FROM": "+15005550006",
    "SOLAPI_API_KEY": "benchmark",
    "SOLAPI_API_SECRET": "benchmark",
    "SOLAPI_TALK_ID": "benchmark",
    "SOLAPI_SENDER": "0200000000",
    "SOLAPI_WEBHOOK_SECRET": "benchmark",
    "TOSS_PAYMENTS_SECRET_KEY": "benchmark",
    "TOSS_PAYMENTS_CLIENT_KEY": "benchmark",
    "KAKAOPAY_SECRET_KEY": "benchmark",
    "KAKAOPAY_CID": "benchmark",
    "NAVERPAY_CLIENT_ID": "benchmark",
    "NAVERPAY_CLIENT_SECRET": "benchmark",
    "NAVERPAY_CHAIN_ID": "benchmark",
    "NAVERPAY_PARTNER_ID": "benchmark",
    "APPS_IN_TOSS_CERT": "/nonexistent",
    "APPS_IN_TOSS_KEY": "/nonexistent",
}


class Environment:
    """Enter it before Django is imported; it ends every process that was started inside."""

    def __init__(self, *, as_shipped: bool = False) -> None:
        """`as_shipped`: PostgreSQL with the settings of docker-compose.yml instead of those of ./run."""
        self._settings = shipped.settings() if as_shipped else ()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.latency_ms = 0  # of the gateway's answers
        self.web_port, self.receiver_port, self.stub_port = random_free(), random_free(), random_free()
        self._clean_up = contextlib.ExitStack()

    def __enter__(self) -> Self:
        HOME.mkdir(parents=True, exist_ok=True)
        HOME.chmod(0o755)  # the database's own user must get through
        self._clean_up.enter_context(locked(HOME / "alive"))  # one at a time: another would be measured too
        try:
            self._open()
        except BaseException:
            self._clean_up.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean_up.close()

    @property
    def counters(self) -> Path:
        return HOME / "counters"

    @property
    def drop(self) -> Path:
        """Where agencies drop their files."""
        return HOME / "drop"

    def start(self, name: str, command: Sequence[str], **variables: str) -> None:
        """Start a process that lives until the environment is left; its output goes to a file."""
        with (HOME / f"{name}.log").open("wb") as log:
            process = self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._clean_up.callback(_end, process)

    def end(self, *names: str) -> None:
        """End processes now, all at once."""
        ending = [self.processes.pop(name) for name in names]
        for process in ending:
            process.terminate()
        for process in ending:
            _end(process)

    def start_stub(self, *extra: str, webhooks: str = "") -> None:
        webhooks = webhooks or f"http://127.0.0.1:{self.receiver_port}"
        arguments = [
            "--port",
            str(self.stub_port),
            "--webhooks",
            webhooks,
            "--latency-ms",
            str(self.latency_ms),
            *extra,
        ]
        self.start("stub", [sys.executable, "-m", "benchmarks.rig.stub_gateway", *arguments])
        self.wait("stub", lambda: who_answers(self.stub_port) is not None)

    def start_web(self) -> None:
        self._start_web("web", self.web_port)

    def start_web_of_copy(self) -> int:
        """Start another web process, in front of the copy of the database; return its port."""
        port = random_free()
        self._start_web("web-of-copy", port, DATABASE_URL=_other(os.environ["DATABASE_URL"], COPY))
        return port

    def copy_database(self) -> None:
        """Keep the database as it is now, under the name COPY. Nothing may be connected to it."""
        with _connected(self._superior) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {COPY} TEMPLATE {DATABASE}")

    def _start_web(self, name: str, port: int, **variables: str) -> None:
        app = "benchmarks.rig.web_app"
        command = [app if word == "secretary.wsgi" else word for word in commands.web(port)]
        self.start(name, command, **variables)
        self.wait(name, lambda: who_answers(port) is not None)

    def start_receiver(self) -> None:
        command = [sys.executable, "-m", "benchmarks.rig.receiver", "--port", str(self.receiver_port)]
        self.start("receiver", command)
        self.wait("receiver", lambda: who_answers(self.receiver_port) is not None)

    def start_workers(self) -> None:
        """Start the workers that `./run` starts, with the counters around them."""
        for name, queues in (("urgent", "urgent,notices"), ("feeds", "payments,feeds,urgent")):
            self.start(f"worker-{name}", _counted(commands.worker(name, queues=queues, one_at_rest=True)))
        self.start("beat", _counted(commands.beat(HOME / "celerybeat-schedule")))
        from benchmarks.rig.celery_app import app

        for name in ("worker-urgent", "worker-feeds"):
            self.wait(name, lambda: len(app.control.ping(timeout=0.5)) == 2)

    def wait(self, name: str, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + READY_SECONDS
        while not ready():
            if self.processes[name].poll() is not None or time.monotonic() > end:
                raise LocalFailure(f"{name} does not start: see {HOME / name}.log")
            time.sleep(0.05)

    def _open(self) -> None:
        database, owner, broker = self._servers()
        for folder in (self.counters, self.drop):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        os.environ.update(self._variables(database, broker))
        if owner:
            os.environ["DATABASE_OWNER_URL"] = owner
        import django

        django.setup()
        from benchmarks.rig.catalogue import prepare

        prepare()
        os.environ.pop("DATABASE_OWNER_URL", None)  # settings have read it; what is measured must not have it

    def _servers(self) -> tuple[str, str, str]:
        """Return the database as the application and as its owner ("" where one role does both), and the broker."""
        database, broker = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
        owner = os.environ.get("DATABASE_OWNER_URL", "")
        wanted = frozenset(name for name, url in (("postgres", database), ("valkey", broker)) if not url)
        if wanted:
            self._clean_up.callback(servers.stop, HOME)
            started = servers.start(HOME, only=wanted, settings=self._settings)
            database, broker = started.database_url or database, started.redis_url or broker
            owner = started.owner_url or owner
        broker = urlunsplit(urlsplit(broker)._replace(path=f"/{BROKER_DATABASE}"))
        with redis.Redis.from_url(broker) as client:
            client.flushdb()
        self._superior = owner or database
        with _connected(self._superior) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {os.environ.get(TEMPLATE, 'template1')}")
        return _other(database, DATABASE), _other(owner, DATABASE) if owner else "", broker

    def _variables(self, database: str, broker: str) -> dict[str, str]:
        stub = f"http://127.0.0.1:{self.stub_port}"
        return {
            "DJANGO_SETTINGS_MODULE": "secretary.settings",
            "LOCAL_ENV": "off",
            "LOG_LEVEL": "WARNING",
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{self.web_port}",
            "CALLBACK_BASE_URL": f"http://127.0.0.1:{self.receiver_port}",
            "FILE_DROP_ROOT": str(self.drop),
            "BENCHMARK_COUNTERS": str(self.counters),
            "FIELD_KEYS": f"benchmark:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "NHN_BASE_URL": stub,
            "TWILIO_BASE_URL": stub,
            **ALL_DAY,
            **PATIENT,
            **VENDORS,
        }


def _counted(command: list[str]) -> list[str]:
    where = command.index("--app") + 1
    return [*command[:where], "benchmarks.rig.celery_app", *command[where + 1 :]]


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Any]:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        yield cursor


def _other(url: str, database: str) -> str:
    """Return the same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
