"""Test notices in the Toss app, with the message formats of Apps in Toss's page."""

import json
from typing import Any

import pytest

from notifications.channels.contract import Channel, ForgedCallback, Verdict
from tests.notifications.channels.samples import asked, build, by_reference, callback, message
from tests.support.gateway_stub import Received, gateway, http

WAYS = ("Push", "Inbox", "Sms", "Alimtalk", "Friendtalk")


def toss(url: str = "http://127.0.0.1:1") -> Channel:
    return build("apps_in_toss", url)


def success(**sent: int) -> bytes:
    """The documented answer; `Push=1` means one message that arrived as a push."""
    counts = {f"sent{way}Count": sent.get(way, 0) for way in WAYS}
    detail = {f"sent{way}": [{"contentId": f"C-{way}"}] * sent.get(way, 0) for way in WAYS}
    failed: dict[str, list[dict[str, str]]] = {f"sent{way}": [] for way in WAYS}
    if not sent:
        failed["sentPush"] = [{"contentId": "C-failed", "reachedFailReason": "-"}]
    body = {"resultType": "SUCCESS", "success": {"msgCount": 1, **counts, "detail": detail, "fail": failed}}
    return http(200, json.dumps(body).encode())


def fail(status: int, code: str) -> bytes:
    error = {"errorCode": code, "reason": "요청에 실패했습니다."}
    return http(status, json.dumps({"resultType": "FAIL", "error": error}).encode())


def test_the_request_is_as_documented() -> None:
    with gateway(lambda _: success(Push=1)) as stub:
        toss(stub.url).send([message(1, template="FINE", address="443731104")], batch_key="b")
    request = stub.received[0]
    assert request.path == "/api-partner/v1/apps-in-toss/messenger/send-message"
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    assert request.headers["x-toss-user-key"] == "443731104"
    context = {"이름": "홍길동", "확인코드": "K7MP-2QX9-3HVC"}
    assert json.loads(request.body) == {"templateSetCode": "FINE", "context": context}


@pytest.mark.parametrize("way", WAYS)
def test_a_message_that_arrived_in_any_way_is_delivered(way: str) -> None:
    with gateway(lambda _: success(**{way: 1})) as stub:
        outcome = toss(stub.url).send([message(1)], batch_key="b")[0]
    assert (outcome.verdict, outcome.vendor_id) == (Verdict.DELIVERED, f"C-{way}")


def test_a_message_that_reached_no_device_goes_to_the_next_channel() -> None:
    with gateway(lambda _: success()) as stub:
        outcome = toss(stub.url).send([message(1)], batch_key="b")[0]
    assert (outcome.verdict, outcome.vendor_id) == (Verdict.UNDELIVERABLE, "C-failed")


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "INVALID_PARAMETER", Verdict.UNDELIVERABLE),
        (401, "UNPUBLISHED", Verdict.UNDELIVERABLE),
        (403, "UNPUBLISHED", Verdict.UNDELIVERABLE),
        (404, "UNPUBLISHED", Verdict.RETRY_LATER),
        (200, "UNPUBLISHED", Verdict.RETRY_LATER),
    ],
)
def test_a_refusal_says_what_to_do_next(status: int, code: str, verdict: Verdict) -> None:
    with gateway(lambda _: fail(status, code)) as stub:
        outcome = toss(stub.url).send([message(1)], batch_key="b")[0]
    assert (outcome.verdict, outcome.code) == (verdict, code)


def test_one_user_gets_no_more_than_ten_calls_a_minute() -> None:
    with gateway(lambda _: success(Push=1)) as stub:
        batch = [message(number, address="443731104") for number in range(1, 13)]
        outcomes = by_reference(toss(stub.url).send([*batch, message(50, address="7")], batch_key="b"))
    later = {reference for reference, outcome in outcomes.items() if outcome.verdict is Verdict.RETRY_LATER}
    assert later == {"ps-11", "ps-12"}
    assert outcomes["ps-11"].retry_after == 60.0
    assert len(stub.received) == 11


def test_the_messages_of_a_batch_have_their_own_answers() -> None:
    def answer(request: Received) -> bytes:
        return fail(401, "X") if request.headers["x-toss-user-key"] == "2" else success(Push=1)

    with gateway(answer) as stub:
        batch = [message(number, address=str(number)) for number in (1, 2, 3)]
        outcomes = by_reference(toss(stub.url).send(batch, batch_key="b"))
    verdicts: list[Any] = [outcomes[f"ps-{number}"].verdict for number in (1, 2, 3)]
    assert verdicts == [Verdict.DELIVERED, Verdict.UNDELIVERABLE, Verdict.DELIVERED]


def test_there_is_nothing_to_ask() -> None:
    with gateway(lambda _: success(Push=1)) as stub:
        assert toss(stub.url).poll([asked(message(1))]) == []
    assert stub.received == []


def test_toss_makes_no_callbacks() -> None:
    with pytest.raises(ForgedCallback):
        toss().receive(callback(b"{}"))
