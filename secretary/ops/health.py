"""Is this process alive, and is everything there that it needs? Asked by supervisors and load balancers."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from secretary.common import database_clock
from secretary.ops import least_privilege

_seen_applied = False
SECONDS = 2  # a probe that waits longer than this is answered by "no" anyway


def parts() -> dict[str, str]:
    """Part → "ok", or what is wrong in a few words that give nothing away."""
    probes: dict[str, Callable[[], str]] = {
        "database": database,
        "migrations": migrations,
        "broker": broker,
        "clock": machine_clock,
    }
    if settings.ENVIRONMENT == "production":
        probes["role"] = least_privilege.probe
    return {name: probe() for name, probe in probes.items()}


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return "ok"


def migrations() -> str:
    try:
        return "ok" if _all_applied() else "not applied"
    except (DatabaseError, InterfaceError):
        return "unknown"


def machine_clock() -> str:
    """Compared at the start too (secretary/checks.py); a clock may go off later."""
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
    """Once true it stays true for the life of a process: reading all migration files takes a while."""
    global _seen_applied
    if not _seen_applied:
        executor = MigrationExecutor(connection)
        _seen_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _seen_applied
