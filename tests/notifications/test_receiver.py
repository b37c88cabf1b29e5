"""The receiver as a process of its own, over HTTP: it answers what the web application answers."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from notifications.models import ReceiptEvent
from secretary.local.ports import random_free
from tests.plugin import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = {"X-Toast-Webhook-Signature": "the-secret"}
NHN = {"NHN_APP_KEY": "app", "NHN_SECRET_KEY": "s", "NHN_SENDER_KEY": "k", "NHN_WEBHOOK_SECRET": "the-secret"}
NOWHERE = "postgresql://app@127.0.0.1:1/none"


def hooks(*numbers: int) -> bytes:
    each = {"requestId": "r", "recipientSeq": 1, "resultCode": "1000", "recipientGroupingKey": "someone-elses"}
    body = {"appKey": "app", "event": "MESSAGE_RESULT_UPDATE", "hooks": [{**each, "hookId": f"h{n}"} for n in numbers]}
    return json.dumps(body).encode()


@contextmanager
def receiver(database: str) -> Iterator[int]:
    port = random_free()
    command = [sys.executable, "-m", "secretary.receiver", "--port", str(port)]
    environment = {**os.environ, **NHN, "DATABASE_URL": database}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while call(port, "/healthz", None) != 200:
            assert process.poll() is None and time.monotonic() < end, "the receiver does not start"
            time.sleep(0.05)
        yield port
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def port() -> Iterator[int]:
    settings = connection.settings_dict
    place = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    with receiver(f"postgresql://{place}") as started:
        yield started


def call(port: int, path: str, body: Any, headers: dict[str, str] = SECRET) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_it_answers_as_the_web_application_does_and_stores_each_event_once(port: int) -> None:
    path = "/webhooks/nhn/"
    assert [call(port, path, hooks(1, 2)), call(port, path, hooks(2, 3))] == [200, 200]
    assert set(ReceiptEvent.objects.values_list("event_id", flat=True)) == {"h1", "h2", "h3"}
    assert call(port, path, iter([hooks(4)])) == 200  # in chunks, of no stated length
    assert call(port, path, hooks(5), {"X-Toast-Webhook-Signature": "wrong"}) == 401
    assert call(port, path, b"{") == 400
    assert call(port, path, b"x" * 3_000_000) == 413
    assert call(port, path, (b"x" * 100_000 for _ in range(30))) == 413
    assert call(port, path, None) == 405
    assert [call(port, "/webhooks/nobody/", hooks(6)), call(port, "/admin/", None)] == [404, 404]
    assert ReceiptEvent.objects.count() == 4


def test_a_request_that_breaks_off_stores_nothing_and_stops_nobody(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /webhooks/nhn/ HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
    assert call(port, "/webhooks/nhn/", hooks(1)) == 200
    assert ReceiptEvent.objects.count() == 1


def test_without_its_database_it_asks_to_be_called_again() -> None:
    with receiver(NOWHERE) as port:
        assert call(port, "/webhooks/nhn/", hooks(1)) == 503
