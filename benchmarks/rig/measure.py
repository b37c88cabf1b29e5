"""Measure one stretch: clock, CPU by process, statements, tasks, transactions; and name the machine."""

import gc
import os
import platform
import subprocess
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from benchmarks.rig import cpu
from benchmarks.rig.counting import install, totals
from benchmarks.rig.environment import Environment
from secretary.celery import GARBAGE_OBJECTS

OUTSIDE = ("stub", "driver")  # not ours in production: a gateway, and the measuring process
PACKAGES = ("django", "celery", "kombu", "gunicorn", "psycopg2-binary", "pycurl", "cryptography")


class Stretch:
    """Begin it, do the work, end it; then `report` returns what an item cost."""

    def __init__(self, environment: Environment, *, driver_is_product: bool = False) -> None:
        """`driver_is_product`: the work is done in this very process, so its CPU counts."""
        self._environment = environment
        self._outside = ("stub",) if driver_is_product else OUTSIDE
        if driver_is_product:
            install()
            gc.freeze()  # as a worker process does when it begins
            gc.set_threshold(GARBAGE_OBJECTS)
        self._servers = servers()
        self._before = self._look()
        self._began = time.monotonic()
        self.began_at = time.time()

    def end(self) -> None:
        self.seconds = time.monotonic() - self._began
        self._after = self._look()

    def report(self, items: int, **more: Any) -> dict[str, Any]:
        busy = {name: round(self._difference("cpu", name), 2) for name in self._after["cpu"]}
        ours = sum(seconds for name, seconds in busy.items() if name not in self._outside)
        all_busy = self._difference("machine", "busy")
        return {
            "seconds": round(self.seconds, 3),
            "rate_per_second": round(items / self.seconds),
            "cpu_ms_per_item": round(ours * 1000 / items, 4),
            "sql_statements_per_1000": round(self._difference("counts", "statements") * 1000 / items, 1),
            "tasks_per_1000": round(self._difference("counts", "tasks") * 1000 / items, 2),
            "transactions_per_1000": round(self._difference("counts", "transactions") * 1000 / items, 1),
            **more,
            "cpu_ms_per_item_by_process": {name: round(spent * 1000 / items, 4) for name, spent in busy.items()},
            "cpu_share_by_process": {name: round(spent / self.seconds, 2) for name, spent in busy.items()},
            "machine_busy": round(all_busy / self._difference("machine", "all"), 2),
            "cpu_of_others": round(max(0.0, all_busy - sum(busy.values())) / self.seconds, 2),
            **described(),
        }

    def _difference(self, kind: str, name: str) -> float:
        return float(self._after[kind][name] - self._before[kind][name])

    def _look(self) -> dict[str, Counter[str] | dict[str, float]]:
        spent = {name: cpu.tree(process.pid) for name, process in self._environment.processes.items()}
        spent |= {name: cpu.tree(pid) for name, pid in self._servers.items()}
        busy, everything = cpu.machine()
        counts = totals(self._environment.counters)
        counts["transactions"] = _transactions()
        counts.update(statements=0, tasks=0)
        return {"cpu": spent | {"driver": cpu.own()}, "counts": counts, "machine": {"busy": busy, "all": everything}}


def percentile(values: list[float], share: float) -> float:
    """In milliseconds, of a list of seconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


def described() -> dict[str, Any]:
    """Return what it was measured on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), pg_database_size(current_database())"
        )
        postgres, fsync, size = cursor.fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    model = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return {
        "database_megabytes": size // 1_000_000,
        "versions": {
            "python": platform.python_version(),
            "postgresql": postgres,
            **{name: version(name) for name in PACKAGES},
        },
        "machine": {"cpus": len(model), "model": model[0] if model else platform.machine(), "memory_gib": memory >> 30},
        "fsync": fsync,
        "commit": _commit(),
        "at": time.strftime("%Y-%m-%d %H:%M"),
    }


def _commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True)
    return asked.stdout.strip()


def servers() -> dict[str, int]:
    """Return the process numbers of database and broker, where they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    found = {}
    if Path(f"/proc/{backend}/comm").exists() and "postgres" in Path(f"/proc/{backend}/comm").read_text():
        found["postgres"] = cpu.parent(backend)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        pid = int(client.info("server")["process_id"])
    return {**found, "valkey": pid} if Path(f"/proc/{pid}").exists() else found


def _transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
