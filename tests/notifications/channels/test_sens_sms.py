"""Test text messages through NAVER Cloud SENS with the message formats of its API guides."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from notifications.channels import registry
from notifications.channels.contract import ForgedCallback, Verdict
from tests.notifications.channels.samples import NOW, asked, by_reference, callback
from tests.notifications.channels.sens_samples import LONG, SHORT, SMS, listed, page, sens, taken, text
from tests.support.gateway_stub import Received, gateway, http


def test_a_request_is_signed_over_its_path_and_query() -> None:
    with gateway(lambda _: page()) as stub:
        channel = sens("sens_sms", stub.url)
        channel.send([text(1)], batch_key="b")
        channel.poll([asked(text(1)), asked(text(2), vendor_id="RSLA-1")])
    at = str(int(NOW.timestamp() * 1000))
    for request in stub.received:
        signed = f"{request.method} {request.target}\n{at}\nACCESS".encode()
        wanted = base64.b64encode(hmac.new(b"SECRET", signed, hashlib.sha256).digest()).decode()
        assert request.headers["x-ncp-apigw-signature-v2"] == wanted
        assert (request.headers["x-ncp-apigw-timestamp"], request.headers["x-ncp-iam-access-key"]) == (at, "ACCESS")
    assert [request.method for request in stub.received] == ["POST", "GET", "GET"]


def test_texts_are_requests_as_documented_short_and_long_ones_apart() -> None:
    with gateway(lambda _: taken()) as stub:
        batch = [text(1), text(2, LONG), text(3, title="교통과태료")]
        outcomes = sens("sens_sms", stub.url).send(batch, batch_key="b")
    short, long = sorted((json.loads(request.body) for request in stub.received), key=lambda body: -len(body["type"]))
    if short["type"] == "LMS":
        short, long = long, short
    head = {"contentType": "COMM", "countryCode": "82", "from": "0210000000", "content": "국민비서"}
    assert short == {"type": "SMS", **head, "messages": [{"to": "01000000001", "content": SHORT}]}
    assert long == {
        "type": "LMS",
        **head,
        "messages": [
            {"to": "01000000002", "subject": "국민비서", "content": LONG},
            {"to": "01000000003", "subject": "교통과태료", "content": SHORT},
        ],
    }
    assert {request.path for request in stub.received} == {SMS}
    assert {(outcome.verdict, outcome.vendor_id) for outcome in outcomes} == {(Verdict.ACCEPTED, "RSLA-1")}


def test_a_request_has_a_hundred_at_most_and_no_number_twice() -> None:
    with gateway(lambda _: taken()) as stub:
        numbers = [1, 1, *range(2, 102)]
        batch = [text(n, address=f"+82100000{number:04}") for n, number in enumerate(numbers)]
        assert len(sens("sens_sms", stub.url).send(batch, batch_key="b")) == 102
    sent = [[each["to"] for each in json.loads(request.body)["messages"]] for request in stub.received]
    assert sorted(len(numbers) for numbers in sent) == [2, 100]
    assert all(len(set(numbers)) == len(numbers) for numbers in sent)


def test_a_refused_request_has_sent_nothing() -> None:
    for answer, code in (
        (http(401, b'{"error": {"errorCode": "200", "message": "Authentication Failed"}}'), "200"),
        (http(403, b'{"status": 403, "error": "Forbidden", "message": "-"}'), "http-403"),
    ):
        with gateway(lambda _, answer=answer: answer) as stub:  # type: ignore[misc]
            outcomes = sens("sens_sms", stub.url).send([text(1), text(2)], batch_key="b")
        assert [(outcome.verdict, outcome.code) for outcome in outcomes] == [(Verdict.RETRY_LATER, code)] * 2


def test_messages_of_one_request_are_polled_together_each_by_its_number() -> None:
    """SENS's list has neither our reference nor, always, the text."""
    answer = page(
        listed(1),
        listed(2, statusName="fail", statusCode="3006"),
        listed(3, status="PROCESSING", statusCode=None, statusName=None),
        listed(4, statusName="fail", statusCode="2000"),
        listed(5, statusName="fail", statusCode="8765"),
        listed(6, statusName="fail", statusCode="3023"),
        listed(7, statusName=None, statusCode=None),
    )
    with gateway(lambda _: answer) as stub:
        items = [asked(text(n), vendor_id="RSLA-1") for n in range(1, 9)]
        outcomes = by_reference(sens("sens_sms", stub.url).poll(items))
    assert [request.query for request in stub.received] == [{"requestId": "RSLA-1", "pageSize": "100"}]
    assert {name: outcome.verdict for name, outcome in outcomes.items()} == {
        "ps-1": Verdict.DELIVERED,
        "ps-2": Verdict.UNDELIVERABLE,
        "ps-3": Verdict.ACCEPTED,
        "ps-4": Verdict.UNKNOWN,  # no answer of the phone in time
        "ps-5": Verdict.UNDELIVERABLE,
        "ps-6": Verdict.RETRY_LATER,  # our sender number
        "ps-7": Verdict.UNKNOWN,
    }


def detail(request: Received, **texts: str) -> bytes:
    name = request.path.rpartition("/")[2]
    return page({**listed(1), "messageId": name, "requestId": f"R-{name}", "content": texts[name]})


def test_a_lost_answer_is_found_by_number_time_and_text() -> None:
    def answer(request: Received) -> bytes:
        if request.query:
            return page(listed(1, messageId="A"), listed(1, messageId="B"), listed(2))
        return detail(request, A="다른 안내", B=f"{SHORT}\n")

    with gateway(answer) as stub:
        outcome = sens("sens_sms", stub.url).poll([asked(text(1))])[0]
    query = stub.received[0].query
    assert query["to"] == "01000000001"
    assert query["requestStartTime"] < "2026-11-24 11:55:00" < query["requestEndTime"]  # KST
    assert (outcome.verdict, outcome.vendor_id) == (Verdict.DELIVERED, "R-B")


def test_never_received_is_stated_only_where_every_message_to_the_number_was_read() -> None:
    others = page(listed(1, content="다른 안내"))
    cases: list[tuple[bytes, timedelta, list[Verdict]]] = [
        (page(), timedelta(minutes=5), [Verdict.RETRY_LATER]),
        (others, timedelta(minutes=5), [Verdict.RETRY_LATER]),
        (page(), timedelta(seconds=5), []),  # not listed yet
        (page(listed(1, content="다른 안내"), hasMore=True), timedelta(minutes=5), []),
        (page(listed(1)), timedelta(minutes=5), []),  # its text cannot be read: see below
        (http(404), timedelta(minutes=5), []),
    ]
    for answer, age, verdicts in cases:
        with gateway(lambda r, answer=answer: answer if r.query else http(500)) as stub:  # type: ignore[misc]
            found = sens("sens_sms", stub.url).poll([asked(text(1), age=age)])
        assert [outcome.verdict for outcome in found] == verdicts, answer


def test_no_callback_is_sens() -> None:
    with pytest.raises(ForgedCallback):
        sens("sens_sms").receive(callback(b"{}"))


def test_the_governments_host_is_a_setting() -> None:
    for name in ("sens_sms", "sens_alimtalk"):
        assert "SENS_BASE_URL" in [item.name for item in registry.env_names(name) if not item.required]
