"""Test text messages through NHN Cloud with the message formats of its API v3.0 guide."""

import json
from datetime import timedelta
from typing import Any

import pytest

from notifications.channels.contract import Channel, ForgedCallback, UnreadableCallback, Verdict
from tests.notifications.channels.samples import asked, build, by_reference, callback, message
from tests.support.gateway_stub import Received, gateway, http

ENV = {"NHN_SMS_APP_KEY": "app", "NHN_SMS_SECRET_KEY": "secret", "NHN_SMS_SENDER": "0210000000",
       "NHN_SMS_WEBHOOK_SECRET": "hush"}  # fmt: skip
SUCCESS = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}
SHORT = "[국민비서] 교통과태료 32,000원"


def sms(url: str = "http://127.0.0.1:1") -> Channel:
    return build("nhn_sms", url, env=ENV)


def reply(code: int = 0, *, ok: bool = True, number: int = 1) -> bytes:
    results = [{"recipientNo": "01000000001", "resultCode": code, "resultMessage": "-", "recipientSeq": number}]
    data = {"requestId": "R1", "statusCode": "2", "senderGroupingKey": "b", "sendResultList": results}
    return http(200, json.dumps({"header": {**SUCCESS, "isSuccessful": ok}, "body": {"data": data}}).encode())


def listing(*messages: dict[str, Any]) -> bytes:
    body = {"pageNum": 1, "pageSize": 1000, "totalCount": len(messages), "data": list(messages)}
    return http(200, json.dumps({"header": SUCCESS, "body": body}).encode())


def listed(number: int, status: str = "3", code: str | None = "1000") -> dict[str, Any]:
    return {"requestId": "R1", "recipientSeq": number, "recipientGroupingKey": f"ps-{number}", "msgStatus": status,
            "resultCode": code}  # fmt: skip


def hooks(*items: dict[str, Any], **fields: Any) -> bytes:
    body = {"hooksId": "1", "productName": "SMS", "appKey": "app", "event": "MESSAGE_RESULT_UPDATE", **fields}
    return json.dumps({**body, "hooks": items}).encode()


def hook(number: int, status: str, code: str) -> dict[str, Any]:
    at = {"requestDate": "2026-11-24T12:00:00", "receiveDate": "2026-11-24T12:00:04"}
    return {**listed(number, code=code), "hookId": f"h{number}", "messageStatus": status, **at}


def test_short_and_long_messages_are_requests_as_documented() -> None:
    batch = [message(1, text=SHORT), message(2, text="가" * 46), message(3, text=SHORT, title="교통과태료")]
    with gateway(lambda _: reply()) as stub:
        outcomes = by_reference(sms(stub.url).send(batch, batch_key="batch-1"))
    bodies = {json.loads(r.body)["recipientList"][0]["recipientGroupingKey"]: r for r in stub.received}
    assert {name: r.path for name, r in bodies.items()} == {
        "ps-1": "/sms/v3.0/appKeys/app/sender/sms",
        "ps-2": "/sms/v3.0/appKeys/app/sender/mms",
        "ps-3": "/sms/v3.0/appKeys/app/sender/mms",
    }
    assert bodies["ps-1"].headers["x-secret-key"] == "secret"
    assert json.loads(bodies["ps-1"].body) == {
        "body": SHORT,
        "sendNo": "0210000000",
        "senderGroupingKey": "batch-1",
        "recipientList": [{"recipientNo": "01000000001", "recipientGroupingKey": "ps-1"}],
    }
    assert [json.loads(bodies[name].body).get("title") for name in ("ps-1", "ps-2", "ps-3")] == [
        None,
        "국민비서",  # required of a long message
        "교통과태료",
    ]
    assert {(o.verdict, o.vendor_id) for o in outcomes.values()} == {(Verdict.ACCEPTED, "R1/1")}


def test_ninety_bytes_are_short_and_one_more_is_long() -> None:
    with gateway(lambda _: reply()) as stub:
        sms(stub.url).send([message(1, text="가" * 45), message(2, text="가" * 45 + "a")], batch_key="b")
    assert sorted(request.path.rpartition("/")[2] for request in stub.received) == ["mms", "sms"]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (-2019, Verdict.UNDELIVERABLE),
        (-2023, Verdict.UNDELIVERABLE),
        (-2312, Verdict.RETRY_LATER),  # our sender number
        (-9876, Verdict.RETRY_LATER),
    ],
)
def test_a_refusal_says_what_to_do_next(code: int, verdict: Verdict) -> None:
    whole = http(200, json.dumps({"header": {"resultCode": code, "isSuccessful": False}}).encode())
    for answer in (whole, reply(code, ok=False)):
        with gateway(lambda _, answer=answer: answer) as stub:  # type: ignore[misc]
            outcome = sms(stub.url).send([message(1)], batch_key="b")[0]
        assert (outcome.verdict, outcome.code) == (verdict, str(code))


