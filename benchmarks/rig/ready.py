"""Bring people and their records as far as a measurement needs them, without workers."""

from django.db import connection

from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.environment import Environment
from benchmarks.rig.population import enrol, write_files
from notifications.intake.read_feed import read_feed
from notifications.matching.match import match_batches
from notifications.models import Feed
from secretary.kernel.time import clock
from secretary.kernel.time.clock import kst_date
from secretary.ops.owner import as_owner


def drop_files(environment: Environment, first: int, count: int, channel: str) -> list[Feed]:
    """Return people `first` … with one new record each in the agencies' folders; the feeds that will read them."""
    types, now = announced_types(), clock.now()
    enrol(first, count, data_types=types, channels=[channel] if channel else [], now=now)
    write_files(environment.drop, first, count, data_types=types, today=kst_date(now), name=f"records-{first}")
    agencies = {data_type.agency_id for data_type in types}
    return list(Feed.objects.filter(name__startswith="bench-", agency__in=agencies))


def make_ready(environment: Environment, first: int, count: int, channel: str) -> None:
    """Read and match records, until `count` notices wait to be sent."""
    for feed in drop_files(environment, first, count, channel):
        read_feed(feed_id=feed.pk, now=clock.now())
    while match_batches(now=clock.now()):
        continue
    settle()


def settle() -> None:
    """Leave no work of the preparation to the measured stretch."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
