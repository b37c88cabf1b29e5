"""A connection that has just answered is not asked whether it works; one that was idle, or has failed, is."""

from typing import Any

import psycopg2
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.db import connections as connections_of_django

from secretary.kernel.database import connections
from secretary.kernel.database.connections import SECONDS

pytestmark = pytest.mark.django_db


connection: Any = connections_of_django["default"]  # itself, and not the proxy that stands for it


class Watch:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Any:
    watch = Watch()
    monkeypatch.setattr(connections, "time", watch)
    monkeypatch.delitem(connection.__dict__, connections.USED_AT, raising=False)
    monkeypatch.setattr(connection, "health_check_done", False)
    monkeypatch.setattr(connection, "errors_occurred", False)
    return watch


def is_spared() -> bool:
    connection.health_check_done = False
    connections._spare(connection)
    return bool(connection.health_check_done)


def test_only_a_moment_after_it_has_answered(watch: Watch) -> None:
    connection.ensure_connection()
    assert not is_spared()
    connections._note(connection)
    assert is_spared()
    watch.now += SECONDS
    assert not is_spared()


@pytest.mark.django_db(transaction=True)
def test_not_where_it_was_cut(watch: Watch) -> None:
    connection.ensure_connection()
    connections._note(connection)
    assert is_spared()
    with psycopg2.connect(connection.connection.dsn, password=connection.settings_dict["PASSWORD"]) as other:
        other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()
    assert not is_spared()
    connection.close()
    assert not is_spared()


def test_not_after_an_error(watch: Watch) -> None:
    connection.errors_occurred = True
    connections._note(connection)
    assert not is_spared()


@pytest.mark.django_db(transaction=True)
def test_one_receiver_of_each_signal_does_what_django_has_three_for(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for signal in (request_started, request_finished):
        monkeypatch.setattr(signal, "receivers", [*signal.receivers])
    connections.spare_checks()
    heard = {receiver for signal in (request_started, request_finished) for receiver in _called(signal)}
    assert not heard & {reset_queries, close_old_connections}
    connection.ensure_connection()
    connection.queries_log.append({"sql": "SELECT 1"})
    request_started.send(None)
    assert not connection.queries_log and not connection.health_check_done
    request_finished.send(None)
    request_started.send(None)
    assert connection.health_check_done
    for signal in (request_started, request_finished):
        connection.ensure_connection()
        connection.close_at = 0.0  # it has lived long enough
        signal.send(None)
        assert connection.connection is None


def _called(signal: Any) -> list[Any]:
    return [each[0] if isinstance(each, tuple) else each for each in signal._live_receivers(None)[0]]
