"""Test the receiver as a process of its own, over HTTP: its answers are those of the web application."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from notifications.models import ReceiptEvent
from payments import adapters
from secretary.local.embedded.ports import random_free
from tests.plugin import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = {"X-Toast-Webhook-Signature": "the-secret"}
NHN = {"NHN_APP_KEY": "app", "NHN_SECRET_KEY": "s", "NHN_SENDER_KEY": "k", "NHN_WEBHOOK_SECRET": "the-secret"}
ORDER = {"paymentKey": "pk", "orderId": "order-1", "status": "DONE"}
NOWHERE = "postgresql://app@127.0.0.1:1/none"


def hooks(*numbers: int) -> bytes:
    each = {"requestId": "r", "recipientSeq": 1, "resultCode": "1000", "recipientGroupingKey": "someone-elses"}
    body = {"appKey": "app", "event": "MESSAGE_RESULT_UPDATE", "hooks": [{**each, "hookId": f"h{n}"} for n in numbers]}
    return json.dumps(body).encode()


SOLAPI = {
    "SOLAPI_API_KEY": "k",
    "SOLAPI_API_SECRET": "s",
    "SOLAPI_TALK_ID": "t",
    "SOLAPI_SENDER": "0200000000",
    "SOLAPI_WEBHOOK_SECRET": "the-secret",
    "SOLAPI_WEBHOOK_NETWORKS": "203.0.113.0/24",
    "TRUSTED_PROXIES": "1",
}
TOSS_PAYMENTS = {"TOSS_PAYMENTS_SECRET_KEY": "test_sk_x", "TOSS_PAYMENTS_CLIENT_KEY": "test_ck_x"}


@contextmanager
def receiver(database: str) -> Iterator[int]:
    port = random_free()
    command = [sys.executable, "-m", "secretary.receiver", "--port", str(port)]
    environment = {**os.environ, **NHN, **SOLAPI, **TOSS_PAYMENTS, "DATABASE_URL": database}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 300
        while call(port, "/healthz", None) != 200:
            assert process.poll() is None and time.monotonic() < end, "the receiver does not start"
            time.sleep(0.05)
        yield port
        process.terminate()
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    """One process for all tests of this file; what it stores goes with each."""
    settings = connection.settings_dict
    place = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    with receiver(f"postgresql://{place}") as started:
        yield started


def call(port: int, path: str, body: Any, headers: dict[str, str] = SECRET) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
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
    assert [call(port, "/webhooks/unknown/", hooks(6)), call(port, "/admin/", None)] == [404, 404]
    assert ReceiptEvent.objects.count() == 4


def test_a_requests_id_is_on_its_answer(port: int) -> None:
    headers = {**SECRET, "X-Request-ID": "proxy-id-0001"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/nhn/", data=hooks(9), headers=headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.headers["X-Request-ID"] == "proxy-id-0001"


def test_callers_are_held_to_networks_by_the_address_that_our_proxy_saw(port: int) -> None:
    data = {"statusCode": "4000", "groupId": "G", "messageId": "M", "customFields": {"reference": "someone-elses"}}
    body = json.dumps([{"eventDataId": "e1", "data": data}]).encode()
    secret = {"X-Solapi-Secret": hashlib.sha1(b"the-secret").hexdigest()}
    notified = ["", "203.0.113.9", "198.51.100.1, 203.0.113.9", "203.0.113.9, 198.51.100.1"]
    answers = [call(port, "/webhooks/solapi/", body, {**secret, "X-Forwarded-For": hops}) for hops in notified]
    assert answers == [401, 200, 200, 401]
    assert ReceiptEvent.objects.get().event_id == "e1"


def test_it_answers_payment_providers_as_the_web_application_does(port: int, settings: Any, monkeypatch: Any) -> None:
    settings.ADAPTER_CONFIG = TOSS_PAYMENTS
    monkeypatch.setattr(adapters, "_made", threading.local())
    path = "/webhooks/payments/toss_payments/"
    body = json.dumps({"eventType": "PAYMENT_STATUS_CHANGED", "data": ORDER}).encode()
    sent = {"tosspayments-webhook-transmission-id": "w1", "Content-Type": "application/json"}
    client = Client(headers={name: value for name, value in sent.items() if name != "Content-Type"})
    calls = [
        (path, body, 200),
        (path, body, 200),
        (path, b"{", 400),
        (path, b"x" * 100_000, 413),
        ("/webhooks/payments/unknown/", body, 404),
    ]
    for where, what, status in calls:
        assert client.post(where, what, "application/json").status_code == status
        assert call(port, where, what, sent) == status
    assert call(port, path, None) == 405


def test_a_request_that_breaks_off_stores_nothing_and_stops_no_other(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /webhooks/nhn/ HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
    assert call(port, "/webhooks/nhn/", hooks(1)) == 200
    assert ReceiptEvent.objects.count() == 1


def test_without_its_database_it_asks_to_be_called_again() -> None:
    with receiver(NOWHERE) as port:
        assert call(port, "/webhooks/nhn/", hooks(1)) == 503
