import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.agencies import signed_push
from notifications.agencies.contract import SourceRefused
from notifications.agencies.signed_push import ForgedPush, StalePush

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
SECRET, OLD_SECRET = b"s" * 32, b"o" * 32
BODY = b'{"records": [{"external_id": "A-1"}]}'


def signed(body: bytes = BODY, *, secret: bytes = SECRET, at: datetime = NOW, **changed: str) -> dict[str, str]:
    headers = signed_push.sign("msg_1", at, body, secret)
    return headers | {name.replace("_", "-"): value for name, value in changed.items()}


def refused(headers: dict[str, str], body: bytes = BODY, secrets: tuple[bytes, ...] = (SECRET,)) -> str:
    with pytest.raises(ForgedPush) as refusal:
        signed_push.verify(headers, body, secrets, NOW)
    return refusal.value.code


def test_signs_as_the_standard_says() -> None:
    content = b"msg_1." + str(int(NOW.timestamp())).encode() + b"." + BODY
    expected = base64.b64encode(hmac.digest(SECRET, content, hashlib.sha256)).decode()
    assert signed()["webhook-signature"] == f"v1,{expected}"


def test_agrees_with_the_example_of_the_standards_own_libraries() -> None:
    # The vector in the tests of the reference implementations.
    secret = signed_push.secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    sent_at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_push.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, b'{"test": 2432232314}', secret)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_takes_an_authentic_push_whatever_the_case_of_its_headers() -> None:
    headers = {name.title(): value for name, value in signed().items()}
    push = signed_push.verify(headers, BODY, [SECRET], NOW)
    assert (push.message_id, push.sent_at) == ("msg_1", NOW)


def test_takes_either_key_while_an_agency_changes_over() -> None:
    both = f"{signed(secret=OLD_SECRET)['webhook-signature']} v1a,x {signed()['webhook-signature']}"
    assert signed_push.verify(signed(webhook_signature=both), BODY, [SECRET], NOW)
    assert signed_push.verify(signed(secret=OLD_SECRET), BODY, [SECRET, OLD_SECRET], NOW)


def test_refuses_a_body_that_was_serialised_again() -> None:
    assert refused(signed(), json.dumps(json.loads(BODY), separators=(",", ":")).encode()) == "bad_signature"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"webhook_signature": ""}, "bad_signature"),
        ({"webhook_signature": "v1,"}, "bad_signature"),
        ({"webhook_signature": "v2,AAAA"}, "bad_signature"),
        ({"webhook_signature": "v1,é\udcff"}, "bad_signature"),
        ({"webhook_signature": "v1,AAAA " * 1000}, "bad_signature"),
        ({"webhook_id": "msg_2"}, "bad_signature"),
        ({"webhook_id": ""}, "bad_id"),
        ({"webhook_id": "a.b"}, "bad_id"),
        ({"webhook_id": "a" * 101}, "bad_id"),
        ({"webhook_id": "줄\n"}, "bad_id"),
        ({"webhook_timestamp": "1e9"}, "bad_timestamp"),
        ({"webhook_timestamp": "-1"}, "bad_timestamp"),
        ({"webhook_timestamp": "１２３"}, "bad_timestamp"),
        ({"webhook_timestamp": "9" * 400}, "bad_timestamp"),
    ],
)
def test_refuses_a_forged_push(changed: dict[str, str], code: str) -> None:
    assert refused(signed(**changed)) == code


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_refuses_a_push_without_one_of_its_headers(name: str) -> None:
    headers = signed()
    del headers[name]
    assert refused(headers) == "missing_header"


def test_refuses_everything_from_an_agency_without_a_key() -> None:
    assert refused(signed(), secrets=()) == "no_key"
    assert refused(signed(secret=OLD_SECRET)) == "bad_signature"


