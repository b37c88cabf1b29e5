"""Measure the whole pipeline: dropped file → records → notices → messages → receipts → delivered.

Web, workers, beat, broker, database and gateway are processes of their own, as `./run` starts them.
"""

import json
import time
import urllib.request
from typing import Any

from django.db import connection

from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch, percentile
from benchmarks.rig.ready import drop_files, settle
from notifications.models import Delivery, Feed, Notice
from secretary.kernel.enqueue import enqueue

WARM_UP = 2000  # notices before the clock starts: connections are open, templates compiled
FIRST_WARM = 10_000_000
POLL_SECONDS = 0.05


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_stub()
    environment.start_web()
    environment.start_receiver()
    environment.start_workers()
    _deliver_all(environment, drop_files(environment, FIRST_WARM, WARM_UP, channel), WARM_UP)
    feeds = drop_files(environment, 1, size, channel)
    settle()
    stretch = Stretch(environment)
    _deliver_all(environment, feeds, WARM_UP + size)
    stretch.end()
    stub = stats(environment)
    return stretch.report(size, channel=channel, **_latency(stretch), gateway=stub, states=_states(size))


def stats(environment: Environment) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{environment.stub_port}/stats", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _deliver_all(environment: Environment, feeds: list[Feed], total: int) -> None:
    """Enqueue the reading of the files and wait until `total` notices are delivered."""
    for feed in feeds:
        enqueue("read_feed", feed_id=feed.pk)
    end = time.monotonic() + 120 + total / 100
    while stats(environment)["acknowledged"] < total or Notice.objects.filter(state="delivered").count() < total:
        if time.monotonic() > end:
            raise SystemExit(f"stuck: {stats(environment)}, {_states(total)}")
        time.sleep(POLL_SECONDS)


def _states(size: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM notifications_notice WHERE record_id > 0 GROUP BY 1")
        return dict(cursor.fetchall())


def _latency(stretch: Stretch) -> dict[str, float]:
    """From the drop of the files to the receipt of each message, in milliseconds."""
    times = Delivery.objects.filter(finished_at__isnull=False).values_list("finished_at", flat=True)
    waits = [at.timestamp() - stretch.began_at for at in times if at and at.timestamp() > stretch.began_at]
    return {"p50_ms": percentile(waits, 0.5), "p95_ms": percentile(waits, 0.95)}
