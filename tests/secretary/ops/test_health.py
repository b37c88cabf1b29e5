from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from secretary.ops import health

pytestmark = pytest.mark.urls("secretary.ops.urls")


def test_alive_queries_no_server(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_names_the_start_to_which_it_belongs(client: Client, settings: Any) -> None:
    assert "x-run" not in client.get("/healthz").headers
    settings.RUN_TOKEN = "of-this-start"
    assert client.get("/healthz").headers["x-run"] == "of-this-start"


@pytest.mark.django_db
def test_ready_when_database_migrations_and_broker_are_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]) == (
        200,
        {"database": "ok", "storage": "ok", "migrations": "ok", "broker": "ok", "clock": "ok"},
    )


@pytest.mark.django_db
def test_not_ready_without_a_broker(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["broker"]) == (503, "unreachable")


@pytest.mark.django_db
def test_not_ready_before_migrations(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_seen_applied", False)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: {})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["migrations"]) == (503, "not applied")


@pytest.mark.django_db
def test_not_ready_with_a_clock_that_is_off(client: Client, settings: Any, time_machine: Any) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=31))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["clock"]) == (503, "off the database's")
    settings.CLOCK_TOLERANCE_SECONDS = 60
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_database_that_only_reads_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["storage"]) == (503, "read-only")


@pytest.mark.django_db
def test_the_disk_is_written_to_once_in_some_seconds_however_often_it_is_asked(
    client: Client,
) -> None:
    assert client.get("/readyz").status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert [client.get("/readyz").status_code for _ in range(3)] == [200] * 3
    assert [query["sql"] for query in asked if "INSERT" in query["sql"] or "ORDER BY line" in query["sql"]] == []


@pytest.mark.django_db
def test_a_disk_that_takes_too_long_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "WRITE_TIMEOUT", "1ms")
    monkeypatch.setattr(health, "SPILL", "SELECT pg_sleep(5)")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["storage"]) == (503, "too slow")
