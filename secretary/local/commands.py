"""Build the command lines of the processes that ./run keeps. docker-compose.yml has the same for production."""

import sys
from pathlib import Path

from secretary.local.environment import ROOT

WORKER_PROCESSES = 2


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def preloaded() -> list[str]:
    """Return the command of the process that the others are forks of, where the system allows it."""
    return [sys.executable, "-m", "secretary.preloaded"]


def web(port: int) -> list[str]:
    server = ["-m", "gunicorn", "--config", "python:secretary.web_server", "secretary.wsgi"]
    return [sys.executable, *server, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]


def receiver(port: int) -> list[str]:
    return [sys.executable, "-m", "secretary.receiver", "--port", str(port)]


def worker(name: str, *, queues: str, one_at_rest: bool = False) -> list[str]:
    """`one_at_rest`: with a second process only while there is work for it (secretary/second_process.py)."""
    size = ["--autoscale", f"{WORKER_PROCESSES},1"] if one_at_rest else ["--concurrency", str(WORKER_PROCESSES)]
    alone = ["--without-gossip", "--without-mingle"]  # no worker needs to know of the others
    named = ["--hostname", f"{name}@%h", "--loglevel", "warning"]
    return [*_celery(), "worker", "--queues", queues, *size, *alone, *named]


def beat(schedule: Path) -> list[str]:
    return [*_celery(), "beat", "--schedule", str(schedule), "--pidfile", "", "--loglevel", "warning"]


def _celery() -> list[str]:
    known = ["-W", "ignore:You're running the worker with superuser"]  # ./run works for root too
    # Django's checks were made by `prepare`, the ones that matter here are in secretary/celery.py.
    options = ["--workdir", str(ROOT), "--quiet", "--skip-checks"]
    return [sys.executable, *known, "-m", "celery", "--app", "secretary", *options]
