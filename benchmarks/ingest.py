"""Measure ingest alone: a dropped file of JSON lines → records that can be matched, in one process."""

from typing import Any

from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch
from benchmarks.rig.ready import drop_files, settle
from notifications.intake.read_feed import read_feed
from notifications.models import Record
from secretary.kernel.time import clock


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    _read(environment, 1, 1000)  # schemas and patterns are compiled
    feeds = drop_files(environment, 1001, size, channel="")
    settle()
    stretch = Stretch(environment, driver_is_product=True)
    for feed in feeds:
        read_feed(feed_id=feed.pk, now=clock.now())
    stretch.end()
    found = Record.objects.count()
    assert found == size + 1000, f"{found} records"
    return stretch.report(size, processes=1)


def _read(environment: Environment, first: int, count: int) -> None:
    for feed in drop_files(environment, first, count, channel=""):
        read_feed(feed_id=feed.pk, now=clock.now())
