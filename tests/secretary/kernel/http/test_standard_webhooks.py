"""The sender of a message and its time, by the signature."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretary.kernel.http import standard_webhooks
from secretary.kernel.http.standard_webhooks import Forged, Stale

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
SECRET, OLD_SECRET = b"s" * 32, b"o" * 32
BODY = b'{"records": [{"external_id": "A-1"}]}'


def signed(body: bytes = BODY, *, secret: bytes = SECRET, at: datetime = NOW, **changed: str) -> dict[str, str]:
    headers = standard_webhooks.sign("msg_1", at, body, secret)
    return headers | {name.replace("_", "-"): value for name, value in changed.items()}


def refused(headers: dict[str, str], body: bytes = BODY, secrets: tuple[bytes, ...] = (SECRET,)) -> str:
    with pytest.raises(Forged) as refusal:
        standard_webhooks.verify(headers, body, secrets, NOW)
    return refusal.value.code


def test_signs_as_the_standard_says() -> None:
    content = b"msg_1." + str(int(NOW.timestamp())).encode() + b"." + BODY
    expected = base64.b64encode(hmac.digest(SECRET, content, hashlib.sha256)).decode()
    assert signed()["webhook-signature"] == f"v1,{expected}"


def test_agrees_with_the_example_of_the_standards_own_libraries() -> None:
    # The vector in the tests of the reference implementations.
    secret = standard_webhooks.secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    sent_at = datetime.fromtimestamp(1614265330, UTC)
    headers = standard_webhooks.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, b'{"test": 2432232314}', secret)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_takes_an_authentic_message_whatever_the_case_of_its_headers() -> None:
    headers = {name.title(): value for name, value in signed().items()}
    message = standard_webhooks.verify(headers, BODY, [SECRET], NOW)
    assert (message.message_id, message.sent_at) == ("msg_1", NOW)


def test_takes_either_key_while_an_agency_changes_over() -> None:
    both = f"{signed(secret=OLD_SECRET)['webhook-signature']} v1a,x {signed()['webhook-signature']}"
    assert standard_webhooks.verify(signed(webhook_signature=both), BODY, [SECRET], NOW)
    assert standard_webhooks.verify(signed(secret=OLD_SECRET), BODY, [SECRET, OLD_SECRET], NOW)


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
def test_refuses_a_forged_message(changed: dict[str, str], code: str) -> None:
    assert refused(signed(**changed)) == code  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_refuses_a_message_without_one_of_its_headers(name: str) -> None:
    headers = signed()
    del headers[name]
    assert refused(headers) == "missing_header"


def test_refuses_everything_from_an_agency_without_a_key() -> None:
    assert refused(signed(), secrets=()) == "no_key"
    assert refused(signed(secret=OLD_SECRET)) == "bad_signature"


@pytest.mark.parametrize(("seconds", "code"), [(-301, "too_old"), (301, "from_the_future")])
def test_refuses_an_authentic_message_of_another_time(seconds: int, code: str) -> None:
    with pytest.raises(Stale) as refusal:
        standard_webhooks.verify(signed(at=NOW + timedelta(seconds=seconds)), BODY, [SECRET], NOW)
    assert refusal.value.code == code
    assert standard_webhooks.verify(signed(at=NOW + timedelta(seconds=seconds // 301 * 300)), BODY, [SECRET], NOW)


def test_a_forged_message_is_forged_however_old_it_is() -> None:
    assert refused(signed(at=NOW - timedelta(days=9), webhook_signature="v1,AAAA")) == "bad_signature"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(signed())), st.text(max_size=40)), st.binary(max_size=40))
def test_whatever_comes_is_forged_or_authentic(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Forged):
        standard_webhooks.verify(headers, body, [SECRET], NOW)


def test_a_new_secret_is_a_readable_secret() -> None:
    assert len(standard_webhooks.secret_bytes(standard_webhooks.new_secret())) == 32


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_한글", "whsec_" + "A" * 400])
def test_refuses_a_secret_that_is_too_short_or_unreadable(secret: str) -> None:
    with pytest.raises(ValueError, match="signing secret"):
        standard_webhooks.secret_bytes(secret)


def hours_named(headers: dict[str, str], body: bytes = BODY) -> tuple[str, int]:
    with pytest.raises((Forged, Stale)) as refusal:
        standard_webhooks.verify(headers, body, (SECRET,), NOW)
    return refusal.value.code, refusal.value.hours_ahead


@pytest.mark.parametrize("hours", [hours for hours in range(-14, 15) if hours])
def test_a_wall_clock_signed_as_if_it_were_utc_is_named_by_its_hours(hours: int) -> None:
    """As `standardwebhooks` 1.1.0 signs a Korean time: the header is right, the signature is over another time."""
    wall = signed(at=NOW + timedelta(hours=hours))["webhook-signature"]
    assert hours_named(signed(webhook_signature=wall)) == ("bad_signature", hours)


@pytest.mark.parametrize("hours", [-9, 9])
def test_so_it_is_with_a_long_body_for_koreas_hours(hours: int) -> None:
    body = BODY + b" " * 100_000
    wall = signed(body, at=NOW + timedelta(hours=hours))["webhook-signature"]
    assert hours_named(signed(body, webhook_signature=wall), body) == ("bad_signature", hours)


@pytest.mark.parametrize("hours", [-9, 1, 9, 14])
@pytest.mark.parametrize("seconds", [-200, 0, 200])
def test_a_wall_clock_in_header_and_signature_is_named_too(hours: int, seconds: int) -> None:
    at = NOW + timedelta(hours=hours, seconds=seconds)
    assert hours_named(signed(at=at)) == ("from_the_future" if hours > 0 else "too_old", hours)


@pytest.mark.parametrize("minutes", [6, 30, 90, 60 * 20])
def test_other_differences_are_not_called_hours(minutes: int) -> None:
    assert hours_named(signed(at=NOW - timedelta(minutes=minutes))) == ("too_old", 0)


def test_who_has_not_the_key_learns_nothing() -> None:
    wall = signed(secret=OLD_SECRET, at=NOW + timedelta(hours=9))["webhook-signature"]
    assert hours_named(signed(webhook_signature=wall)) == ("bad_signature", 0)
