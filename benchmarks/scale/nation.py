"""Measure one notice to all: people with two kinds each, one agency's file about all of them, and the real processes.

Everything goes the whole way: read, matched, claimed, sent, reported, delivered. The people are written by COPY, sealed
and hashed by the product itself, in as many processes as there are CPUs.
"""

import multiprocessing
import os
import sys
import time
from typing import Any

from django.db import connection

from benchmarks.pipeline import stats
from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch, servers
from benchmarks.rig.population import enrol, write_files
from benchmarks.rig.ready import settle
from benchmarks.scale import memory
from notifications.models import Feed
from secretary.kernel.enqueue import enqueue
from secretary.kernel.time import clock
from secretary.kernel.time.clock import kst_date
from subscriptions.models import DataType

KINDS_EACH = 2
WARM_UP, FIRST_WARM = 2000, 900_000_000
LOOK_SECONDS, SAY_SECONDS = 0.2, 10.0
STUCK_SECONDS = 120  # without any progress
A_FILE = 1_000_000  # records
SHARES = (0.5, 0.95, 0.99)
UNDELIVERED = "SELECT count(*) FROM notifications_notice WHERE state <> 'delivered'"
LATENCY = """
SELECT
    percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM d.finished_at - r.first_seen_at)),
    percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM d.finished_at) - %(began)s)
FROM notifications_delivery d JOIN notifications_notice n ON n.id = d.notice_id
JOIN notifications_record r ON r.id = n.record_id
WHERE d.state = 'delivered' AND extract(epoch FROM d.started_at) >= %(began)s
"""
TABLES = """
SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_total_relation_size(oid) > 1000000
ORDER BY pg_total_relation_size(oid) DESC
"""


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    kinds = announced_types()[:KINDS_EACH]
    began = time.monotonic()
    seed(kinds, 1, size, channel)
    seed(kinds, FIRST_WARM, WARM_UP, channel)
    settle()  # tables without statistics would be read from end to end
    seeded = time.monotonic() - began
    _start(environment)
    feed = Feed.objects.get(name=f"bench-{kinds[0].agency.code}")
    _notify(environment, feed, kinds[0], first=FIRST_WARM, count=WARM_UP, total=WARM_UP)
    settle()
    before = _written()
    trees = {name: process.pid for name, process in environment.processes.items()} | servers()
    trees.pop("stub")
    _drop(environment, kinds[0], size)
    with memory.Watched(trees) as watched:
        stretch = Stretch(environment)
        _notify(environment, feed, kinds[0], first=0, count=size, total=WARM_UP + size)
        stretch.end()
    written = _written() - before
    settle()
    return stretch.report(
        size,
        channel=channel,
        kinds_each=KINDS_EACH,
        seed_seconds=round(seeded, 1),
        **_latency(stretch.began_at),
        wal_bytes_per_item=round(written / size),
        wal_megabytes=written // 1_000_000,
        most_memory_mb=watched.most,
        gateway=stats(environment),
        tables=_tables(size),
    )


def _start(environment: Environment) -> None:
    environment.start_stub()
    environment.start_web()
    environment.start_receiver()
    environment.start_workers()


def _drop(environment: Environment, kind: DataType, size: int) -> None:
    """Write the agency's files: several of them, since one may have two gigabytes."""
    today = kst_date(clock.now())
    for first in range(1, size + 1, A_FILE):
        count = min(A_FILE, size + 1 - first)
        write_files(environment.drop, first, count, data_types=[kind], today=today, name=f"nation-{first}")


def seed(kinds: list[DataType], first: int, count: int, channel: str, *, each: int = KINDS_EACH) -> None:
    """Enrol the people in as many processes as there are CPUs."""
    share = -(-count // (os.cpu_count() or 1))
    connection.close()  # no child of a fork may share it
    forks = multiprocessing.get_context("fork")
    done = forks.Value("q", 0)
    workers = [
        forks.Process(target=_enrol, args=(kinds, start, min(share, first + count - start), channel, each, done, count))
        for start in range(first, first + count, share)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise SystemExit("the people could not be enrolled: see above")


def _enrol(kinds: list[DataType], first: int, count: int, channel: str, each: int, done: Any, everyone: int) -> None:
    def note(people: int) -> None:
        with done.get_lock():
            before, done.value = done.value, done.value + people
        if before * 20 // everyone != done.value * 20 // everyone:
            say(f"enrolled {done.value:,} of {everyone:,}")

    enrol(first, count, data_types=kinds, channels=[channel], now=clock.now(), each=each, done=note)


def _notify(environment: Environment, feed: Feed, kind: DataType, *, first: int, count: int, total: int) -> None:
    """Have the agency's file read, and wait until all notices are delivered. `first`: 0 for a file that is there."""
    if first:
        today = kst_date(clock.now())
        write_files(environment.drop, first, count, data_types=[kind], today=today, name=f"records-{first}")
    enqueue("read_feed", feed_id=feed.pk)
    done, moved_at, next_word = -1, time.monotonic(), time.monotonic() + SAY_SECONDS
    while (now_done := stats(environment)["acknowledged"]) < total or _undelivered():
        now = time.monotonic()
        if now_done > done:
            done, moved_at = now_done, now
        elif now > moved_at + STUCK_SECONDS:
            raise SystemExit(f"stuck: {stats(environment)}")
        if now > next_word:
            say(f"delivered {now_done:,} of {total:,}")
            next_word = now + SAY_SECONDS
        time.sleep(LOOK_SECONDS)


def _undelivered() -> bool:
    """Asked only once the gateway has had an answer to all its reports: it reads the whole table."""
    return bool(_value(UNDELIVERED))


def _latency(began: float) -> dict[str, float]:
    """From the moment in which a record was read, and from that in which the agency's file was there; milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute(LATENCY, {"shares": list(SHARES), "began": began})
        from_intake, from_drop = cursor.fetchone()
    return {
        f"p{share * 100:.0f}_{name}_ms": round(float(seconds) * 1000)
        for name, found in (("from_intake", from_intake), ("from_drop", from_drop))
        for share, seconds in zip(SHARES, found, strict=True)
    }


def _tables(size: int) -> dict[str, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return {
            name: {
                "rows": rows,
                "table_bytes": table,
                "index_bytes": indexes,
                "bytes_per_person": round((table + indexes) / size),
            }
            for name, rows, table, indexes in cursor.fetchall()
        }


def _written() -> int:
    """Bytes of WAL since the server began."""
    return int(_value("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))


def _value(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)
