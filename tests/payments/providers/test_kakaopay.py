"""KakaoPay: exact requests, every class of code, and how a refund stays one without an idempotency key.

Compared by hand with KakaoPay's own client, npm @kakaopay-develop/agent-toolkit 0.1.2 (typescript/src/shared): host,
paths, header, and the fields that its schemas require (READY, APPROVE, CANCEL).
"""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from payments.providers.contract import (
    Callback,
    ForgedCallback,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    Returned,
    Verdict,
)
from tests.payments.providers.samples import Case, build, environment, order
from tests.support.gateway_stub import Received, Stub, gateway, http
from tests.support.sandbox_process import SandboxProcess

NAME = "kakaopay"
ORDER = order(order_id="ps-000001")
CAME_BACK = Returned("", "T1234567890", token="pg-token")
KNOWN = {"order_id": "ps-000001", "vendor_id": "T1234567890"}
REFUND = {**KNOWN, "amount": 2_000, "remainder": 32_000, "reason": "-", "key": "k-1"}
READY = {
    *("partner_order_id", "partner_user_id", "item_name", "quantity", "total_amount", "tax_free_amount"),
    *("approval_url", "cancel_url", "fail_url"),
}
APPROVE = {"tid", "partner_order_id", "partner_user_id", "pg_token"}
CANCEL = {"tid", "cancel_amount", "cancel_tax_free_amount"}
BEGUN = {
    "tid": "T1234567890",
    "next_redirect_pc_url": "https://online-pay.example/pc",
    "next_redirect_mobile_url": "https://online-pay.example/mobile",
}
APPROVED: dict[str, Any] = {
    "aid": "A1",
    "tid": "T1234567890",
    "partner_order_id": "ps-000001",
    "payment_method_type": "MONEY",
    "amount": {"total": 32_000, "tax_free": 32_000},
    "approved_at": "2026-11-25T09:00:00",
}
ORDERED = {**APPROVED, "status": "SUCCESS_PAYMENT", "cancel_available_amount": {"total": 32_000}}


def answer(status: int, body: Any) -> bytes:
    return http(status, json.dumps(body).encode())


def refusal(code: int, method_code: str = "", status: int = 400) -> bytes:
    extras = {"extras": {"method_result_code": method_code}} if method_code else {}
    return answer(status, {"error_code": code, "error_message": "-", **extras})


def received(reply: bytes, call: Any) -> tuple[Received, Any]:
    with gateway(lambda _: reply) as stub:
        result = call(build(NAME, environment(stub.url)))
    return stub.received[-1], result


def test_ready_is_exactly_this_request() -> None:
    request, begun = received(answer(200, BEGUN), lambda kakao: kakao.begin(ORDER))
    body = json.loads(request.body)
    assert (request.method, request.target) == ("POST", "/online/v1/payment/ready")
    assert request.headers["authorization"] == "SECRET_KEY invented-kakaopay-secret-key"
    assert request.headers["content-type"] == "application/json"
    assert set(body) == READY | {"cid"}
    assert body["cid"] == "invented-kakaopay-cid"
    assert (body["partner_order_id"], body["quantity"]) == ("ps-000001", 1)
    assert body["total_amount"] == body["tax_free_amount"] == 32_000
    assert (begun.url, begun.mobile_url) == ("https://online-pay.example/pc", "https://online-pay.example/mobile")
    assert begun.vendor_id == "T1234567890"


@pytest.mark.parametrize("change", [{"tid": ""}, {"next_redirect_pc_url": "javascript:alert(1)"}])
def test_no_browser_is_sent_to_what_is_no_page(change: dict[str, str]) -> None:
    with pytest.raises(ProviderUnavailable):
        received(answer(200, {**BEGUN, **change}), lambda kakao: kakao.begin(ORDER))


def test_a_refused_ready_has_its_code() -> None:
    with pytest.raises(ProviderRefused, match="-731"):
        received(refusal(-731), lambda kakao: kakao.begin(ORDER))


