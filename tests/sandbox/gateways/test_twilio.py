"""The text-message gateway, checked with Twilio's own client and validator."""

from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from sandbox.state import credentials
from tests.sandbox.callers import twilio
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.sandbox_process import SandboxProcess


class _Redirected(TwilioHttpClient):
    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def request(self, method: str, url: str, *arguments: object, **options: object) -> object:
        return super().request(method, url.replace("https://api.twilio.com", self._base), *arguments, **options)


def client_of(sandbox: SandboxProcess, token: str = credentials.TWILIO_AUTH_TOKEN) -> Client:
    return Client(credentials.TWILIO_ACCOUNT_SID, token, http_client=_Redirected(sandbox.url))


def test_twilios_own_client_sends_fetches_and_lists(sandbox: SandboxProcess) -> None:
    client = client_of(sandbox)
    sent = [
        client.messages.create(to="+821000000001", from_=credentials.TWILIO_FROM, body=f"안내 {number}")
        for number in range(3)
    ]
    assert {message.status for message in sent} == {"queued"}
    wait_until(lambda: client.messages(sent[0].sid).fetch().status == "delivered")
    listed = list(client.messages.list(to="+821000000001", page_size=2))
    assert [message.body for message in listed] == ["안내 2", "안내 1", "안내 0"]


def test_the_callback_passes_twilios_own_validator(sandbox: SandboxProcess, receiver: Receiver) -> None:
    url = f"{receiver.url}/webhooks/twilio/?ref=ps-7"
    twilio(sandbox, StatusCallback=url)
    sent, delivered = receiver.wait_for(2)
    validator = RequestValidator(credentials.TWILIO_AUTH_TOKEN)
    for received, status in ((sent, "sent"), (delivered, "delivered")):
        form = dict(parse_qsl(received.body.decode()))
        assert form["MessageStatus"] == status
        assert validator.validate(url, form, received.headers["x-twilio-signature"])
    assert sandbox.rows()[0]["reference"] == "ps-7"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "12345"}, 21211),
        ({"To": "+82212345678"}, 21614),
        ({"From": None}, 21603),
        ({"From": "+15005550001"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "가" * 1601}, 21617),
        ({"StatusCallback": "ftp://example.com"}, 21609),
    ],
)
def test_a_request_that_twilio_would_refuse_is_refused(
    sandbox: SandboxProcess, form: dict[str, str | None], code: int
) -> None:
    answer = twilio(sandbox, **form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert sandbox.rows() == []


def test_a_wrong_token_is_refused(sandbox: SandboxProcess) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client_of(sandbox, token="wrong").messages.create(to="+821000000001", from_="+15005550006", body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize(
    ("handset", "code"),
    [({"blocked": ["sms"]}, "30004"), ({"not_a_user": ["sms"]}, "30006"), ({"off": True}, "30003")],
)
def test_a_phone_that_is_not_reached_is_reported_undelivered(
    sandbox: SandboxProcess, receiver: Receiver, handset: dict[str, object], code: str
) -> None:
    sandbox.handset("1", **handset)
    twilio(sandbox, StatusCallback=f"{receiver.url}/webhooks/twilio/")
    received = receiver.wait_for(2)[1]
    form = dict(parse_qsl(received.body.decode()))
    assert (form["MessageStatus"], form["ErrorCode"]) == ("undelivered", code)
    url, signature = receiver.url + received.path, received.headers["x-twilio-signature"]
    assert RequestValidator(credentials.TWILIO_AUTH_TOKEN).validate(url, form, signature)
