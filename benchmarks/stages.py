"""Measure what each stage of a notice costs, in one process: CPU of its Python, and of PostgreSQL's backend, in µs.

Receipts are taken as the receiver takes them, as many at a time as share a commit: 500 of a gateway that reports in
batches, 64 of one that reports one by one over as many connections. A stage is without the stages that it calls; taking
lines out of a file, in the thread that reads ahead, is in none.
CPU and no clock, so that two trees can be compared on a machine that does other work too.
"""

import gc
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from django.db import connection

from benchmarks.rig.environment import Environment
from benchmarks.rig.ready import drop_files, settle
from notifications.channels.contract import Receipt, Verdict
from notifications.channels.registry import adapters
from notifications.delivery import claim, deliver, providers
from notifications.delivery.gateways import modules, reference
from notifications.intake import ingest, read_feed
from notifications.matching import match
from notifications.models import Delivery, Notice
from notifications.receipts import receipts
from secretary.celery import GARBAGE_OBJECTS
from secretary.kernel.time import clock

WARM_UP, ROUND = 2000, 10_000
AT_ONCE = {"kakaotalk": 500, "sms": 64}
STAGES: tuple[tuple[str, ModuleType, str], ...] = (
    ("parse and check", read_feed, "check_page"),
    ("rows written", ingest, "write_rows"),
    ("rest of writing", ingest, "_write"),
    ("match", match, "match_batches"),
    ("claim", deliver, "claim"),
    ("claim", claim, "_begin"),
    ("compose", deliver, "_compose"),
    ("send", providers, "_send"),
    ("outcomes", deliver, "apply_outcomes"),
    ("health", deliver, "note_health"),
    ("receipts taken", receipts, "take_receipts"),
    ("receipts applied", receipts, "apply_arrived"),
    ("receipts applied", receipts, "apply_outcomes"),
    ("receipts applied later", receipts, "apply_receipts"),
    ("rest of delivering", deliver, "deliver_due"),
    ("rest of reading", read_feed, "read_feed"),
)


class _Inner(threading.local):
    """What the stages within those that run now have spent, of this thread: a page is checked in one of its own."""

    def __init__(self) -> None:
        self.spent: list[tuple[float, float]] = []


class Stages:
    """What was spent, by stage: µs of this thread and of the database's backend."""

    def __init__(self) -> None:
        self.python: dict[str, float] = defaultdict(float)
        self.postgres: dict[str, float] = defaultdict(float)
        self._inner = _Inner()

    def watch(self) -> None:
        for label, module, name in STAGES:
            setattr(module, name, partial(self._timed, label, getattr(module, name)))

    def _timed(self, label: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        within = self._inner.spent
        within.append((0.0, 0.0))
        backend, thread = _of_backend(), time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            python, now = (time.thread_time() - thread) * 1e6, _of_backend()
            postgres = now[1] - backend[1] if now[0] == backend[0] else now[1]  # a connection may be let go meanwhile
            inner = within.pop()
            self.python[label] += python - inner[0]
            self.postgres[label] += postgres - inner[1]
            if within:
                within[-1] = within[-1][0] + python, within[-1][1] + postgres


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_stub("--hold")
    _whole_line(environment, 1, WARM_UP, channel)
    settle()
    gc.freeze()  # as a worker process does when it begins
    gc.set_threshold(GARBAGE_OBJECTS)
    stages = Stages()
    stages.watch()
    before = _written()
    for first in range(WARM_UP + 1, WARM_UP + 1 + size, ROUND):
        _whole_line(environment, first, min(ROUND, WARM_UP + 1 + size - first), channel)
    assert not Notice.objects.exclude(state="delivered").exists(), "not every notice was delivered"
    labels = dict.fromkeys(label for label, _, _ in STAGES)
    spent = {"python": stages.python, "postgres": stages.postgres}
    each = {name: {label: round(some[label] / size, 2) for label in labels} for name, some in spent.items()}
    totals = {f"{name}_us_per_item": round(sum(stage.values()), 1) for name, stage in each.items()}
    return {"channel": channel, **totals, **each, "wal_bytes_per_item": round((_written() - before) / size)}


def _whole_line(environment: Environment, first: int, count: int, channel: str) -> None:
    last = Delivery.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for feed in drop_files(environment, first, count, channel):
        read_feed.read_feed(feed_id=feed.pk, now=clock.now())
    while match.match_batches(now=clock.now()):
        continue
    deliver.deliver_due(now=clock.now)
    gateway = adapters()[modules(channel)[0]].gateway
    sent = list(Delivery.objects.filter(id__gt=last).order_by("id").values_list("id", "vendor_id"))
    later = False
    for begin in range(0, len(sent), AT_ONCE[channel]):
        reports = [
            Receipt(f"event-{number}", reference(number), vendor_id, Verdict.DELIVERED, "1000")
            for number, vendor_id in sent[begin : begin + AT_ONCE[channel]]
        ]
        later |= receipts.take_receipts(gateway=gateway, receipts=reports, now=clock.now()) is None
    if later:
        receipts.apply_receipts(now=clock.now())


def _of_backend() -> tuple[int, float]:
    """Return the backend of this connection, and the µs of CPU that it has had; zeros while there is none."""
    opened = connection.connection
    if opened is None:
        return 0, 0.0
    pid = opened.info.backend_pid
    return pid, int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e3


def _written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
        return int(cursor.fetchone()[0])
