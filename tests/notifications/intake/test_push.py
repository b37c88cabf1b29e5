"""Test the agencies' API from an agency's side: signed HTTP, clear answers, nothing ingested twice."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import override_script_prefix
from django.utils.translation import override
from ninja.openapi.schema import get_schema

from notifications.intake.api import api
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, Alarm, FeedRun, PushMessage, Record
from secretary.kernel.http import standard_webhooks
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from tests.notifications.cast import MORNING, make_data_type, make_feed, record

pytestmark = pytest.mark.django_db
URL = "/api/agencies/v1/records"


@pytest.fixture
def key() -> AgencyKey:
    make_data_type()
    key = AgencyKey(feed=make_feed(), key_id="knpa-1")
    key.secret = new_secret()
    key.save()
    return key


def push(client: Client, key: AgencyKey, body: Any, *, message_id: str = "m-1", at: datetime | None = None,
         secret: str = "", **headers: str) -> Any:  # fmt: skip
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = sign(message_id, at or datetime.now(UTC), raw, secret_bytes(secret or key.secret))
    return client.post(URL, raw, "application/json", headers={**signed, "x-agency-key": key.key_id, **headers})


def test_a_signed_batch_is_taken_in_and_counted(client: Client, key: AgencyKey) -> None:
    answer = push(client, key, {"records": [record(1), record(2), record(3, version=0)]})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["read"], body["new"], body["refused"], body["repeated"]) == (3, 2, 1, False)
    assert [(line["line"], line["reason"]) for line in body["refused_lines"]] == [(3, "out_of_range")]
    assert "범위" in body["refused_lines"][0]["cure"]["ko"] and "range" in body["refused_lines"][0]["cure"]["en"]


def test_a_push_starts_the_matching_unless_another_batch_waits_for_it(
    client: Client, key: AgencyKey, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Who matches the one that waits looks again afterwards."""
    enqueued: list[str] = []
    monkeypatch.setattr("notifications.intake.push.enqueue", enqueued.append)
    for number in (1, 2, 3):
        with django_capture_on_commit_callbacks(execute=True):
            push(client, key, {"records": [record(number)]}, message_id=f"m-{number}")
        if number == 2:
            match_everything(now=MORNING)
    assert enqueued == ["match", "match"]


def test_a_repeated_id_is_answered_and_not_done_again(client: Client, key: AgencyKey) -> None:
    body = {"records": [record(1)]}
    push(client, key, body)
    answer = push(client, key, body)
    assert (answer.status_code, answer.json()["repeated"], answer.json()["new"]) == (200, True, 1)
    assert Record.objects.count() == 1


def test_a_repeated_id_with_other_records_is_refused_and_on_record(client: Client, key: AgencyKey) -> None:
    push(client, key, {"records": [record(1)]})
    answer = push(client, key, {"records": [record(2)]})
    assert (answer.status_code, answer.json()["code"]) == (409, "id_used")
    assert set(answer.json()["cure"]) == {"en", "ko"}
    assert "new id" in answer.json()["detail"]
    assert Record.objects.count() == 1
    assert [run.state for run in FeedRun.objects.order_by("id")] == ["finished", "refused"]
    assert Alarm.objects.get().kind == "feed"


def test_a_push_from_before_digests_were_kept_is_taken_at_its_ids_word(client: Client, key: AgencyKey) -> None:
    push(client, key, {"records": [record(1)]})
    PushMessage.objects.update(body_digest=None)
    assert push(client, key, {"records": [record(2)]}).json()["repeated"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False], ids=["same records", "other records"])
def test_one_id_sent_by_many_at_once_is_taken_once(key: AgencyKey, same: bool) -> None:
    bodies = [{"records": [record(1)]}] * 8 if same else [{"records": [record(1)]} for _ in range(8)]
    gate = Barrier(len(bodies))

    def send(body: Any) -> int:
        gate.wait()
        try:
            return push(Client(), key, body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = Counter(pool.map(send, bodies))
    assert answers == ({200: 8} if same else {200: 1, 409: 7})
    assert (Record.objects.count(), PushMessage.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-id": "other"},
        {"webhook-timestamp": "1"},
        {"x-agency-key": "unknown"},
        {"x-agency-key": ""},
    ],
)
def test_a_forged_push_is_refused(client: Client, key: AgencyKey, change: Any) -> None:
    answer = push(client, key, {"records": [record(1)]}, **change)
    assert answer.status_code == 401
    assert not Record.objects.exists()


def test_a_changed_body_is_refused(client: Client, key: AgencyKey) -> None:
    raw = json.dumps({"records": [record(1)]}).encode()
    signed = sign("m", datetime.now(UTC), raw, secret_bytes(key.secret))
    answer = client.post(URL, raw + b" ", "application/json", headers={**signed, "x-agency-key": key.key_id})
    assert answer.status_code == 401


def test_a_revoked_key_and_another_feeds_key_are_refused(client: Client, key: AgencyKey) -> None:
    assert push(client, key, {"records": []}, secret=new_secret()).status_code == 401
    AgencyKey.objects.update(revoked_at=datetime.now(UTC))
    assert push(client, key, {"records": []}).status_code == 401


