"""Measure migrations since the last release over tables of a million rows, and how long readers and writers wait.

Forward one by one, then back. `longest_statement_ms` is what a reader or writer of a big table saw at most, with what
else kept the machine busy; `longest_lock_wait_ms` is how long the server had one of them wait for a lock.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate
from django.test import override_settings

from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import described
from secretary.ops.owner import as_owner

# The last migrations of 148511c. After a release: those of the release.
RELEASED = {
    "common": "0001_initial",
    "subscriptions": "0001_initial",
    "notifications": "0006_record_told_encrypted",
    "payments": "0001_initial",
}
DATABASE = "secretary_migrations"
EVERY_SECONDS = 0.01
# Table → the column that others write meanwhile; None: they only add rows.
BIG = {
    "notifications_record": "event",
    "notifications_notice": "reason",
    "notifications_delivery": "code",
    "notifications_receiptevent": "code",
    "subscriptions_citizen": "language",
    "common_auditevent": None,
}
# What a type of column holds in row n; and columns whose constraints want something else.
BY_TYPE = {
    "bigint": "n",
    "integer": "n %% 1000",
    "smallint": "1",
    "boolean": "false",
    "uuid": "md5(n::text)::uuid",
    "bytea": "decode(md5(n::text), 'hex')",
    "timestamp with time zone": "timestamptz '2026-01-01' + n * interval '1 second'",
    "date": "date '2026-01-01'",
    "time without time zone": "NULL",
    "character varying": "left('x' || n, 2)",
    "ARRAY": "'{}'",
    "jsonb": "'{}'",
}
BY_COLUMN = {
    "notifications_record.state": "'open'",
    "notifications_record.external_id": "'B-' || n",
    "notifications_notice.state": "'delivered'",
    "notifications_notice.cause": "'opened:' || n",
    "notifications_notice.record_id": "1 + n %% 1000",  # of those that exist, as the way back looks at it
    "notifications_notice.citizen_id": "md5('1')::uuid",
    "notifications_delivery.state": "'delivered'",
    "notifications_delivery.channel": "'sms'",
    "notifications_receiptevent.event_id": "'e' || n",
    "subscriptions_citizen.state": "'active'",
    "subscriptions_citizen.language": "'ko'",
    "subscriptions_citizen.registered_by": "'web'",
}
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s AND table_schema = current_schema() AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
WAITING = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0) FROM pg_locks
WHERE NOT granted AND pid <> %s
"""


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    """`channel` is of no meaning here. One role does it all: only waits between sessions are measured."""
    with as_owner(), override_settings(DATABASE_OWNER=None):
        return _run(size)


def _run(size: int) -> dict[str, Any]:
    _empty_database()
    began = time.monotonic()
    inserts = _fill(size)
    report: dict[str, Any] = {"fill_seconds": round(time.monotonic() - began, 1)}
    plan = _plan()
    for app, name in plan:
        report[f"{app}.{name}"] = _measured(inserts, size, app, name)
    for app, name in reversed(plan):
        report[f"{app}.{name} back"] = _measured(inserts, size, app, _before(app, name))
    worst = max((each["longest_lock_wait_ms"] for each in report.values() if isinstance(each, dict)), default=0.0)
    return {**report, "migrations": len(plan), "longest_lock_wait_ms": worst, **described()}


def _empty_database() -> None:
    """With the schema of the release. The roles of staff need that of now, and are left out."""
    post_migrate.disconnect(dispatch_uid="subscriptions.roles")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    connection.settings_dict["NAME"] = DATABASE
    apps = {app for app, _ in MigrationExecutor(connection).loader.graph.leaf_nodes()}
    for app, name in RELEASED.items():
        call_command("migrate", app, name, verbosity=0, interactive=False)
    for app in sorted(apps - {*RELEASED, "ops"}):
        call_command("migrate", app, verbosity=0, interactive=False)


def _plan() -> list[tuple[str, str]]:
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in steps]


