"""Test the receiver as a process of its own, over HTTP: its answers are those of the web application."""

import hashlib
import json
import os
import re
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
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
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


def over_one_connection(port: int, parts: list[bytes], answers: int) -> list[int]:
    """The statuses of the answers to what is sent, part after part."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        for part in parts:
            client.sendall(part)
            time.sleep(0.01)
        while len(STATUS.findall(received)) < answers and (more := client.recv(65_536)):
            received += more
    return [int(status) for status in STATUS.findall(received)]


def posted(body: bytes, *lines: bytes, length: bytes | None = None) -> bytes:
    stated = b"Content-Length: %d" % len(body) if length is None else length
    head = [b"POST /webhooks/nhn/ HTTP/1.1", b"Host: x", b"X-Toast-Webhook-Signature: the-secret", stated, *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def test_a_connection_carries_any_requests_one_after_another(port: int) -> None:
    """Plain ones and others, each answered once and in its turn, by whichever of the two servers it is read."""
    first, second, third = (posted(hooks(number)) for number in (101, 102, 103))
    head, _, body = posted(hooks(104)).partition(b"\r\n\r\n")
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hooks(105)), hooks(105))
    chunked = posted(chunks, length=b"Transfer-Encoding: chunked")
    health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    forged = first.replace(b"the-secret", b"not-this!!")
    cases: dict[str, tuple[list[bytes], list[int]]] = {
        "one after another": ([first, second], [200, 200]),
        "three at once": ([first + second + third], [200, 200, 200]),
        "in two parts": ([head + b"\r\n\r\n", body], [200]),
        "broken within a header": ([first[:30], first[30:]], [200]),
        "others among plain ones": ([first, health, second, chunked], [200, 200, 200, 200]),
        "both lengths": ([posted(chunks, b"Transfer-Encoding: chunked")], [400]),
        "two lengths": ([posted(hooks(106), b"Content-Length: 1")], [400]),
        "forged, then not": ([forged + first], [401, 200]),
        "a header over two lines": ([posted(hooks(107), b"X-More: a\r\n b")], [400]),
        "the last one": ([posted(hooks(108), b"Connection: close")], [200]),
    }
    found = {name: over_one_connection(port, parts, len(expected)) for name, (parts, expected) in cases.items()}
    assert found == {name: expected for name, (_, expected) in cases.items()}
    assert set(ReceiptEvent.objects.values_list("event_id", flat=True)) == {
        f"h{n}" for n in (101, 102, 103, 104, 105, 108)
    }