def test_an_approval_is_exactly_this_request() -> None:
    request, outcome = received(answer(200, APPROVED), lambda kakao: kakao.confirm(ORDER, CAME_BACK, key="k"))
    body = json.loads(request.body)
    assert request.target == "/online/v1/payment/approve"
    assert set(body) == APPROVE | {"cid", "total_amount"}
    assert (body["tid"], body["pg_token"], body["total_amount"]) == ("T1234567890", "pg-token", 32_000)
    assert (outcome.verdict, outcome.amount, outcome.balance) == (Verdict.PAID, 32_000, 32_000)
    assert outcome.approved_at == datetime(2026, 11, 25, tzinfo=UTC)  # the time is Korea's


@pytest.mark.parametrize(
    ("code", "method_code", "verdict"),
    [
        (-780, "", Verdict.DECLINED),
        (-780, "SOME_CARD_CODE", Verdict.DECLINED),
        (-780, "BANK_FIRM_UNKNOWN", Verdict.UNKNOWN),
        (-780, "USER_LOCKED", Verdict.UNKNOWN),
        (-702, "", Verdict.UNKNOWN),
        (-785, "", Verdict.UNKNOWN),
        (-999, "", Verdict.UNKNOWN),
        (-401, "", Verdict.OPEN),
        (-731, "", Verdict.OPEN),
    ],
)
def test_every_class_of_refusal_says_what_became_of_the_money(code: int, method_code: str, verdict: Verdict) -> None:
    _, outcome = received(refusal(code, method_code), lambda kakao: kakao.confirm(ORDER, CAME_BACK, key="k"))
    assert outcome.verdict is verdict
    assert outcome.code.startswith(str(code))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *[(status, Verdict.OPEN) for status in ("READY", "SEND_TMS", "OPEN_PAYMENT", "SELECT_METHOD", "AUTH_PASSWORD")],
        *[(status, Verdict.PAID) for status in ("SUCCESS_PAYMENT", "PART_CANCEL_PAYMENT", "CANCEL_PAYMENT")],
        *[(status, Verdict.DECLINED) for status in ("FAIL_AUTH_PASSWORD", "QUIT_PAYMENT", "FAIL_PAYMENT")],
        ("A_NEW_STATUS", Verdict.UNKNOWN),
    ],
)
def test_every_status_says_what_became_of_the_money(status: str, verdict: Verdict) -> None:
    request, outcome = received(answer(200, {**ORDERED, "status": status}), lambda kakao: kakao.poll(**KNOWN))
    assert outcome.verdict is verdict
    assert (request.target, json.loads(request.body)) == (
        "/online/v1/payment/order",
        {"cid": "invented-kakaopay-cid", "tid": "T1234567890"},
    )


@pytest.mark.parametrize("change", [{"partner_order_id": "ps-000002"}, {"amount": {}}, {"amount": {"total": None}}])
def test_an_answer_that_does_not_fit_is_unknown(change: dict[str, Any]) -> None:
    for call in (lambda kakao: kakao.poll(**KNOWN), lambda kakao: kakao.confirm(ORDER, CAME_BACK, key="k")):
        _, outcome = received(answer(200, {**ORDERED, **change}), call)
        assert outcome.verdict is Verdict.UNKNOWN


def test_without_its_number_nothing_is_polled_or_approved() -> None:
    with gateway(lambda _: answer(200, ORDERED)) as stub:
        kakao = build(NAME, environment(stub.url))
        assert kakao.poll(order_id="ps-000001", vendor_id="").verdict is Verdict.UNKNOWN
        assert kakao.confirm(ORDER, Returned("", "", token="t"), key="k").verdict is Verdict.OPEN
        assert kakao.confirm(ORDER, Returned("", "T1"), key="k").verdict is Verdict.OPEN
    assert stub.received == []


