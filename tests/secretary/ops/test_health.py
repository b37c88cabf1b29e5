from datetime import UTC, datetime, timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from secretary.ops import health

pytestmark = pytest.mark.urls("secretary.ops.urls")


def test_alive_asks_nobody(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_database_migrations_and_broker_are_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]) == (
        200,
        {"database": "ok", "migrations": "ok", "broker": "ok", "clock": "ok"},
    )


@pytest.mark.django_db
def test_not_ready_without_a_broker(client: Client, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["broker"]) == (503, "unreachable")


@pytest.mark.django_db
def test_not_ready_before_migrations(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(health, "_seen_applied", False)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: {})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["migrations"]) == (503, "not applied")


@pytest.mark.django_db
def test_not_ready_with_a_clock_that_is_off(client: Client, settings, time_machine) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=31))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["clock"]) == (503, "off the database's")
    settings.CLOCK_TOLERANCE_SECONDS = 60
    assert client.get("/readyz").status_code == 200
