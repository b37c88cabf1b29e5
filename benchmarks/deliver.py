"""Measure delivering alone: ready notices, one process that claims, composes, sends and writes; no receipts."""

from typing import Any

from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch
from benchmarks.rig.ready import make_ready
from notifications.delivery.deliver import deliver_due
from secretary.kernel.time import clock


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_stub("--hold")
    make_ready(environment, 1, 1000, channel)
    deliver_due(now=clock.now)  # connections are open, templates compiled
    make_ready(environment, 1001, size, channel)
    stretch = Stretch(environment, driver_is_product=True)
    made = deliver_due(now=clock.now)
    stretch.end()
    assert made == size, f"{made} of {size}"
    return stretch.report(size, channel=channel, processes=1)