def cancelling(order_body: Any, cancel: bytes) -> tuple[Stub, Refunded]:
    """A refund, which queries first."""

    def reply(request: Received) -> bytes:
        return answer(200, order_body) if request.target.endswith("/order") else cancel

    with gateway(reply) as stub:
        return stub, build(NAME, environment(stub.url)).refund(**REFUND)  # type: ignore[arg-type]


def test_a_refund_polls_first_and_is_then_exactly_this_request() -> None:
    done = {**ORDERED, "aid": "A2", "cancel_available_amount": {"total": 30_000}}
    stub, back = cancelling(ORDERED, answer(200, done))
    question, request = stub.received
    body = json.loads(request.body)
    assert (question.target, request.target) == ("/online/v1/payment/order", "/online/v1/payment/cancel")
    assert set(body) == CANCEL | {"cid", "cancel_available_amount", "payload"}
    assert (body["cancel_amount"], body["cancel_available_amount"], body["payload"]) == (2_000, 32_000, "k-1")
    assert back == Refunded(RefundVerdict.DONE, 30_000, "A2")


def test_a_refund_that_was_made_already_is_recognised_and_not_repeated() -> None:
    mine = {"aid": "A2", "payment_action_type": "CANCEL", "payload": "k-1"}
    body = {**ORDERED, "cancel_available_amount": {"total": 30_000}, "payment_action_details": [mine]}
    stub, back = cancelling(body, answer(500, {}))
    assert len(stub.received) == 1
    assert back == Refunded(RefundVerdict.DONE, 30_000, "A2")


def test_a_refund_of_an_order_with_another_balance_is_refused_before_it_is_sent() -> None:
    theirs = {"aid": "A2", "payment_action_type": "CANCEL", "payload": "k-0"}
    body = {**ORDERED, "cancel_available_amount": {"total": 30_000}, "payment_action_details": [theirs]}
    stub, back = cancelling(body, answer(500, {}))
    assert len(stub.received) == 1
    assert (back.verdict, back.code) == (RefundVerdict.REFUSED, "other-balance")


@pytest.mark.parametrize("reply", [refusal(-785), refusal(-781), refusal(-500, status=500), answer(200, {})])
def test_a_refused_refund_is_polled(reply: bytes) -> None:
    """Of this provider's refusals some hide that the money went back."""
    _, back = cancelling(ORDERED, reply)
    assert back.verdict is RefundVerdict.UNKNOWN


def test_there_is_no_callback_and_no_list_of_settlements() -> None:
    kakao = build(NAME, environment("http://127.0.0.1:1"))
    with pytest.raises(ForgedCallback):
        kakao.receive(Callback({}, b'{"tid": "T1"}', {}))
    with pytest.raises(ProviderRefused, match="not_published"):
        kakao.settlements(date(2026, 11, 25))


def test_what_the_browser_brings_back_is_read_by_its_published_names() -> None:
    kakao = build(NAME, environment("http://127.0.0.1:1"))
    assert kakao.read_return({"pg_token": "abc"}) == Returned("", "", token="abc")
    assert kakao.read_return({}).code == "incomplete"


@pytest.mark.parametrize(
    ("outcome", "verdict", "asked"),
    [
        ("SANDBOX_LIMIT", Verdict.DECLINED, Verdict.DECLINED),
        ("BANK_FIRM_UNKNOWN", Verdict.UNKNOWN, Verdict.DECLINED),
        ("USER_LOCKED", Verdict.UNKNOWN, Verdict.DECLINED),
    ],
)
def test_a_refusal_that_is_picked_on_the_page(
    outcome: str, verdict: Verdict, asked: Verdict, sandbox: SandboxProcess
) -> None:
    case = Case.start(NAME, sandbox)
    assert case.pay(outcome=outcome, mobile=True).code == ""
    assert case.confirm().verdict is verdict
    assert case.poll().verdict is asked
    assert case.moved() == []
