"""Test Naver smart notifications against the request and the response models of Solapi's own SDK."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from solapi import SolapiMessageService
from solapi.lib.authenticator import Authenticator
from solapi.model import RequestMessage, SendRequestConfig
from solapi.model.naver.naver_option import NaverOption
from solapi.model.request.messages.get_messages import GetMessagesRequest
from solapi.model.response.messages.get_messages import GetMessagesResponse
from solapi.model.webhook.single_report import SingleReportPayload

from notifications.channels.contract import Channel, ForgedCallback, UnreadableCallback, Verdict
from tests.notifications.channels.samples import NOW, asked, build, by_reference, callback, message
from tests.support.gateway_stub import gateway, http

ENV = {
    "SOLAPI_API_KEY": "KEY",
    "SOLAPI_API_SECRET": "SECRET",
    "SOLAPI_TALK_ID": "talk",
    "SOLAPI_SENDER": "0210000000",
    "SOLAPI_WEBHOOK_SECRET": "hush",
}
HUSHED = hashlib.sha1(b"hush").hexdigest()


def naver(url: str = "http://127.0.0.1:1", **env: str) -> Channel:
    return build("solapi_smart_notification", url, env={**ENV, **env})


def item(number: int, code: str = "2000", **fields: Any) -> dict[str, Any]:
    custom = {"reference": f"ps-{number}"}
    return {"messageId": f"M{number}", "statusCode": code, "statusMessage": "-", "customFields": custom, **fields}


def sent(*listed: dict[str, Any], failed: tuple[dict[str, Any], ...] = ()) -> bytes:
    body = {"groupInfo": {"groupId": "G1"}, "messageList": listed, "failedMessageList": failed}
    return http(200, json.dumps(body).encode())


def listing(*items: dict[str, Any]) -> bytes:
    messages = {each["messageId"]: {"groupId": "G1", "to": "01000000001", **each} for each in items}
    body = {"limit": 500, "messageList": messages, "startKey": None, "nextKey": None}
    GetMessagesResponse.model_validate(body)  # our stub's shape is the SDK's
    return http(200, json.dumps(body).encode())


def report(*events: dict[str, Any]) -> bytes:
    SingleReportPayload.model_validate(events)
    return json.dumps(events).encode()


def event(number: int, code: str) -> dict[str, Any]:
    return {"eventDataId": f"E{number}", "data": {**item(number, code), "groupId": "G1"}, "retryCount": 0}


def test_the_request_is_the_one_that_solapis_sdk_makes() -> None:
    """Except for `naverOptions`, which the SDK lacks, and `agent`, its own name."""
    with gateway(lambda _: http(400, b'{"errorCode": "X", "errorMessage": "x"}')) as stub:
        naver(stub.url).send([message(1, template="T")], batch_key="b")
        service = SolapiMessageService("KEY", "SECRET")
        service.base_url = stub.url
        custom = {"reference": "ps-1"}
        theirs = RequestMessage(to="010-0000-0001", from_="02-1000-0000", type="NSA", custom_fields=custom)
        with pytest.raises(Exception, match="X"):
            service.send(theirs, SendRequestConfig(allow_duplicates=True, show_message_list=True))
    ours, sdks = stub.received
    assert (ours.method, ours.target) == (sdks.method, sdks.target)
    assert ours.headers["content-type"] == sdks.headers["content-type"]
    body, sdk_body = json.loads(ours.body), json.loads(sdks.body)
    options = body["messages"][0].pop("naverOptions")
    assert body["messages"][0].pop("autoTypeDetect") is False  # the type is given, nothing is to be guessed
    assert sdk_body["messages"][0].pop("autoTypeDetect") is True
    del sdk_body["agent"]
    assert body == sdk_body
    assert NaverOption.model_validate(options).model_dump(by_alias=True, exclude_none=True) == options
    assert options == {
        "talkId": "talk",
        "templateId": "T",
        "disableSms": True,
        "variables": {"#{이름}": "홍길동", "#{확인코드}": "K7MP-2QX9-3HVC"},
    }


def test_the_authorization_is_the_one_that_solapis_sdk_computes() -> None:
    with gateway(lambda _: sent(item(1))) as stub:
        naver(stub.url).send([message(1)], batch_key="b")
    kind, _, rest = stub.received[0].headers["authorization"].partition(" ")
    fields = dict(part.split("=", 1) for part in rest.split(", "))
    assert kind == "HMAC-SHA256"
    assert list(fields) == ["ApiKey", "Date", "salt", "signature"]
    assert fields["signature"] == Authenticator.get_signature("SECRET", fields["Date"] + fields["salt"])
    assert datetime.fromisoformat(fields["Date"]) == NOW


def test_each_message_has_a_result_of_its_own() -> None:
    answer = sent(item(1), item(3), failed=(item(2, "1043"), item(4, "1061")))
    with gateway(lambda _: answer) as stub:
        outcomes = by_reference(naver(stub.url).send([message(n) for n in range(1, 6)], batch_key="b"))
    assert [(outcomes[f"ps-{n}"].verdict, outcomes[f"ps-{n}"].vendor_id) for n in range(1, 6)] == [
        (Verdict.ACCEPTED, "G1/M1"),
        (Verdict.TEMPLATE_REJECTED, "G1/M2"),
        (Verdict.ACCEPTED, "G1/M3"),
        (Verdict.UNDELIVERABLE, "G1/M4"),
        (Verdict.UNKNOWN, ""),  # not mentioned
    ]


def test_two_notices_of_one_person_may_share_a_batch() -> None:
    number = message(1).address
    with gateway(lambda _: sent(item(1), item(2))) as stub:
        naver(stub.url).send([message(1, address=number), message(2, address=number)], batch_key="b")
    assert json.loads(stub.received[0].body)["allowDuplicates"] is True


def test_a_refused_request_has_sent_nothing() -> None:
    with gateway(lambda _: http(403, b'{"errorCode": "InvalidAPIKey", "errorMessage": "-"}')) as stub:
        outcomes = naver(stub.url).send([message(1), message(2)], batch_key="b")
    assert [(outcome.verdict, outcome.code) for outcome in outcomes] == [(Verdict.RETRY_LATER, "InvalidAPIKey")] * 2


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("2000", Verdict.ACCEPTED),
        ("3000", Verdict.ACCEPTED),
        ("4000", Verdict.DELIVERED),
        ("3104", Verdict.UNDELIVERABLE),
        ("3040", Verdict.UNKNOWN),
        ("3999", Verdict.UNKNOWN),
        ("1999", Verdict.RETRY_LATER),
    ],
)
def test_a_listed_message_says_what_became_of_it(code: str, verdict: Verdict) -> None:
    with gateway(lambda _: listing(item(1, code))) as stub:
        outcome = naver(stub.url).poll([asked(message(1), vendor_id="G1/M1")])[0]
    assert (outcome.verdict, outcome.code) == (verdict, code)


def test_a_batch_is_polled_as_solapis_sdk_polls() -> None:
    with gateway(lambda _: listing(item(1, "4000"), item(2, "4000"))) as stub:
        items = [asked(message(n), vendor_id=f"G1/M{n}") for n in (1, 2)]
        assert len(naver(stub.url).poll(items)) == 2
        service = SolapiMessageService("KEY", "SECRET")
        service.base_url = stub.url
        service.get_messages(GetMessagesRequest(group_id="G1", limit=500))
    ours, sdks = stub.received
    assert ours.path == sdks.path
    assert ours.query.items() <= sdks.query.items()


def test_a_lost_answer_is_found_again_by_number_time_and_reference() -> None:
    with gateway(lambda _: listing(item(7, "4000"), item(1, "4000"))) as stub:
        outcome = naver(stub.url).poll([asked(message(1))])[0]
    query = stub.received[0].query
    assert (query["to"], query["type"]) == ("01000000001", "NSA")
    started = NOW - timedelta(minutes=5)
    assert datetime.fromisoformat(query["startDate"]) < started < datetime.fromisoformat(query["endDate"])
    assert (outcome.verdict, outcome.vendor_id) == (Verdict.DELIVERED, "G1/M1")


def test_a_message_that_solapi_never_saw_may_be_sent_again_after_a_while() -> None:
    with gateway(lambda _: listing()) as stub:
        assert naver(stub.url).poll([asked(message(1), age=timedelta(seconds=5))]) == []
        assert naver(stub.url).poll([asked(message(1))])[0].verdict is Verdict.RETRY_LATER


def test_a_message_that_has_solapis_id_is_never_called_unseen() -> None:
    with gateway(lambda _: listing()) as stub:
        assert naver(stub.url).poll([asked(message(1), vendor_id="G1/M1")]) == []


def test_reports_become_receipts() -> None:
    body = report(event(1, "4000"), event(2, "3107"))
    receipts = naver().receive(callback(body, x_solapi_secret=HUSHED))
    assert [(r.event_id, r.reference, r.vendor_id, r.verdict) for r in receipts] == [
        ("E1", "ps-1", "G1/M1", Verdict.DELIVERED),
        ("E2", "ps-2", "G1/M2", Verdict.UNDELIVERABLE),
    ]


@pytest.mark.parametrize("secret", ["", "hush", hashlib.sha1(b"other").hexdigest(), HUSHED[:-1], "한글"])
def test_a_report_without_our_secret_is_forged(secret: str) -> None:
    with pytest.raises(ForgedCallback):
        naver().receive(callback(report(event(1, "4000")), x_solapi_secret=secret))


@pytest.mark.parametrize(("remote", "let_in"), [("192.0.2.7", True), ("198.51.100.1", False), ("", False)])
def test_callers_can_be_held_to_networks(remote: str, let_in: bool) -> None:
    channel = naver(SOLAPI_WEBHOOK_NETWORKS="203.0.113.0/24, 192.0.2.0/24")
    given = callback(report(event(1, "4000")), remote=remote, x_solapi_secret=HUSHED)
    if let_in:
        assert channel.receive(given)
    else:
        with pytest.raises(ForgedCallback):
            channel.receive(given)


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"7", b'[{"eventDataId": "E1"}]', b'[{"data": {}}]', b'["x"]'])
def test_an_authentic_report_of_another_shape_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        naver().receive(callback(body, x_solapi_secret=HUSHED))
