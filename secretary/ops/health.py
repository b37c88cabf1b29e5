"""Report whether this process is alive and whether all that it needs is there, to supervisors and load balancers."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from secretary.kernel.time import database_clock
from secretary.ops import rights

_seen_applied = False
SECONDS = 2  # a probe that waits longer than this is answered by "no" anyway
WRITE_EVERY_SECONDS = 5  # one write for all processes, however often each of them is probed
WRITE_TIMEOUT = "1s"
# A row of the table of scheduled runs, so that a database that only reads is noticed as well.
LATELY = (
    "SELECT 1 FROM common_tick WHERE name = 'readyz' AND started_at > clock_timestamp() - make_interval(secs => %s)"
)
WRITE = """
INSERT INTO common_tick (name, due_at, started_at) VALUES ('readyz', 'epoch', clock_timestamp())
ON CONFLICT (name, due_at) DO UPDATE SET started_at = EXCLUDED.started_at
"""
# A full disk accepts single rows for a good while, into pages and log files that exist already. A sort that has no room
# in memory needs a megabyte of new blocks, and leaves nothing behind.
SPILL = """
SELECT count(*) FROM (SELECT md5(n::text) || repeat('-', 200) AS line FROM generate_series(1, 4500) n ORDER BY line
OFFSET 0) AS sorted
"""
WRONG = {"53100": "disk full", "25006": "read-only", "57014": "too slow", "55P03": "too slow"}  # by SQLSTATE


def parts() -> dict[str, str]:
    """Part → "ok", or a short description of the fault without any detail of the installation."""
    probes: dict[str, Callable[[], str]] = {
        "database": database,
        "storage": storage,
        "migrations": migrations,
        "broker": broker,
        "clock": machine_clock,
    }
    if settings.ENVIRONMENT == "production":
        probes["role"] = rights.probe
    return {name: probe() for name, probe in probes.items()}


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return "ok"


def storage() -> str:
    """Return whether the database can store rows: "disk full" while there is less than a megabyte left."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{WRITE_TIMEOUT}'")
            cursor.execute(LATELY, [WRITE_EVERY_SECONDS])
            if cursor.fetchone() is None:
                cursor.execute(f"SET LOCAL work_mem = '64kB'; {SPILL}")
                cursor.execute(WRITE)
    except (DatabaseError, InterfaceError) as error:
        return WRONG.get(getattr(error.__cause__, "pgcode", None) or "", "unreachable")
    return "ok"


def migrations() -> str:
    try:
        return "ok" if _all_applied() else "not applied"
    except (DatabaseError, InterfaceError):
        return "unknown"


def machine_clock() -> str:
    """Compare the clocks, which is done at the start too (secretary/checks.py); one may go off later."""
    try:
        ahead = database_clock.ahead()
    except (DatabaseError, InterfaceError):
        return "unknown"
    return "ok" if abs(ahead).total_seconds() < settings.CLOCK_TOLERANCE_SECONDS else "off the database's"


def broker() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return "unreachable"
    finally:
        client.close()
    return "ok"


def _all_applied() -> bool:
    """Whether all migrations are applied. Once true it stays true for the life of a process: reading the files is
    slow."""
    global _seen_applied
    if not _seen_applied:
        executor = MigrationExecutor(connection)
        _seen_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _seen_applied