@pytest.mark.parametrize(("seconds", "code"), [(-301, "too_old"), (301, "from_the_future")])
def test_refuses_an_authentic_push_of_another_time(seconds: int, code: str) -> None:
    with pytest.raises(StalePush) as refusal:
        signed_push.verify(signed(at=NOW + timedelta(seconds=seconds)), BODY, [SECRET], NOW)
    assert refusal.value.code == code
    assert signed_push.verify(signed(at=NOW + timedelta(seconds=seconds // 301 * 300)), BODY, [SECRET], NOW)


def test_a_forged_push_is_forged_however_old_it_is() -> None:
    assert refused(signed(at=NOW - timedelta(days=9), webhook_signature="v1,AAAA")) == "bad_signature"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(signed())), st.text(max_size=40)), st.binary(max_size=40))
def test_whatever_comes_is_forged_or_authentic(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(ForgedPush):
        signed_push.verify(headers, body, [SECRET], NOW)


def test_a_new_secret_is_a_readable_secret() -> None:
    assert len(signed_push.secret_bytes(signed_push.new_secret())) == 32


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_한글", "whsec_" + "A" * 400])
def test_refuses_a_secret_that_is_too_short_or_unreadable(secret: str) -> None:
    with pytest.raises(ValueError, match="signing secret"):
        signed_push.secret_bytes(secret)


def test_reads_the_records_of_a_batch() -> None:
    records = [
        {"external_id": "A-1", "subject": {"name": "김가짜"}, "fields": {"amount": 40000}},
        {"external_id": "A-2"},
    ]
    lines = signed_push.read_batch(json.dumps({"records": records}, indent=1).encode())
    assert [(line.number, line.data) for line in lines] == [(1, records[0]), (2, records[1])]
    assert signed_push.read_batch(b' {"records" : [ ] } ') == []


@pytest.mark.parametrize("record", [1, "x", None, [1], {"a": [1]}, {"fields": {"a": {"b": 1}}}, {"fields": {"a": [1]}}])
def test_names_the_record_that_is_of_another_shape(record: Any) -> None:
    bad, good = signed_push.read_batch(json.dumps({"records": [record, {"a": 1}]}).encode())
    assert (bad.number, bad.error, bad.data) == (1, "wrong_shape", None)
    assert (good.number, good.error, good.data) == (2, "", {"a": 1})


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b"", "wrong_shape", "records"),
        (b"[]", "wrong_shape", "records"),
        (b'{"records": {}}', "wrong_shape", "records"),
        (b'{"records": [], "more": 1}', "not_json", "record 1, character 14"),
        (b'{"records": [{}]', "not_json", "after record 1, character 16"),
        (b'{"records": [{} {}]}', "not_json", "after record 1"),
        (b'{"records": [{}]} x', "not_json", "after record 1"),
        (b'{"records": [{},]}', "not_json", "record 2, character 17"),
        (b'{"records": [{}, {"a": 1, "a": 2}]}', "duplicate_key", "record 2, character 18"),
        (b'{"records": [{"a": NaN}]}', "not_a_number", "record 1"),
        (b'{"records": [{"a": 1e999}]}', "number_too_large", "record 1"),
        (b'{"records": [{"a": "\\ud800"}]}', "lone_surrogate", "record 1"),
        (b'{"records": [{"a": "\\u0000"}]}', "control_character", "record 1"),
        (b'{"records": [' + b'{"a":' * 50_000, "too_deep", "record 1"),
        (b'{"records": [' + b"[" * 20 + b"]" * 20 + b"]}", "too_deep", "record 1"),
        (b'{"records": [{"a": "\xb1\xe8"}]}', "not_utf8", "byte 21"),
        (b'{"records": [{}, {}, {}]}', "too_many", "2 records"),
        (b" " * 600_000, "too_large", "500000"),
    ],
)
def test_refuses_a_batch_as_a_whole_and_says_where(body: bytes, code: str, place: str) -> None:
    with pytest.raises(SourceRefused) as refusal:
        signed_push.read_batch(body, max_bytes=500_000, max_records=2)
    assert refusal.value.code == code
    assert place in refusal.value.detail


@settings(deadline=None)
@given(st.binary(max_size=80) | st.text('{}[]",:\\u0d8a1 records', max_size=80).map(str.encode))
def test_any_bytes_are_lines_or_a_refusal(noise: bytes) -> None:
    for body in (noise, b'{"records": [' + noise + b"]}"):
        try:
            signed_push.read_batch(body)
        except SourceRefused as refusal:
            assert refusal.code
