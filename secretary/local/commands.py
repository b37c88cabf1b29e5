"""The command lines of the processes that ./run keeps. docker-compose.yml has the same for production."""

import sys
from pathlib import Path

from secretary.local.environment import ROOT

WEB_WORKERS, WEB_THREADS = 2, 32  # receipts that come one by one wait in threads for the commit they share
KEEP_ALIVE = 15  # seconds; gateways report over the same connections
WORKER_PROCESSES = 2


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def web(port: int) -> list[str]:
    size = ["--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS), "--worker-class", "gthread"]
    size += ["--keep-alive", str(KEEP_ALIVE), "--preload"]  # imported once, and its memory shared
    quiet = ["--log-level", "warning", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", "secretary.wsgi", "--bind", f"127.0.0.1:{port}", *size, *quiet]


def receiver(port: int) -> list[str]:
    return [sys.executable, "-m", "secretary.receiver", "--port", str(port)]


def worker(name: str, *, queues: str) -> list[str]:
    size = ["--queues", queues, "--concurrency", str(WORKER_PROCESSES), "--hostname", f"{name}@%h"]
    alone = ["--without-gossip", "--without-mingle"]  # nobody needs to know of the others
    return [*_celery(), "worker", *size, *alone, "--loglevel", "warning"]


def beat(schedule: Path) -> list[str]:
    return [*_celery(), "beat", "--schedule", str(schedule), "--pidfile", "", "--loglevel", "warning"]


def _celery() -> list[str]:
    known = ["-W", "ignore:You're running the worker with superuser"]  # ./run works for root too
    # Django's checks were made by `prepare`, the ones that matter here are in secretary/celery.py.
    options = ["--workdir", str(ROOT), "--quiet", "--skip-checks"]
    return [sys.executable, *known, "-m", "celery", "--app", "secretary", *options]
