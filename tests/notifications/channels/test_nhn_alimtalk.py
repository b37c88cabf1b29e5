"""Test KakaoTalk notices with NHN Cloud's documented message formats."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from notifications.channels.contract import (
    Channel,
    ForgedCallback,
    Receipt,
    UnreadableCallback,
    Verdict,
)
from notifications.channels.nhn_alimtalk import NhnAlimtalk
from tests.notifications.channels.samples import asked, build, by_reference, callback, message
from tests.support.gateway_stub import CLOSE, Received, gateway, http

ENV = {"NHN_APP_KEY": "app", "NHN_SECRET_KEY": "secret", "NHN_SENDER_KEY": "s" * 40, "NHN_WEBHOOK_SECRET": "hush"}
SUCCESS = {"resultCode": 0, "resultMessage": "success", "isSuccessful": True}


def alimtalk(url: str = "http://127.0.0.1:1", **env: str) -> NhnAlimtalk:
    channel: Channel = build("nhn_alimtalk", url, env={**ENV, **env})
    assert isinstance(channel, NhnAlimtalk)
    return channel


def reply(*results: dict[str, Any], header: dict[str, Any] = SUCCESS, request_id: str = "R1") -> bytes:
    body = {"header": header, "message": {"requestId": request_id, "sendResults": list(results)}}
    return http(200, json.dumps(body).encode())


def result(number: int, code: int = 0, seq: int | None = None) -> dict[str, Any]:
    seq = seq or number
    return {"recipientSeq": seq, "resultCode": code, "resultMessage": "-", "recipientGroupingKey": f"ps-{number}"}


def refusal(code: int) -> bytes:
    return http(
        200,
        json.dumps({"header": {"resultCode": code, "resultMessage": "no", "isSuccessful": False}}).encode(),
    )


def echo(request: Received) -> bytes:
    """Accept all recipients; the request id is the template's code."""
    body = json.loads(request.body)
    keys = [item["recipientGroupingKey"] for item in body["recipientList"]]
    results = [{"recipientSeq": n, "resultCode": 0, "recipientGroupingKey": key} for n, key in enumerate(keys, 1)]
    return reply(*results, request_id=body["templateCode"])


def listing(*messages: dict[str, Any]) -> bytes:
    body = {"header": SUCCESS, "messageSearchResultResponse": {"messages": list(messages)}}
    return http(200, json.dumps(body).encode())


def listed(number: int, **fields: Any) -> dict[str, Any]:
    return {"requestId": "R1", "recipientSeq": number, "recipientGroupingKey": f"ps-{number}", **fields}


def hooks(*items: dict[str, Any], **fields: Any) -> bytes:
    body = {"hooksId": "1", "appKey": "app", "event": "MESSAGE_RESULT_UPDATE", "hooks": items, **fields}
    return json.dumps(body).encode()


def hook(number: int, code: str) -> dict[str, Any]:
    return {**listed(number), "hookId": f"h{number}", "recipientNo": "01000000001", "resultCode": code}


def test_messages_are_sent_in_one_request_a_template() -> None:
    batch = [message(1, template="A"), message(2, template="B"), message(3, template="A")]
    with gateway(echo) as stub:
        outcomes = by_reference(alimtalk(stub.url).send(batch, batch_key="batch-1"))
    assert {reference: outcome.vendor_id for reference, outcome in outcomes.items()} == {
        "ps-1": "A/1",
        "ps-2": "B/1",
        "ps-3": "A/2",
    }
    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.ACCEPTED}
    assert len(stub.received) == 2


def test_the_request_is_as_documented() -> None:
    with gateway(echo) as stub:
        alimtalk(stub.url).send([message(1, template="A")], batch_key="batch-1")
    request = stub.received[0]
    assert request.path == "/alimtalk/v2.3/appkeys/app/messages"
    assert request.headers["x-secret-key"] == "secret"
    assert request.headers["x-nc-api-idempotency-key"] == f"batch-1-{hashlib.sha256(b'A ps-1').hexdigest()[:16]}"
    assert request.headers["content-type"] == "application/json;charset=UTF-8"
    assert json.loads(request.body) == {
        "senderKey": "s" * 40,
        "templateCode": "A",
        "senderGroupingKey": "batch-1",
        "recipientList": [
            {
                "recipientNo": "01000000001",
                "templateParameter": {"이름": "홍길동", "확인코드": "K7MP-2QX9-3HVC"},
                "recipientGroupingKey": "ps-1",
            }
        ],
    }