def test_an_unknown_key_and_a_wrong_signature_get_the_same_answer(
    client: Client, key: AgencyKey, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC)  # an answer has the second in which it was given
    monkeypatch.setattr("notifications.intake.push.clock.now", lambda: at)
    body = {"records": [record(1)]}
    wrong = push(client, key, body, secret=new_secret())
    unknown = push(client, key, body, **{"x-agency-key": "unknown"})  # type: ignore[arg-type]
    AgencyKey.objects.update(revoked_at=datetime.now(UTC))
    revoked = push(client, key, body)
    answers = {(answer.status_code, answer.content) for answer in (wrong, unknown, revoked)}
    assert len(answers) == 1
    reported = [record.getMessage() for record in caplog.records if record.name == "secretary.security"]
    assert len(reported) == 3
    assert len(set(reported)) == 1
    assert "code=bad_signature" in reported[0]
    assert "127.0.0.1" not in reported[0]


def test_as_much_is_done_for_an_unknown_key_as_for_a_wrong_signature(
    client: Client, key: AgencyKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    monkeypatch.setattr(standard_webhooks, "_signature", lambda *_given: compared.append(1) or b"v1,none")  # type: ignore[func-returns-value]
    raw = json.dumps({"records": []}).encode()
    headers = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    done = []
    for name in (key.key_id, "unknown", ""):
        compared.clear()
        client.post(URL, raw, "application/json", headers={**headers, "x-agency-key": name})
        done.append(len(compared))
    assert len(set(done)) == 1
    assert done[0] > 0


def test_a_push_signed_by_a_wall_clock_is_refused_with_the_hours_it_is_off(client: Client, key: AgencyKey) -> None:
    """The way of `standardwebhooks` 1.1.0 for Python with an aware time of Seoul."""
    now, raw = datetime.now(UTC), json.dumps({"records": []}).encode()
    wall = sign("m-1", now + timedelta(hours=9), raw, secret_bytes(key.secret))["webhook-signature"]
    answer = push(client, key, raw, at=now, **{"webhook-signature": wall})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert "the time that was signed is 9 h ahead of webhook-timestamp" in answer.json()["detail"]


def test_a_push_whose_timestamp_is_a_wall_clock_is_named_as_such(client: Client, key: AgencyKey) -> None:
    answer = push(client, key, {"records": []}, at=datetime.now(UTC) + timedelta(hours=9))
    assert (answer.status_code, answer.json()["code"]) == (400, "from_the_future")
    assert "it is 9 h ahead of now; timestamps are UTC seconds" in answer.json()["detail"]


def test_the_agencies_page_says_what_a_timestamp_is(client: Client) -> None:
    assert "seconds since 1970-01-01 00:00 UTC" in client.get("/api/agencies/").content.decode()


def test_an_old_push_is_refused(client: Client, key: AgencyKey) -> None:
    answer = push(client, key, {"records": [record(1)]}, at=datetime.now(UTC) - timedelta(minutes=6))
    assert (answer.status_code, answer.json()["code"]) == (400, "too_old")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"records": {}}',
        b'{"records": [{"a": 1, "a": 2}]}',
        b'{"records": [NaN]}',
        b'{"records": [' + b"[" * 2000 + b"]" * 2000 + b"]}",
        b'{"records": ["\xff"]}',
        b'{"records": [' + b",".join([b"{}"] * 1001) + b"]}",
    ],
)
def test_what_is_no_strict_batch_is_refused_with_a_reason_and_on_record(
    client: Client, key: AgencyKey, body: Any
) -> None:
    answer = push(client, key, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"]
    assert FeedRun.objects.get().state == "refused"


def test_a_body_that_is_too_large_is_refused_before_it_is_parsed(client: Client, key: AgencyKey) -> None:
    assert push(client, key, b"x" * 5_000_001).status_code == 413


def test_one_bad_line_refuses_the_batch_of_an_all_or_nothing_feed(client: Client, key: AgencyKey) -> None:
    key.feed.all_or_nothing = True
    key.feed.save()
    answer = push(client, key, {"records": [record(1), record(1, version=0)]})
    assert (answer.status_code, answer.json()["code"]) == (422, "batch_refused")
    assert answer.json()["refused_lines"][0]["line"] == 2
    assert not Record.objects.exists()


def test_only_post_is_taken_and_the_description_is_there_for_people_and_machines(client: Client) -> None:
    assert client.get(URL).status_code == 405
    assert "webhook-signature" in client.get("/api/agencies/").content.decode()
    description = client.get("/api/agencies/v1/openapi.json").json()
    assert "/api/agencies/v1/records" in description["paths"]


def test_the_description_is_made_once_for_all_languages_and_hosts(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    address = "/api/agencies/v1/openapi.json"
    made = client.get(address).content
    with override("ko"):
        korean = get_schema(api, path_prefix="api/agencies/v1/")
    assert json.loads(json.dumps(korean)) == json.loads(made)
    with override_script_prefix("/under/"):
        elsewhere = client.get(address).json()
    assert "/under/api/agencies/v1/records" in elsewhere["paths"]
    monkeypatch.setattr("ninja.main.get_schema", lambda **_: pytest.fail("made anew"))
    for language, host in (("ko", "a.test"), ("en", "b.test")):
        assert client.get(address, headers={"accept-language": language, "host": host}).content == made