def _before(app: str, name: str) -> str:
    """Return the migration of the same app that `name` comes after: the target on the way back."""
    graph = MigrationExecutor(connection).loader.graph
    parents = [parent.key[1] for parent in graph.node_map[app, name].parents if parent.key[0] == app]
    return parents[0] if parents else "zero"


def _fill(size: int) -> dict[str, str]:
    """Table → how code of the release adds a row, also once there are more columns."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # neither triggers nor foreign keys
        for table in BIG:
            cursor.execute(_insert(cursor, table, "generate_series(1, %s) AS n"), [size])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        return {table: _insert(cursor, table, "(VALUES (%s::bigint)) AS row(n)") for table in BIG}


def _insert(cursor: Any, table: str, source: str) -> str:
    cursor.execute(COLUMNS, [table])
    values = {name: BY_COLUMN.get(f"{table}.{name}", BY_TYPE[kind]) for name, kind in cursor.fetchall()}
    columns = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({columns}) SELECT {', '.join(values.values())} FROM {source}"


def _measured(inserts: dict[str, str], size: int, app: str, target: str) -> dict[str, Any]:
    connection.ensure_connection()
    with _others(inserts, size) as saw:
        began = time.monotonic()
        call_command("migrate", app, target, verbosity=0, interactive=False)
        seconds = time.monotonic() - began
    return {
        "seconds": round(seconds, 2),
        "longest_statement_ms": round(max(saw.statements) * 1000, 1),
        "longest_lock_wait_ms": round(max(saw.waits) * 1000, 1),
        **({"old_code_fails": saw.failures} if saw.failures else {}),
    }


@dataclass
class Seen:
    """Seconds that statements took and that locks were waited for, and what statements of the release failed of."""

    statements: list[float] = field(default_factory=lambda: [0.0])
    waits: list[float] = field(default_factory=lambda: [0.0])
    failures: list[str] = field(default_factory=list)


@contextmanager
def _others(inserts: dict[str, str], size: int) -> Iterator[Seen]:
    """Yield one reader and writer for each big table, and one thread that watches the waits."""
    saw, over = Seen(), threading.Event()
    with ThreadPoolExecutor(len(BIG) + 1) as pool:
        jobs = [pool.submit(_use, table, insert, size, saw, over) for table, insert in inserts.items()]
        jobs.append(pool.submit(_look, saw, connection.connection.info.backend_pid, over))
        try:
            yield saw
        finally:
            over.set()
    for job in jobs:
        job.result()


def _use(table: str, insert: str, size: int, saw: Seen, over: threading.Event) -> None:
    column, number = BIG[table], int(time.time() * 1000) - 1_700_000_000_000
    key = "md5(%s::text)::uuid" if table == "subscriptions_citizen" else "%s"
    statements = [f"SELECT 1 FROM {table} WHERE id = {key}", insert]
    if column is not None:
        statements.append(f"UPDATE {table} SET {column} = {column} WHERE id = {key}")
    with closing(_connected()) as ours, ours.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        while not over.wait(EVERY_SECONDS):
            number += 1
            for statement in statements:
                began = time.monotonic()
                try:
                    cursor.execute(statement, [size + number if statement is insert else number % size + 1])
                except (
                    psycopg2.ProgrammingError,
                    psycopg2.IntegrityError,
                ) as error:  # a column or table that is gone, or must be filled
                    saw.failures.append(str(error).splitlines()[0])
                    return
                saw.statements.append(time.monotonic() - began)


def _look(saw: Seen, own: int, over: threading.Event) -> None:
    """Longest waits for locks of every process but the migration (`own`), which may wait as long as it likes."""
    with closing(_connected()) as ours, ours.cursor() as cursor:
        while not over.wait(EVERY_SECONDS):
            cursor.execute(WAITING, [own])
            saw.waits.append(float(cursor.fetchone()[0]))


def _connected() -> psycopg2.extensions.connection:
    made = psycopg2.connect(**connection.get_connection_params())
    made.autocommit = True
    return made