def test_each_recipient_has_a_result_of_its_own() -> None:
    answer = reply(result(2, -5000), result(1), result(3, -3010))
    with gateway(lambda _: answer) as stub:
        outcomes = by_reference(alimtalk(stub.url).send([message(n) for n in (1, 2, 3, 4)], batch_key="b"))
    assert [outcomes[f"ps-{n}"].verdict for n in (1, 2, 3, 4)] == [
        Verdict.ACCEPTED,
        Verdict.UNDELIVERABLE,
        Verdict.TEMPLATE_REJECTED,
        Verdict.UNKNOWN,  # not listed in an answer of success
    ]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (-1000, Verdict.RETRY_LATER),
        (-3003, Verdict.TEMPLATE_REJECTED),
        (-3005, Verdict.TEMPLATE_REJECTED),
        (-1005, Verdict.UNKNOWN),  # the same idempotency key: an earlier request was accepted
        (-9876, Verdict.RETRY_LATER),
    ],
)
def test_a_refused_request_says_what_to_do_next_for_all(code: int, verdict: Verdict) -> None:
    with gateway(lambda _: refusal(code)) as stub:
        outcomes = alimtalk(stub.url).send([message(1), message(2)], batch_key="b")
    assert [(outcome.verdict, outcome.code) for outcome in outcomes] == [(verdict, str(code))] * 2


def test_all_recipients_refused_still_means_each_of_them_by_name() -> None:
    head = {"resultCode": -1031, "resultMessage": "-", "isSuccessful": False}
    answer = reply(result(1, -5000), result(2, -2019), header=head)
    with gateway(lambda _: answer) as stub:
        outcomes = alimtalk(stub.url).send([message(1), message(2)], batch_key="b")
    assert [outcome.code for outcome in outcomes] == ["-5000", "-2019"]


def test_one_template_failing_leaves_the_other_alone() -> None:
    def answer(request: Received) -> bytes:
        return CLOSE if json.loads(request.body)["templateCode"] == "B" else echo(request)

    with gateway(answer) as stub:
        outcomes = by_reference(
            alimtalk(stub.url).send([message(1, template="A"), message(2, template="B")], batch_key="b")
        )
    assert (outcomes["ps-1"].verdict, outcomes["ps-2"].verdict) == (Verdict.ACCEPTED, Verdict.UNKNOWN)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"messageStatus": "COMPLETED", "resultCode": "1000"}, Verdict.DELIVERED),
        ({"messageStatus": "COMPLETED", "resultCode": "MRC01"}, Verdict.DELIVERED),
        ({"messageStatus": "FAILED", "resultCode": "3019"}, Verdict.UNDELIVERABLE),
        ({"messageStatus": "FAILED", "resultCode": "3016"}, Verdict.TEMPLATE_REJECTED),
        ({"messageStatus": "COMPLETED", "resultCode": "3005"}, Verdict.UNKNOWN),
        ({"messageStatus": "FAILED", "resultCode": "8765"}, Verdict.UNKNOWN),
        ({"messageStatus": "CANCEL"}, Verdict.RETRY_LATER),
        ({"messageStatus": None, "resultCode": None}, Verdict.ACCEPTED),
        ({}, Verdict.ACCEPTED),
    ],
)
def test_a_listed_message_says_what_became_of_it(fields: dict[str, Any], verdict: Verdict) -> None:
    with gateway(lambda _: listing(listed(1, **fields))) as stub:
        outcome = alimtalk(stub.url).poll([asked(message(1), vendor_id="R1/1")])[0]
    assert (outcome.verdict, outcome.vendor_id) == (verdict, "R1/1")


def test_messages_of_one_request_are_polled_together() -> None:
    answer = listing(*(listed(n, resultCode="1000") for n in range(1, 6)))
    with gateway(lambda _: answer) as stub:
        items = [asked(message(n), vendor_id=f"R1/{n}") for n in range(1, 6)]
        assert len(alimtalk(stub.url).poll(items)) == 5
    assert [request.query for request in stub.received] == [{"requestId": "R1", "pageNum": "1", "pageSize": "1000"}]


def test_a_lost_answer_is_polled_by_our_batch_key_and_then_by_reference() -> None:
    def answer(request: Received) -> bytes:
        return listing(listed(1, resultCode="1000")) if "senderGroupingKey" in request.query else listing()

    with gateway(answer) as stub:
        outcomes = by_reference(alimtalk(stub.url).poll([asked(message(1)), asked(message(2))]))
    first, second = (request.query for request in stub.received)
    assert first["senderGroupingKey"] == "batch-1"
    assert first["startRequestDate"] < "2026-11-24 11:55" < first["endRequestDate"]  # KST
    assert second["recipientGroupingKey"] == "ps-2"
    assert outcomes["ps-1"].verdict is Verdict.DELIVERED
    assert outcomes["ps-2"].verdict is Verdict.RETRY_LATER


