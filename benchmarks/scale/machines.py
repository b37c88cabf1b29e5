"""Measure many machines: workers and receivers on two hosts, one database and one broker, and PgBouncer in front.

The hosts are network namespaces of this machine, so that they share its CPUs: only work that waits gets faster by more
of them. The gateway therefore takes LATENCY_MS for each batch, as real ones do.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from benchmarks.pipeline import stats
from benchmarks.rig.environment import HOME, Environment
from benchmarks.rig.measure import Stretch, described
from benchmarks.rig.ready import drop_files, settle
from benchmarks.scale import hosts
from benchmarks.scale.hosts import address, on, to_the_root, wait_for
from benchmarks.scale.nation import say
from benchmarks.scale.pooler import start_pooler, version
from notifications.models import Feed
from secretary.kernel.enqueue import enqueue
from secretary.local import commands

LATENCY_MS = 250
WARM_UP = 1000
STUCK_SECONDS = 120
SETUPS = {  # name → deliverers over both hosts, and whether PgBouncer is in front
    "1 worker": (1, False),
    "2 workers": (2, False),
    "4 workers": (4, False),
    "4 workers, PgBouncer": (4, True),
}
DOUBLED = "SELECT count(*) FROM (SELECT notice_id FROM notifications_delivery GROUP BY 1 HAVING count(*) > 1) twice"
UNDELIVERED = "SELECT count(*) FROM notifications_notice WHERE state <> 'delivered'"


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.latency_ms = environment.latency_ms or LATENCY_MS
    with hosts.hosts() as names, open_servers() as servers:
        receivers = ",".join(f"http://{address(name)}:{environment.receiver_port}" for name in names)
        environment.start_stub("--host", "0.0.0.0", webhooks=receivers)
        environment.wait("stub", lambda: bool(stats(environment)))
        pooled = {"DATABASE_URL": start_pooler(environment, servers["DATABASE_URL"]), "DATABASE_POOLED": "1"}
        runs, total = {}, 0
        for nth, (name, (workers, behind_pooler)) in enumerate(SETUPS.items()):
            variables = {**servers, **(pooled if behind_pooler else {}), **_addresses(environment)}
            started = start_on_hosts(environment, workers, variables)
            runs[name] = _measured(environment, nth, size, channel, total)
            total += WARM_UP + size
            environment.end(*started)
            say(f"{name}: {runs[name]}")
        facts = {"channel": channel, "gateway_ms": environment.latency_ms, "pooler": version()}
        return {**facts, "runs": runs, **described()}


@contextmanager
def open_servers() -> Iterator[dict[str, str]]:
    """Let database and broker listen on the bridge; yield where the hosts find them."""
    connection.close()
    hosts.Reachable(HOME / "postgres").open_to_hosts()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.config_set("bind", f"127.0.0.1 {hosts.ROOT}")
        try:
            yield {
                "DATABASE_URL": to_the_root(os.environ["DATABASE_URL"]),
                "REDIS_URL": to_the_root(settings.REDIS_URL),
            }
        finally:
            client.config_set("bind", "127.0.0.1")


def start_on_hosts(environment: Environment, workers: int, variables: dict[str, str]) -> list[str]:
    """Start a receiver on each host, deliverers on both in turn, readers and beat on the first; return their names."""
    started = []

    def start(name: str, host: str, command: list[str]) -> None:
        environment.start(name, on(host, command), **variables)
        started.append(name)

    for host in hosts.NAMES:
        command = commands.receiver(environment.receiver_port)
        start(f"receiver-{host}", host, [*command, "--host", "0.0.0.0"])
    for nth in range(workers):
        host = hosts.NAMES[nth % len(hosts.NAMES)]
        start(f"worker-{nth}-{host}", host, _single(commands.worker(f"w{nth}", queues="urgent,notices")))
    start("readers", hosts.NAMES[0], commands.worker("readers", queues="payments,feeds"))
    start("beat", hosts.NAMES[0], commands.beat(HOME / "celerybeat-machines"))
    for host in hosts.NAMES:
        wait_for(f"http://{address(host)}:{environment.receiver_port}/")
    return started


def _addresses(environment: Environment) -> dict[str, str]:
    stub = f"http://{hosts.ROOT}:{environment.stub_port}"
    return {"NHN_BASE_URL": stub, "TWILIO_BASE_URL": stub}


def _single(command: list[str]) -> list[str]:
    where = command.index("--concurrency") + 1
    return [*command[:where], "1", *command[where + 1 :]]


def _measured(environment: Environment, nth: int, size: int, channel: str, before: int) -> dict[str, Any]:
    first = 1 + nth * 10_000_000
    _deliver_all(environment, drop_files(environment, first + 5_000_000, WARM_UP, channel), before + WARM_UP)
    feeds = drop_files(environment, first, size, channel)
    settle()
    stretch = Stretch(environment)
    _deliver_all(environment, feeds, before + WARM_UP + size)
    stretch.end()
    report = stretch.report(size)
    gateway = stats(environment)
    figures = {name: report[name] for name in ("seconds", "rate_per_second", "cpu_ms_per_item", "machine_busy")}
    return {
        **figures,
        "lost": before + WARM_UP + size - gateway["accepted"],
        "doubled": gateway["twice"] + _value(DOUBLED),
    }


def _deliver_all(environment: Environment, feeds: list[Feed], total: int) -> None:
    for feed in feeds:
        enqueue("read_feed", feed_id=feed.pk)
    end = time.monotonic() + STUCK_SECONDS + total / 100
    while stats(environment)["acknowledged"] < total or _value(UNDELIVERED):
        if time.monotonic() > end:
            raise SystemExit(f"stuck: {stats(environment)}")
        time.sleep(0.1)


def _value(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
