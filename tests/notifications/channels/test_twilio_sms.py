"""Test text messages: the same request as Twilio's own client, and callbacks that only Twilio can sign."""

import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from notifications.channels import registry
from notifications.channels.contract import Callback, Channel, ForgedCallback, UnreadableCallback, Verdict
from tests.notifications.channels.samples import NOW, asked, build, callback, message
from tests.support.gateway_stub import CLOSE, Received, Stub, gateway, http

ENV = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+15005550006"}
SPEC = json.loads((Path(__file__).parent / "fixtures" / "twilio_create_message.json").read_text())
CREATE = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
CREATED = SPEC["paths"][CREATE]["post"]["responses"]["201"]["content"]["application/json"]["examples"]
EXAMPLE: dict[str, Any] = CREATED["createWoService"]["value"]  # Twilio's own example of an answer
STATUS_URL = "https://secretary.example/webhooks/gateway/?ref=ps-1"


def sms(url: str = "http://127.0.0.1:1", **env: str) -> Channel:
    return build("twilio_sms", url, env={**ENV, **env})


def stored(**changes: Any) -> dict[str, Any]:
    sent = message(1)
    created = format_datetime(NOW - timedelta(minutes=5))
    return {**EXAMPLE, "sid": "SM1", "to": sent.address, "body": sent.text, "date_created": created, **changes}


def page(*messages: dict[str, Any]) -> bytes:
    return http(200, json.dumps({"messages": messages, "next_page_uri": None, "page_size": 50}).encode())


def answering(http_status: int, /, **body: Any) -> Callable[[Received], bytes]:
    return lambda _: http(http_status, json.dumps(body).encode())


def signed(form: dict[str, str], *, url: str = STATUS_URL, token: str = "token") -> Callback:
    signature = RequestValidator(token).compute_signature(url, form)
    return callback(urlencode(form).encode(), url, x_twilio_signature=signature)


class _ClientAt(TwilioHttpClient):
    """Twilio's own HTTP client, sent to another host."""

    def __init__(self, stub: Stub) -> None:
        super().__init__()
        self.stub = stub

    def request(self, method: str, uri: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, uri.replace("https://api.twilio.com", self.stub.url), *args, **kwargs)


@pytest.mark.parametrize("sender", ["+15005550006", "MG" + "1" * 32])
def test_the_request_is_the_one_that_twilios_client_makes(sender: str) -> None:
    with gateway(answering(201, **EXAMPLE)) as stub:
        sms(stub.url, TWILIO_FROM=sender).send([message(1)], batch_key="b")
        origin = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        http_client = _ClientAt(stub)
        client = Client(ENV["TWILIO_ACCOUNT_SID"], ENV["TWILIO_AUTH_TOKEN"], http_client=http_client)
        client.messages.create(to=message(1).address, body=message(1).text, status_callback=STATUS_URL, **origin)
        http_client.session.close()
    ours, theirs = stub.received
    assert (ours.method, ours.target) == (theirs.method, theirs.target)
    assert parse_qs(ours.body.decode()) == parse_qs(theirs.body.decode())
    for name in ("authorization", "content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name]


def test_the_request_is_valid_by_twilios_openapi_description() -> None:
    with gateway(answering(201, **EXAMPLE)) as stub:
        sms(stub.url).send([message(1)], batch_key="b")
    request = stub.received[0]
    OpenAPI.from_dict(SPEC).validate_request(
        MockRequest(
            "https://api.twilio.com",
            request.method,
            request.path,
            headers={"Authorization": request.headers["authorization"]},
            data=request.body,
            content_type=request.headers["content-type"],
        )
    )
    known = SPEC["paths"][CREATE]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(parse_qs(request.body.decode())) <= set(known["properties"])


def test_twilios_example_answer_is_accepted_with_its_sid() -> None:
    with gateway(answering(201, **EXAMPLE)) as stub:
        outcome = sms(stub.url).send([message(1)], batch_key="b")[0]
    assert (outcome.verdict, outcome.vendor_id) == (Verdict.ACCEPTED, EXAMPLE["sid"])


def test_a_title_becomes_the_first_line() -> None:
    with gateway(answering(201, **EXAMPLE)) as stub:
        sms(stub.url).send([message(1, title="교통과태료")], batch_key="b")
    assert parse_qs(stub.received[0].body.decode())["Body"][0].startswith("교통과태료\n[국민비서]")


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (21211, Verdict.UNDELIVERABLE),
        (21610, Verdict.UNDELIVERABLE),
        (21602, Verdict.TEMPLATE_REJECTED),
        (21617, Verdict.UNDELIVERABLE),
        (20003, Verdict.RETRY_LATER),
        (29999, Verdict.RETRY_LATER),
    ],
)
def test_a_refusal_says_what_to_do_next(code: int, verdict: Verdict) -> None:
    with gateway(answering(400, code=code, message="no", status=400)) as stub:
        outcome = sms(stub.url).send([message(1)], batch_key="b")[0]
    assert (outcome.verdict, outcome.code) == (verdict, str(code))


def test_a_message_is_polled_by_its_sid() -> None:
    with gateway(answering(200, **stored(status="undelivered", error_code=30003))) as stub:
        outcome = sms(stub.url).poll([asked(message(1), vendor_id="SM1")])[0]
    assert stub.received[0].path.endswith("/Messages/SM1.json")
    assert (outcome.verdict, outcome.code) == (Verdict.UNDELIVERABLE, "30003")