def test_a_message_missing_under_the_batch_key_may_still_be_found_by_its_reference() -> None:
    def answer(request: Received) -> bytes:
        return listing() if "senderGroupingKey" in request.query else listing(listed(1, resultCode="1000"))

    with gateway(answer) as stub:
        assert alimtalk(stub.url).poll([asked(message(1))])[0].verdict is Verdict.DELIVERED


def test_a_message_that_has_nhns_id_is_never_called_unseen() -> None:
    with gateway(lambda _: listing()) as stub:
        assert alimtalk(stub.url).poll([asked(message(1), vendor_id="R1/1")]) == []


def test_what_is_not_listed_yet_is_not_sent_again_yet() -> None:
    with gateway(lambda _: listing()) as stub:
        assert alimtalk(stub.url).poll([asked(message(1), age=timedelta(seconds=5))]) == []


def test_a_refused_poll_decides_nothing() -> None:
    with gateway(lambda _: refusal(-1000)) as stub:
        assert alimtalk(stub.url).poll([asked(message(1))]) == []


def test_hooks_become_receipts() -> None:
    body = hooks(hook(1, "1000"), hook(2, "3019"), hook(3, "3005"))
    receipts = alimtalk().receive(callback(body, x_toast_webhook_signature="hush"))
    assert [(r.event_id, r.reference, r.vendor_id, r.verdict, r.code) for r in receipts] == [
        ("h1", "ps-1", "R1/1", Verdict.DELIVERED, "1000"),
        ("h2", "ps-2", "R1/2", Verdict.UNDELIVERABLE, "3019"),
        ("h3", "ps-3", "R1/3", Verdict.UNKNOWN, "3005"),
    ]


ODD: list[dict[str, Any]] = [
    {"hookId": "h 9\t"},
    {"hookId": 9},
    {"hookId": "h" * 81},
    {"resultCode": 1000},
    {"resultCode": "1" * 41},
    {"resultCode": "9999"},
    {"recipientGroupingKey": None},
    {"recipientGroupingKey": "ps-한"},
    {"requestId": "R" * 90},
    {"recipientSeq": None},
    {"receiveDate": "soon"},
    {"receiveDate": None},
]


def test_many_hooks_are_read_as_each_by_itself() -> None:
    def read(*items: dict[str, Any]) -> list[Receipt]:
        return alimtalk().receive(callback(hooks(*items), x_toast_webhook_signature="hush"))

    at = {"receiveDate": "2026-12-01 07:00:00.0"}
    usual = [{**hook(number, "1000"), **at} for number in (1, 2)]
    for odd in [{**hook(3, "3019"), **at, **fields} for fields in ODD]:
        without = {name: value for name, value in odd.items() if name != "receiveDate"}
        assert read(*usual, odd) == [*read(*usual), *read(odd)]
        assert read(without, *usual) == [*read(without), *read(*usual)]  # one without a date: each by itself
        assert [receipt._replace(happened_at=None) for receipt in read(odd)] == read(without)
    assert [(r.reference, r.happened_at and r.happened_at.isoformat()) for r in read(*usual)] == [
        ("ps-1", "2026-12-01T07:00:00+09:00"),
        ("ps-2", "2026-12-01T07:00:00+09:00"),
    ]


@pytest.mark.parametrize("fields", [{"event": "TEMPLATE_STATUS_UPDATE"}, {"appKey": "another"}])
def test_other_events_and_products_are_none_of_ours(fields: dict[str, str]) -> None:
    body = hooks(hook(1, "1000"), **fields)
    assert alimtalk().receive(callback(body, x_toast_webhook_signature="hush")) == []


@pytest.mark.parametrize("signature", ["", "hus", "hushh", "HUSH", "한글"])
def test_a_hook_without_our_signature_is_forged(signature: str) -> None:
    with pytest.raises(ForgedCallback):
        alimtalk().receive(callback(hooks(hook(1, "1000")), x_toast_webhook_signature=signature))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"appKey": "app"}', hooks({"hookId": "x"}), hooks(hooks="no")])
def test_a_signed_hook_of_another_shape_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        alimtalk().receive(callback(body, x_toast_webhook_signature="hush"))
