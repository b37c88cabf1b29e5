"""Measure delivering alone: ready notices, one process that claims, composes, sends and writes; no receipts."""

from typing import Any

from benchmarks.environment import Environment
from benchmarks.measure import Stretch
from benchmarks.ready import make_ready
from notifications.deliver import deliver_due
from secretary.common import clock


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_stub("--hold")
    make_ready(environment, 1, 1000, channel)
    deliver_due(now=clock.now)  # connections are open, wordings compiled
    make_ready(environment, 1001, size, channel)
    stretch = Stretch(environment, driver_is_product=True)
    made = deliver_due(now=clock.now)
    stretch.end()
    assert made == size, f"{made} of {size}"
    return stretch.report(size, channel=channel, processes=1)