def test_a_listed_message_says_what_became_of_it() -> None:
    cases = [
        (("3", "1000"), Verdict.DELIVERED),
        (("0", "2003"), Verdict.UNDELIVERABLE),
        (("0", "2000"), Verdict.UNKNOWN),  # no answer in time: may have arrived
        (("0", "3018"), Verdict.RETRY_LATER),  # our sender number
        (("0", "8765"), Verdict.UNDELIVERABLE),
        (("1", None), Verdict.ACCEPTED),
        (("2", ""), Verdict.ACCEPTED),
        (("4", None), Verdict.RETRY_LATER),
        (("5", None), Verdict.UNKNOWN),
        (("99", None), Verdict.UNKNOWN),
    ]
    for (status, code), verdict in cases:
        with gateway(lambda r, s=status, c=code: listing(listed(1, s, c)) if "/sms" in r.path else listing()) as stub:  # type: ignore[misc]
            outcome = sms(stub.url).poll([asked(message(1), vendor_id="R1/1")])[0]
        assert (outcome.verdict, outcome.vendor_id) == (verdict, "R1/1"), status


def test_a_batch_is_polled_by_its_key_in_both_lists_and_a_lost_one_by_reference() -> None:
    def answer(request: Received) -> bytes:
        by_batch, is_long = "senderGroupingKey" in request.query, request.path.endswith("mms")
        return listing(listed(2) if is_long else listed(1)) if by_batch else listing()

    with gateway(answer) as stub:
        outcomes = by_reference(sms(stub.url).poll([asked(message(n)) for n in (1, 2, 3)]))
    assert {name: outcome.verdict for name, outcome in outcomes.items()} == {
        "ps-1": Verdict.DELIVERED,
        "ps-2": Verdict.DELIVERED,
        "ps-3": Verdict.RETRY_LATER,
    }
    first, *_, last = (request.query for request in stub.received)
    assert first["senderGroupingKey"] == "batch-1"
    assert first["startRequestDate"] < "2026-11-24 11:55:00" < first["endRequestDate"]  # KST
    assert last["recipientGroupingKey"] == "ps-3"
    assert len(stub.received) == 4


def test_never_received_is_stated_only_of_what_neither_list_has_and_not_at_once() -> None:
    def only_the_short(request: Received) -> bytes:
        return listing() if request.path.endswith("sms") else http(500)

    with gateway(only_the_short) as stub:
        assert sms(stub.url).poll([asked(message(1))]) == []
    with gateway(lambda _: listing()) as stub:
        assert sms(stub.url).poll([asked(message(1), age=timedelta(seconds=5))]) == []
        assert sms(stub.url).poll([asked(message(1), vendor_id="R1/1")]) == []


def test_hooks_become_receipts() -> None:
    body = hooks(hook(1, "COMPLETED", "1000"), hook(2, "FAILED", "3006"), hook(3, "DUPLICATED", ""))
    receipts = sms().receive(callback(body, x_toast_webhook_signature="hush"))
    assert [(r.event_id, r.reference, r.vendor_id, r.verdict, r.code) for r in receipts] == [
        ("h1", "ps-1", "R1/1", Verdict.DELIVERED, "1000"),
        ("h2", "ps-2", "R1/2", Verdict.UNDELIVERABLE, "3006"),
        ("h3", "ps-3", "R1/3", Verdict.UNKNOWN, ""),
    ]
    assert receipts[0].happened_at and receipts[0].happened_at.isoformat() == "2026-11-24T12:00:04+09:00"


def test_other_events_and_products_are_none_of_ours() -> None:
    for fields in ({"event": "UNSUBSCRIBE"}, {"appKey": "another"}):
        assert sms().receive(callback(hooks({"x": 1}, **fields), x_toast_webhook_signature="hush")) == []


def test_a_hook_without_our_signature_is_forged_and_another_shape_unreadable() -> None:
    for signature in ("", "hus", "hushh", "한글"):
        with pytest.raises(ForgedCallback):
            sms().receive(callback(hooks(hook(1, "COMPLETED", "1000")), x_toast_webhook_signature=signature))
    for body in (b"", b"{", b"[]", b'{"appKey": "app"}', hooks({"hookId": "x"})):
        with pytest.raises(UnreadableCallback):
            sms().receive(callback(body, x_toast_webhook_signature="hush"))
