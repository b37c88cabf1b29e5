"""Measure receipts alone: sent messages, then the gateway's reports over HTTP until every notice is delivered."""

import time
import urllib.request
from typing import Any

from benchmarks.pipeline import stats
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch
from benchmarks.rig.ready import make_ready, settle
from notifications.delivery.deliver import deliver_due
from notifications.models import Notice
from secretary.kernel.time import clock


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_stub("--hold")
    make_ready(environment, 1, size, channel)
    deliver_due(now=clock.now)
    environment.start_web()
    environment.start_receiver()
    environment.start_workers()
    settle()
    stretch = Stretch(environment)
    urllib.request.urlopen(f"http://127.0.0.1:{environment.stub_port}/release", timeout=10).close()
    while stats(environment)["acknowledged"] < size:
        time.sleep(0.02)
    acknowledged = time.time() - stretch.began_at
    while Notice.objects.filter(state="delivered").count() < size:
        time.sleep(0.05)
    stretch.end()
    return stretch.report(
        size, channel=channel, acknowledged_per_second=round(size / acknowledged), gateway=stats(environment)
    )
