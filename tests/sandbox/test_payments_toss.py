"""Toss Payments in the sandbox: idempotency keys, its events as they come in life and as they should not."""

import json
import threading
from typing import Any

import pytest
import requests

from tests.payments.providers.samples import Case, build, order, paid
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.payer import page_address
from tests.support.sandbox_process import SandboxProcess

NAME = "toss_payments"
PATH = "/webhooks/payments/toss_payments/"


def call(sandbox: SandboxProcess, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
    key = (sandbox.environment["TOSS_PAYMENTS_SECRET_KEY"], "")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, sandbox.url + path, json=body, auth=key, headers=names, timeout=60)


def confirmable(sandbox: SandboxProcess) -> dict[str, Any]:
    case = Case.start(NAME, sandbox)
    returned = case.pay()
    return {"paymentKey": returned.vendor_id, "orderId": case.order.order_id, "amount": 32_000}


def events(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in receiver.received if each.path == PATH]


def test_the_same_key_gets_the_same_answer_and_another_does_not(sandbox: SandboxProcess) -> None:
    body = confirmable(sandbox)
    first, same = (call(sandbox, "POST", "/v1/payments/confirm", body, Idempotency_Key="k1") for _ in range(2))
    assert first.status_code == same.status_code == 200
    assert first.json() == same.json()
    other = call(sandbox, "POST", "/v1/payments/confirm", body, Idempotency_Key="k2")
    assert (other.status_code, other.json()["code"]) == (400, "ALREADY_PROCESSED_PAYMENT")
    long = call(sandbox, "POST", "/v1/payments/confirm", body, Idempotency_Key="k" * 301)
    assert (long.status_code, long.json()["code"]) == (400, "INVALID_IDEMPOTENCY_KEY")


def test_a_key_at_work_is_a_conflict(sandbox: SandboxProcess) -> None:
    """The event goes out before the answer here, and the receiver takes its time."""
    body, entered, go_on = confirmable(sandbox), threading.Event(), threading.Event()
    slow = Receiver()
    slow.received = _Waiting(entered, go_on)  # type: ignore[assignment]
    sandbox.settings(callback_base=slow.url)
    sandbox.fault(NAME, "receipts_early", on="confirm", count=1)
    first = threading.Thread(
        target=call, args=(sandbox, "POST", "/v1/payments/confirm", body), kwargs={"Idempotency_Key": "k9"}
    )
    first.start()
    assert entered.wait(60)
    second = call(sandbox, "POST", "/v1/payments/confirm", body, Idempotency_Key="k9")
    go_on.set()
    first.join()
    slow.close()
    assert (second.status_code, second.json()["code"]) == (409, "IDEMPOTENT_REQUEST_PROCESSING")


class _Waiting(list[Any]):
    def __init__(self, entered: threading.Event, go_on: threading.Event) -> None:
        super().__init__()
        self._entered, self._go_on = entered, go_on

    def append(self, item: Any) -> None:
        self._entered.set()
        self._go_on.wait(60)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": 31_999}, 400, "INVALID_REQUEST"),
        ({"orderId": "ps-another"}, 400, "INVALID_REQUEST"),
        ({"paymentKey": "unknown"}, 404, "NOT_FOUND_PAYMENT"),
        ({"amount": None}, 400, "INVALID_REQUEST"),
    ],
)
def test_a_confirmation_must_fit(change: dict[str, Any], status: int, code: str, sandbox: SandboxProcess) -> None:
    answer = call(sandbox, "POST", "/v1/payments/confirm", {**confirmable(sandbox), **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_test_header_fails_on_purpose(sandbox: SandboxProcess) -> None:
    body = confirmable(sandbox)
    answer = call(sandbox, "POST", "/v1/payments/confirm", body, TossPayments_Test_Code="REJECT_CARD_COMPANY")
    assert (answer.status_code, answer.json()["code"]) == (403, "REJECT_CARD_COMPANY")
    assert call(sandbox, "POST", "/v1/payments/confirm", body).status_code == 200


def test_ten_minutes_later_the_session_is_gone(sandbox: SandboxProcess) -> None:
    body = confirmable(sandbox)
    sandbox.age_payment(NAME, body["orderId"], 601)
    answer = call(sandbox, "POST", "/v1/payments/confirm", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND_PAYMENT_SESSION")
    found = call(sandbox, "GET", f"/v1/payments/{body['paymentKey']}").json()
    assert (found["status"], found["approvedAt"]) == ("EXPIRED", None)


def test_each_change_is_notified_once(sandbox: SandboxProcess, receiver: Receiver) -> None:
    case = paid(NAME, sandbox)
    case.refund(2_000, 32_000)
    wait_until(lambda: len(events(receiver)) == 2)
    notified = events(receiver)
    assert {event["eventType"] for event in notified} == {"PAYMENT_STATUS_CHANGED"}
    assert {event["data"]["status"] for event in notified} == {"DONE", "PARTIAL_CANCELED"}
    assert {event["data"]["orderId"] for event in notified} == {case.order.order_id}
    assert "tosspayments-webhook-transmission-id" in receiver.received[0].headers
    assert not any("signature" in name for name in receiver.received[0].headers)


def test_an_event_can_overtake_the_answer_and_come_three_times(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.fault(NAME, "receipts_early", on="confirm", count=1)
    sandbox.fault(NAME, "receipts_duplicate", on="confirm", times=3, count=1)
    paid(NAME, sandbox)
    ids = [each.headers["tosspayments-webhook-transmission-id"] for each in receiver.received]
    assert len(ids) == 3 and len(set(ids)) == 1


def test_an_event_is_reported_again_until_it_is_answered(sandbox: SandboxProcess, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    paid(NAME, sandbox)
    wait_until(lambda: len(receiver.received) == 3)
    tried = [each.headers["tosspayments-webhook-transmission-retried-count"] for each in receiver.received]
    assert tried == ["0", "1", "2"]


def test_an_event_that_lies_can_be_posted(sandbox: SandboxProcess, receiver: Receiver) -> None:
    case = Case.start(NAME, sandbox)
    case.pay()
    lie = {"order_id": case.order.order_id, "status": "DONE", "times": 2}
    assert sandbox.request("POST", "/control/payments/toss_payments/webhook", lie) == {"answers": [200, 200]}
    [first, _] = events(receiver)
    assert (first["data"]["status"], first["data"]["orderId"]) == ("DONE", case.order.order_id)
    sandbox.request("POST", "/control/payments/toss_payments/webhook", {"order_id": "ps-unknown", "status": "DONE"})
    sandbox.request("POST", "/control/payments/toss_payments/webhook", {"event": {"eventType": "nonsense"}})
    assert [event.get("data", {}).get("orderId") for event in events(receiver)][2:] == ["ps-unknown", None]
    assert case.moved() == []


def test_settlements_are_paged_and_bounded(sandbox: SandboxProcess) -> None:
    sandbox.request("DELETE", "/control/payments")
    day = "2026-11-25"
    for query in (
        "",
        f"startDate={day}",
        f"startDate={day}&endDate={day}&size=5001",
        f"startDate={day}&endDate=2026-12-31",
    ):
        answer = call(sandbox, "GET", f"/v1/settlements?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


def test_an_order_that_is_paid_is_not_opened_again(sandbox: SandboxProcess) -> None:
    case = paid(NAME, sandbox)
    again = build(NAME, sandbox.environment).begin(order(order_id=case.order.order_id))
    opened = requests.get(page_address(again), timeout=60)
    assert opened.status_code == 400 and "DUPLICATED_ORDER_ID" in opened.text
