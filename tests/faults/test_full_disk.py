"""Fault matrix 11: the database's disk is full. Every caller is asked to come again, and nothing is lost."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import pytest

from sandbox.agencies.push import PATH, headers
from sandbox.state import credentials
from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.doors import AUTHENTIC, HOOK, Answer, Caller, assert_open
from tests.faults.rig.service import PEOPLE, Service, fine, fines, running_service
from tests.faults.rig.small_disk import full, may_mount, small_disk

pytestmark = pytest.mark.faults
BACKLOG, FIRST = 300, 50_000
RECORDS, HOOKS = 1000, 5000  # more than fits into what the tables have left of their last blocks
COME_AGAIN = (503, "30")


@pytest.fixture(scope="module")
def on_a_small_disk(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Service]:
    if not may_mount(tmp_path_factory.mktemp("mounted")):
        pytest.skip("no file system can be mounted here, so no disk can be filled: run the tests as root of a machine")
    with running_service(disk=small_disk) as started:
        yield started


@pytest.fixture
def caller(on_a_small_disk: Service) -> Caller:
    return Caller(on_a_small_disk)


def poll(service: Service, path: str, body: bytes, with_headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(service.url + path, data=body, headers=with_headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return Answer(answer.status, answer.headers.get("Retry-After", ""), "", answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get("Retry-After", ""), "", error.read().decode())


def push(service: Service, first: int) -> Answer:
    body = json.dumps({"records": [fine(first + n, (first + n) % PEOPLE) for n in range(RECORDS)]}).encode()
    return poll(service, PATH, body, headers(f"push-{uuid.uuid4().hex}", body, int(time.time())))


def receipts(service: Service) -> Answer:
    """Of messages that we know nothing of."""
    hooks = [{**HOOK, "hookId": uuid.uuid4().hex, "recipientGroupingKey": "ps-0"} for _ in range(HOOKS)]
    body = {"appKey": credentials.NHN_APP_KEY, "event": "MESSAGE_RESULT_UPDATE", "hooks": hooks}
    return poll(service, "/webhooks/nhn/", json.dumps(body).encode(), AUTHENTIC)


def readiness(service: Service) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{service.url}/readyz", timeout=120) as answer:
            return answer.status, json.load(answer)["parts"]["storage"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["parts"]["storage"]


def test_a_full_disk_is_reported_to_every_caller_and_loses_nothing(on_a_small_disk: Service, caller: Caller) -> None:
    service = on_a_small_disk
    service.push(fines(BACKLOG, PEOPLE))
    service.wait_until(lambda: service.accepted() > 0)
    service.rows("CHECKPOINT")  # the next is minutes away: one that cannot write its files takes the server down
    with full(service.postgres.place):
        refused = [push(service, FIRST), receipts(service)]
        service.wait_until(lambda: readiness(service) == (503, "disk full"))
        pages = [caller.page(path) for path in ("/", "/sign-up/", "/officials/login/", "/admin/login/")]
        alive = service.get("/healthz")
        held = service.rows("SELECT count(*) FROM notifications_record")
    assert [(answer.status, answer.retry_after) for answer in refused] == [COME_AGAIN] * 2, refused
    assert json.loads(refused[0].body)["code"] == "unavailable"
    assert {page.status for page in pages} <= {200, 503}, pages  # what only reads goes on
    assert (alive, held) == (200, [(BACKLOG,)])
    service.wait_until(lambda: readiness(service) == (200, "ok"))
    assert push(service, FIRST).status == 200  # the same records again, as the agency does
    service.wait_until_finished(BACKLOG + RECORDS)
    assert_balanced(service, committed=BACKLOG + RECORDS)
    assert_open(service)
