"""Test that callbacks are answered at the edge of the web application, and all other requests passed on."""

import hashlib
import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from notifications.channels.contract import Receipt
from notifications.receipts import receive
from tests.notifications.conftest import forget_adapters

SECRET = {"HTTP_X_TOAST_WEBHOOK_SIGNATURE": "the-secret"}
HOOKS = (
    b'{"appKey":"app","event":"MESSAGE_RESULT_UPDATE","hooks":[{"hookId":"h1","requestId":"r","recipientSeq":1,'
    b'"resultCode":"1000","recipientGroupingKey":"ps-7"}]}'
)


class Writer:
    """Keeps what would have been stored."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []

    def write(self, *, gateway: str, receipts: list[Receipt], now: object) -> None:
        self.receipts += receipts


@pytest.fixture
def writer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Writer:
    settings.ADAPTER_CONFIG = {
        "NHN_APP_KEY": "app",
        "NHN_SECRET_KEY": "s",
        "NHN_SENDER_KEY": "k",
        "NHN_WEBHOOK_SECRET": "the-secret",
    }
    kept = Writer()
    monkeypatch.setattr(receive, "receipt_writer", lambda: kept)
    return kept


def test_a_forged_callback_is_logged_by_its_gateway_alone(writer: Writer, caplog: pytest.LogCaptureFixture) -> None:
    assert call("/webhooks/nhn/", HTTP_X_TOAST_WEBHOOK_SIGNATURE="wrong").startswith("401")
    assert [each.getMessage() for each in caplog.records] == ["refused: callback gateway=nhn"]


def call(path: str, body: bytes = HOOKS, method: str = "POST", **environ: str) -> str:
    """The status of the answer; "passed on" where Django would have answered."""
    statuses: list[str] = []

    def django(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return [b"passed on"]

    values = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    answer = list(receive.CallbacksFirst(django)(values, lambda status, _: statuses.append(status)))
    return answer[0].decode() if answer else statuses[0]


def test_an_authentic_callback_is_stored_and_answered(writer: Writer) -> None:
    assert call("/webhooks/nhn/", **SECRET) == "200 OK"  # type: ignore[arg-type]
    assert [receipt.reference for receipt in writer.receipts] == ["ps-7"]


@pytest.mark.parametrize(
    ("signed_at", "answer"),
    [("http://receiver.example", "200 OK"), ("http://web.example", "200 OK"), ("http://x.example", "401 Unauthorized")],
)
def test_a_callback_is_signed_for_the_receiver_or_for_web(
    writer: Writer, settings: Any, signed_at: str, answer: str
) -> None:
    """A message that went out before there was a receiver names web's own address."""
    settings.CALLBACK_BASE_URL, settings.PUBLIC_BASE_URL = "http://receiver.example", "http://web.example"
    token = {"TWILIO_ACCOUNT_SID": "AC0", "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+15005550006"}
    settings.ADAPTER_CONFIG = {**settings.ADAPTER_CONFIG, **token}
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signature = RequestValidator("token").compute_signature(f"{signed_at}/webhooks/twilio/?ref=ps-7", form)
    headers = {"QUERY_STRING": "ref=ps-7", "HTTP_X_TWILIO_SIGNATURE": signature}
    headers["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    forget_adapters()
    assert call("/webhooks/twilio/", urlencode(form).encode(), **headers) == answer
    assert [receipt.reference for receipt in writer.receipts] == (["ps-7"] if answer == "200 OK" else [])


@pytest.mark.parametrize(
    ("ours", "theirs", "answer"),
    [
        ("this-run", {"HTTP_X_RUN": "this-run"}, "200 OK"),
        ("this-run", {"HTTP_X_RUN": "a-run-of-before"}, "401 Unauthorized"),
        ("this-run", {"HTTP_X_RUN": ""}, "401 Unauthorized"),
        ("this-run", {}, "200 OK"),  # a test program that sends no header
        ("", {"HTTP_X_RUN": "a-run-of-before"}, "200 OK"),  # no ./run has started us
    ],
)
def test_a_sandbox_that_outlived_its_own_run_confuses_no_other(
    writer: Writer, settings: Any, ours: str, theirs: dict[str, str], answer: str
) -> None:
    settings.RUN_TOKEN = ours
    assert call("/webhooks/nhn/", **SECRET, **theirs) == answer  # type: ignore[arg-type]
    assert bool(writer.receipts) == (answer == "200 OK")


@pytest.mark.parametrize(
    ("path", "environ", "answer"),
    [
        ("/webhooks/nhn/", {"HTTP_X_TOAST_WEBHOOK_SIGNATURE": "wrong"}, "401 Unauthorized"),
        ("/webhooks/nhn/", {}, "401 Unauthorized"),
        ("/webhooks/unknown/", SECRET, "404 Not Found"),
        ("/webhooks/nhn/", {**SECRET, "CONTENT_LENGTH": "999999999"}, "413 "),
        ("/webhooks/nhn/", {**SECRET, "CONTENT_LENGTH": "-1"}, "400 Bad Request"),
        ("/webhooks/nhn/", {**SECRET, "CONTENT_LENGTH": "5"}, "400 Bad Request"),
    ],
)
def test_what_is_no_callback_is_refused_and_not_stored(
    writer: Writer, path: str, environ: dict[str, str], answer: str
) -> None:
    assert call(path, **environ).startswith(answer)  # type: ignore[arg-type]
    assert writer.receipts == []


SOLAPI = {
    "SOLAPI_API_KEY": "k",
    "SOLAPI_API_SECRET": "s",
    "SOLAPI_TALK_ID": "t",
    "SOLAPI_SENDER": "0200000000",
    "SOLAPI_WEBHOOK_SECRET": "the-secret",
    "SOLAPI_WEBHOOK_NETWORKS": "203.0.113.0/24, 2001:db8::/32",
}
REPORT = b"""[{"eventDataId": "e1", "data": {"statusCode": "4000", "groupId": "G", "messageId": "M",
    "customFields": {"reference": "ps-7"}}}]"""


@pytest.mark.parametrize(
    ("proxies", "environ", "answer"),
    [
        (0, {"REMOTE_ADDR": "203.0.113.9"}, "200 OK"),
        (0, {"REMOTE_ADDR": "2001:db8::9"}, "200 OK"),
        (0, {"REMOTE_ADDR": "::ffff:203.0.113.9"}, "200 OK"),
        (0, {"REMOTE_ADDR": "198.51.100.1"}, "401 Unauthorized"),
        (0, {"REMOTE_ADDR": "198.51.100.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, "401 Unauthorized"),
        (1, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, "200 OK"),
        (1, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.1"}, "401 Unauthorized"),
        (2, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 10.0.0.2"}, "200 OK"),
    ],
)
def test_callers_are_held_to_networks_by_the_address_that_our_proxies_saw(
    writer: Writer, settings: Any, proxies: int, environ: dict[str, str], answer: str
) -> None:
    settings.ADAPTER_CONFIG, settings.TRUSTED_PROXIES = SOLAPI, proxies
    secret = hashlib.sha1(b"the-secret").hexdigest()
    assert call("/webhooks/solapi/", REPORT, HTTP_X_SOLAPI_SECRET=secret, **environ) == answer
    client = Client(headers={"x-solapi-secret": secret})
    answered = client.post("/webhooks/solapi/", REPORT, "application/json", **environ)  # type: ignore[arg-type]  # without the edge in front
    assert answered.status_code == int(answer[:3])


@pytest.mark.parametrize(
    ("path", "method"), [("/", "POST"), ("/webhooks/nhn/", "GET"), ("/webhooks/nhn/x", "POST"), ("/webhooks/", "POST")]
)
def test_everything_else_is_handed_on(writer: Writer, path: str, method: str) -> None:
    assert call(path, method=method, **SECRET) == "passed on"  # type: ignore[arg-type]