def test_a_lost_answer_is_found_again_by_number_and_exact_text() -> None:
    other = stored(sid="SM0", body="[국민비서] 다른 안내")
    with gateway(lambda _: page(other, stored(status="delivered"))) as stub:
        outcome = sms(stub.url).poll([asked(message(1))])[0]
    assert stub.received[0].query["To"] == message(1).address
    assert (outcome.verdict, outcome.vendor_id) == (Verdict.DELIVERED, "SM1")


def test_an_older_message_with_the_same_text_is_another_one() -> None:
    old = stored(date_created=format_datetime(NOW - timedelta(days=1)))
    with gateway(lambda _: page(old)) as stub:
        assert sms(stub.url).poll([asked(message(1))])[0].verdict is Verdict.RETRY_LATER


def test_a_message_that_twilio_never_saw_may_be_sent_again_after_a_while() -> None:
    with gateway(lambda _: page()) as stub:
        assert sms(stub.url).poll([asked(message(1), age=timedelta(seconds=5))]) == []
        assert sms(stub.url).poll([asked(message(1), age=timedelta(minutes=5))])[0].verdict is Verdict.RETRY_LATER


def test_a_full_page_that_does_not_reach_back_far_enough_decides_nothing() -> None:
    newer = [stored(sid=f"SM{number}", body="[국민비서] 다른 안내") for number in range(50)]
    with gateway(lambda _: page(*newer)) as stub:
        assert sms(stub.url).poll([asked(message(1))]) == []


def test_an_unknown_sid_decides_nothing() -> None:
    with gateway(answering(404, code=20404, message="not found", status=404)) as stub:
        assert sms(stub.url).poll([asked(message(1), vendor_id="SM1")]) == []


def test_a_lost_answer_is_not_sent_twice_and_then_found() -> None:
    """Twilio accepts, the answer is lost on a kept connection, and the list has it."""

    def answer(request: Received) -> bytes:
        if request.method == "GET":
            return page(stored(status="sent"))
        return http(201, json.dumps(EXAMPLE).encode()) if b"Body=first" in request.body else CLOSE

    with gateway(answer) as stub:
        channel = sms(stub.url)
        channel.send([message(9, text="first")], batch_key="a")
        assert channel.send([message(1)], batch_key="b")[0].verdict is Verdict.UNKNOWN
        assert channel.poll([asked(message(1))])[0].verdict is Verdict.ACCEPTED
    assert [request.method for request in stub.received] == ["POST", "POST", "GET"]


@pytest.mark.parametrize(
    ("status", "error", "verdict", "code"),
    [
        ("sent", "", Verdict.ACCEPTED, "sent"),
        ("delivered", "", Verdict.DELIVERED, "delivered"),
        ("undelivered", "30006", Verdict.UNDELIVERABLE, "30006"),
        ("undelivered", "30007", Verdict.UNDELIVERABLE, "30007"),
        ("failed", "39999", Verdict.UNDELIVERABLE, "39999"),
        ("surprising", "", Verdict.UNKNOWN, "surprising"),
    ],
)
def test_a_status_callback_becomes_a_receipt(status: str, error: str, verdict: Verdict, code: str) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": "+821000000001", "Empty": ""}
    receipt = sms().receive(signed({**form, "ErrorCode": error} if error else form))[0]
    assert (receipt.reference, receipt.vendor_id, receipt.verdict, receipt.code) == ("ps-1", "SM1", verdict, code)
    assert receipt.event_id == f"SM1:{status}"


def test_a_callback_of_twilios_sha256_kind_is_accepted() -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signature = RequestValidator("token").compute_signature(STATUS_URL, form, "HMAC_SHA256")
    headers = {
        "x_twilio_signature": signature,
        "x_twilio_webhooks_signature_settings": "key=k,algorithm=HMAC_SHA256",
    }
    assert sms().receive(callback(urlencode(form).encode(), STATUS_URL, **headers))


OTHER_URL = STATUS_URL.replace("ps-1", "ps-2")
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered"}


@pytest.mark.parametrize(
    "forged",
    [
        signed(FORM, token="another account's"),
        Callback("POST", STATUS_URL, signed(FORM, url=OTHER_URL).headers, urlencode(FORM).encode()),
        Callback("POST", STATUS_URL, signed(FORM).headers, urlencode({**FORM, "MessageStatus": "failed"}).encode()),
        callback(urlencode(FORM).encode(), STATUS_URL),
        callback(urlencode(FORM).encode(), STATUS_URL, x_twilio_signature=""),
        callback(urlencode(FORM).encode(), STATUS_URL, x_twilio_signature="한글"),
    ],
    ids=["other-token", "other-reference", "changed-status", "unsigned", "empty", "no-ascii"],
)
def test_a_forged_callback_is_refused(forged: Callback) -> None:
    with pytest.raises(ForgedCallback):
        sms().receive(forged)


@pytest.mark.parametrize("form", [{"MessageSid": "SM1"}, {"MessageStatus": "sent"}])
def test_an_authentic_callback_without_what_we_need_is_unreadable(form: dict[str, str]) -> None:
    with pytest.raises(UnreadableCallback):
        sms().receive(signed(form))


def test_a_repeated_field_is_unreadable() -> None:
    with pytest.raises(UnreadableCallback):
        sms().receive(callback(b"MessageSid=SM1&MessageSid=SM2&MessageStatus=sent", STATUS_URL))


def test_the_real_host_is_the_default() -> None:
    assert registry.env_names("twilio_sms")[-1] == registry.EnvName("TWILIO_BASE_URL", required=False)


def test_questions_end_when_their_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.channels.twilio_sms.POLL_SECONDS", -1.0)
    with gateway(answering(200, **stored(status="delivered"))) as stub:
        assert sms(stub.url).poll([asked(message(1), vendor_id="SM1")]) == []
    assert stub.received == []
