"""A message that cannot be sent is no loss and blocks no caller."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest
import redis
from celery import Celery
from kombu import Queue  # type: ignore[attr-defined]

from notifications.matching.match import match_everything
from notifications.operations.sweep import find_waiting
from secretary.celery import app as ours
from secretary.kernel.enqueue import enqueue
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.present import present

CONNECTIONS = 2  # a message may be tried this often before it is given up


class Refusing:
    """A broker that accepts connections and hangs up at once, and counts them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}/0"
        self.connections = 0
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while True:
            caller, _ = self._socket.accept()
            with caller:
                if caller.getpeername()[1] == self._last:
                    return
                self.connections += 1

    _last = 0

    def close(self) -> None:
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()[1]
            last.connect(self._socket.getsockname())
            self._thread.join()
        self._socket.close()


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    refusing = Refusing()
    use_broker(monkeypatch, refusing.url)
    yield refusing
    refusing.close()


def use_broker(monkeypatch: pytest.MonkeyPatch, url: str) -> Celery:
    """Enqueue through an application like ours with connections of its own."""
    app = Celery("tests", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(broker_url=url, task_queues=ours.conf.task_queues, task_routes=ours.conf.task_routes)
    monkeypatch.setattr("secretary.kernel.enqueue.current_app", app)
    return app


def test_without_a_broker_no_caller_fails_or_waits(unreachable: Refusing, caplog: pytest.LogCaptureFixture) -> None:
    enqueue("match")
    assert 1 <= unreachable.connections <= CONNECTIONS
    assert "match was not enqueued" in caplog.text


@pytest.mark.django_db
def test_work_without_a_message_is_found_by_the_sweeper(unreachable: Refusing) -> None:
    fine = make_data_type()
    enrol(1, fine, channels=["sms"])
    ingest(record(1))
    enqueue("match")
    assert find_waiting(now=MORNING).match
    match_everything(now=MORNING)
    enqueue("deliver")
    assert find_waiting(now=MORNING).notices


def test_a_message_carries_ids_and_goes_to_the_queue_of_its_task(
    broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = use_broker(monkeypatch, os.environ["REDIS_URL"])
    enqueue("read_feed", feed_id=7)
    with app.connection_for_read() as connection, connection.SimpleQueue(Queue("feeds")) as queue:  # type: ignore[no-untyped-call]
        message = queue.get(timeout=60)
        assert message.headers["task"] == "notifications.read_feed"
        assert message.payload[:2] == [[], {"feed_id": 7}]


def test_no_message_is_added_where_enough_wait_in_its_queue(
    broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_broker(monkeypatch, os.environ["REDIS_URL"])
    for _ in range(4):
        enqueue("deliver", most_waiting=2)
        enqueue("match", most_waiting=1)
    enqueue("ask")
    assert (broker.llen("notices"), broker.llen("urgent")) == (3, 1)


def test_a_full_broker_is_no_loss_either(
    broker: redis.Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use_broker(monkeypatch, os.environ["REDIS_URL"])
    most = present(broker.config_get("maxmemory")["maxmemory"])
    broker.config_set("maxmemory", "1")
    try:
        enqueue("match")
    finally:
        broker.config_set("maxmemory", most)
    assert "match was not enqueued" in caplog.text
