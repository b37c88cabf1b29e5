"""The web application behind a real gunicorn: what only shows on the wire."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from notifications.models import AgencyKey, Record
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from secretary.local.embedded.ports import random_free
from tests.notifications.cast import make_data_type, make_feed, record
from tests.plugin import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/agencies/v1/records"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What gunicorn and the application write to standard error."""
    return tmp_path_factory.mktemp("web") / "log"


@pytest.fixture(scope="module")
def port(django_db_setup: None, log: Path) -> Iterator[int]:
    """Gunicorn as production starts it, on the database of this test."""
    values, port = connection.settings_dict, random_free()
    place = f"{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    command = [sys.executable, "-m", "gunicorn", "secretary.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket"]
    environment = {**os.environ, "DATABASE_URL": f"postgresql://{place}", "CONN_MAX_AGE": "0"}
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stderr=out)
    try:
        _wait_until_it_answers(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=300)


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 300
    while True:
        assert process.poll() is None and time.monotonic() < end, "gunicorn does not start"
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)


def ask(port: int, method: str, path: str, **given: object) -> tuple[int, bytes]:
    connected = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connected.request(method, path, **given)  # type: ignore[arg-type]
        answer = connected.getresponse()
        return answer.status, answer.read()
    finally:
        connected.close()


def chunks(body: bytes, size: int = 100) -> Iterator[bytes]:
    yield from (body[start : start + size] for start in range(0, len(body), size))


@pytest.fixture
def key() -> AgencyKey:
    make_data_type()
    made = AgencyKey(feed=make_feed(), key_id="knpa-1")
    made.secret = new_secret()
    made.save()
    return made


def test_a_push_in_chunks_is_read_like_any_other(port: int, key: AgencyKey) -> None:
    body = json.dumps({"records": [record(1), record(2)]}).encode()
    signed = sign("m-1", datetime.now(UTC), body, secret_bytes(key.secret))
    headers = {**signed, "x-agency-key": key.key_id, "content-type": "application/json"}
    status, answer = ask(port, "POST", PATH, body=chunks(body), headers=headers, encode_chunked=True)
    assert (status, json.loads(answer)["new"], Record.objects.count()) == (200, 2, 2)
    forged = {**headers, "webhook-id": "m-2"}
    assert ask(port, "POST", PATH, body=chunks(body), headers=forged, encode_chunked=True)[0] == 401


def test_a_body_in_chunks_has_the_same_limit(port: int) -> None:
    headers = {"content-type": "application/json"}
    body = (b"x" * 100_000 for _ in range(51))
    status, answer = ask(port, "POST", PATH, body=body, headers=headers, encode_chunked=True)
    assert (status, json.loads(answer)["detail"]) == (413, "at most 5000000 bytes")


@pytest.mark.parametrize(
    "rest",
    [b"zz\r\nabc\r\n", b"5\r\nab", b"-1\r\n\r\n", b"FFFFFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n"],
    ids=["no number", "broken off", "negative", "huge"],
)
def test_chunks_that_are_none_are_no_error_of_ours(port: int, rest: bytes) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        raw.sendall(head + rest)
        raw.shutdown(socket.SHUT_WR)
        answer = raw.makefile("rb").readline()
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401")), answer


def test_a_form_in_chunks_arrives_too(port: int) -> None:
    """No token for the form in it, so that it is refused: but by Django, who has read it."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert ask(port, "POST", "/display/", body=chunks(b"text_size=130"), headers=headers, encode_chunked=True)[0] == 403


@pytest.mark.parametrize(("given", "kept"), [("proxy-id-0001", True), ("010-0000-0001", False), ("", False)])
def test_a_requests_id_is_on_its_answer_and_on_its_log_lines(
    port: int, key: AgencyKey, log: Path, given: str, kept: bool
) -> None:
    """Also where it is answered before Django: a gateway's forged callback."""
    connected = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connected.request("POST", PATH, body=b"{}", headers={"x-agency-key": key.key_id, "x-request-id": given})
    answer = connected.getresponse()
    answer.read()
    connected.close()
    made = answer.getheader("X-Request-ID")
    assert answer.status == 401 and made and (made == given) == kept
    assert re.search(rf"WARNING secretary.security request={made}: refused: ", log.read_text(encoding="utf-8"))
