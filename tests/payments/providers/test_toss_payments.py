"""Toss Payments: exact requests, every class of code, events.

Compared by hand with docs.tosspayments.com/reference (its Markdown edition) and with the unofficial OpenAPI description
kms0219kms/tosspayments-api-spec, 2022-11-16: paths, limits, and the fields that a Payment must have (PAYMENT_FIELDS).
"""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests

from payments.providers import toss_payments
from payments.providers.contract import (
    Callback,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    Returned,
    SettlementLine,
    Trigger,
    UnreadableCallback,
    Verdict,
)
from tests.payments.providers.samples import build, environment, order, paid
from tests.support.gateway_stub import Received, gateway, http
from tests.support.sandbox_process import SandboxProcess

NAME = "toss_payments"
ORDER = order(order_id="ps-000001")
CAME_BACK = Returned("ps-000001", "pk/1", amount=32_000)
KNOWN = {"order_id": "ps-000001", "vendor_id": "pk/1"}
PAYMENT: dict[str, Any] = {
    "orderId": "ps-000001",
    "paymentKey": "pk/1",
    "status": "DONE",
    "totalAmount": 32_000,
    "balanceAmount": 32_000,
    "approvedAt": "2026-11-25T09:00:00+09:00",
    "method": "카드",
    "lastTransactionKey": "tx1",
}
# What the OpenAPI description marks as required of a Payment.
PAYMENT_FIELDS = {
    *("approvedAt", "balanceAmount", "country", "cultureExpense", "currency", "isPartialCancelable", "mId", "method"),
    *("orderId", "orderName", "paymentKey", "requestedAt", "status", "suppliedAmount", "taxFreeAmount", "totalAmount"),
    *("type", "useEscrow", "vat", "version"),
}


def answer(status: int, body: Any) -> bytes:
    return http(status, json.dumps(body).encode())


def refusal(code: str, status: int = 400) -> bytes:
    return answer(status, {"code": code, "message": "-"})


def received(reply: bytes, call: Any) -> tuple[Received, Any]:
    with gateway(lambda _: reply) as stub:
        result = call(build(NAME, environment(stub.url)))
    return stub.received[0], result


def test_the_window_gets_what_the_script_asks_for() -> None:
    begun = build(NAME, {**environment("https://x.example"), "TOSS_PAYMENTS_ORIGINS": "https://a, https://b"}).begin(
        ORDER
    )
    assert begun.window is not None
    assert begun.window.script == "https://js.tosspayments.com/v2/standard"
    assert begun.window.origins == ("https://a", "https://b")
    parameters = dict(begun.window.parameters)
    assert 2 <= len(parameters.pop("customerKey")) <= 50
    assert parameters == {
        "clientKey": "invented-toss-payments-client-key",
        "method": "CARD",
        "amount": {"currency": "KRW", "value": 32_000},
        "taxFreeAmount": 32_000,
        "windowTarget": "self",
        "orderId": "ps-000001",
        "orderName": "교통과태료",
        "successUrl": ORDER.success_url,
        "failUrl": ORDER.fail_url,
    }
    assert "invented-toss-payments-secret-key" not in str(begun)
    assert ORDER.payer not in str(begun)


def test_a_confirmation_is_exactly_this_request() -> None:
    request, outcome = received(answer(200, PAYMENT), lambda toss: toss.confirm(ORDER, CAME_BACK, key="k" * 400))
    assert (request.method, request.target) == ("POST", "/v1/payments/confirm")
    assert json.loads(request.body) == {"paymentKey": "pk/1", "orderId": "ps-000001", "amount": 32_000}
    basic = base64.b64encode(b"invented-toss-payments-secret-key:").decode()
    assert request.headers["authorization"] == f"Basic {basic}"
    assert request.headers["idempotency-key"] == "k" * 300
    assert request.headers["content-type"] == "application/json"
    assert (outcome.verdict, outcome.amount, outcome.method) == (Verdict.PAID, 32_000, "카드")
    assert outcome.approved_at == datetime(2026, 11, 25, tzinfo=UTC)


def test_a_question_and_a_refund_are_exactly_these_requests() -> None:
    request, _ = received(answer(200, PAYMENT), lambda toss: toss.poll(**KNOWN))
    assert (request.method, request.target) == ("GET", "/v1/payments/orders/ps-000001")
    refund = {**KNOWN, "amount": 2_000, "remainder": 32_000, "reason": "사" * 300, "key": "k"}
    request, back = received(answer(200, {**PAYMENT, "balanceAmount": 30_000}), lambda toss: toss.refund(**refund))
    assert (request.method, request.target) == ("POST", "/v1/payments/pk%2F1/cancel")
    assert json.loads(request.body) == {
        "cancelReason": "사" * 200,
        "cancelAmount": 2_000,
        "taxFreeAmount": 2_000,
        "refundableAmount": 32_000,
    }
    assert request.headers["idempotency-key"] == "k"
    assert back == Refunded(RefundVerdict.DONE, 30_000, "tx1")


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("ALREADY_PROCESSED_PAYMENT", 400, Verdict.UNKNOWN),
        ("PROVIDER_ERROR", 400, Verdict.UNKNOWN),
        ("IDEMPOTENT_REQUEST_PROCESSING", 409, Verdict.UNKNOWN),
        ("FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", 500, Verdict.UNKNOWN),
        ("A_CODE_OF_NEXT_YEAR", 400, Verdict.UNKNOWN),
        ("REJECT_CARD_PAYMENT", 403, Verdict.DECLINED),
        ("REJECT_CARD_COMPANY", 403, Verdict.DECLINED),
        ("FORBIDDEN_REQUEST", 403, Verdict.DECLINED),
        ("NOT_FOUND_PAYMENT_SESSION", 404, Verdict.DECLINED),
        ("UNAUTHORIZED_KEY", 401, Verdict.OPEN),
        ("INVALID_REQUEST", 400, Verdict.OPEN),
    ],
)
def test_every_class_of_refusal_says_what_became_of_the_money(code: str, status: int, verdict: Verdict) -> None:
    _, outcome = received(refusal(code, status), lambda toss: toss.confirm(ORDER, CAME_BACK, key="k"))
    assert outcome.verdict is verdict
    assert outcome.code in (code, f"http-{status}")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("READY", Verdict.OPEN),
        ("IN_PROGRESS", Verdict.OPEN),
        ("WAITING_FOR_DEPOSIT", Verdict.OPEN),
        ("DONE", Verdict.PAID),
        ("PARTIAL_CANCELED", Verdict.PAID),
        ("CANCELED", Verdict.PAID),
        ("ABORTED", Verdict.DECLINED),
        ("EXPIRED", Verdict.DECLINED),
        ("A_NEW_STATUS", Verdict.UNKNOWN),
    ],
)
def test_every_status_says_what_became_of_the_money(status: str, verdict: Verdict) -> None:
    _, outcome = received(answer(200, {**PAYMENT, "status": status}), lambda toss: toss.poll(**KNOWN))
    assert outcome.verdict is verdict
    assert (outcome.amount is not None) == (verdict is Verdict.PAID)


def test_an_aborted_payment_says_why() -> None:
    body = {**PAYMENT, "status": "ABORTED", "failure": {"code": "REJECT_CARD_PAYMENT", "message": "-"}}
    _, outcome = received(answer(200, body), lambda toss: toss.poll(**KNOWN))
    assert (outcome.verdict, outcome.code) == (Verdict.DECLINED, "REJECT_CARD_PAYMENT")


def test_an_order_that_toss_does_not_know_was_not_captured() -> None:
    for code, verdict in (("NOT_FOUND_PAYMENT", Verdict.OPEN), ("UNAUTHORIZED_KEY", Verdict.UNKNOWN)):
        _, outcome = received(refusal(code, 404), lambda toss: toss.poll(**KNOWN))
        assert outcome.verdict is verdict


@pytest.mark.parametrize(
    "change", [{"orderId": "ps-000002"}, {"totalAmount": "much"}, {"totalAmount": True}, {"status": None}]
)
def test_an_answer_that_does_not_fit_is_unknown(change: dict[str, Any]) -> None:
    for call in (lambda toss: toss.poll(**KNOWN), lambda toss: toss.confirm(ORDER, CAME_BACK, key="k")):
        _, outcome = received(answer(200, {**PAYMENT, **change}), call)
        assert outcome.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("NOT_CANCELABLE_AMOUNT", RefundVerdict.REFUSED),
        ("EXCEED_MAX_REFUND_DUE", RefundVerdict.REFUSED),
        ("NOT_MATCHES_REFUNDABLE_AMOUNT", RefundVerdict.UNKNOWN),
        ("ALREADY_CANCELED_PAYMENT", RefundVerdict.UNKNOWN),
        ("FORBIDDEN_CONSECUTIVE_REQUEST", RefundVerdict.UNKNOWN),
        ("A_CODE_OF_NEXT_YEAR", RefundVerdict.UNKNOWN),
    ],
)
def test_a_refused_refund_says_whether_to_poll(code: str, verdict: RefundVerdict) -> None:
    refund = {**KNOWN, "amount": 1, "remainder": 1, "reason": "-", "key": "k"}
    _, back = received(refusal(code, 403), lambda toss: toss.refund(**refund))
    assert (back.verdict, back.code) == (verdict, code)


def test_settlements_are_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toss_payments, "PAGE", 2)
    charge = {
        **PAYMENT,
        "amount": 32_000,
        "fees": [{"type": "BASE", "fee": 480}, {"type": "ETC", "fee": 10}],
        "cancel": None,
    }
    back = {**charge, "amount": -2_000, "fees": [], "cancel": {"canceledAt": "2026-11-25T10:00:00+09:00"}}
    pages = [[charge, back], [charge]]
    with gateway(lambda _: answer(200, pages[len(stub.received) - 1])) as stub:
        lines = build(NAME, environment(stub.url)).settlements(date(2026, 11, 25))
    assert [request.query for request in stub.received] == [
        {"startDate": "2026-11-25", "endDate": "2026-11-25", "dateType": "soldDate", "page": page, "size": "2"}
        for page in ("1", "2")
    ]
    at = datetime(2026, 11, 25, 0, tzinfo=UTC)
    assert lines[0] == lines[2] == SettlementLine("ps-000001", "pk/1", 32_000, at, 490)
    assert lines[1] == SettlementLine("ps-000001", "pk/1", -2_000, at.replace(hour=1), 0)


def test_settlements_that_cannot_be_had_say_why() -> None:
    for reply, error in (
        (refusal("INVALID_REQUEST"), ProviderRefused),
        (refusal("COMMON_ERROR", 500), ProviderUnavailable),
        (answer(200, [{"amount": 1}]), ProviderUnavailable),
    ):
        with pytest.raises(error):
            received(reply, lambda toss: toss.settlements(date(2026, 11, 25)))


def event(kind: str = "PAYMENT_STATUS_CHANGED", **headers: str) -> Callback:
    body = {"eventType": kind, "createdAt": "2026-11-25T09:00:00.000000", "data": PAYMENT}
    return Callback(headers, json.dumps(body).encode(), {})


def test_an_event_is_a_reason_to_poll_and_nothing_else() -> None:
    toss = build(NAME, environment("http://127.0.0.1:1"))
    header = {"tosspayments-webhook-transmission-id": "tr-1"}
    expected = Trigger("tr-1", "ps-000001", "pk/1", "PAYMENT_STATUS_CHANGED")
    assert toss.receive(event(**header)) == [expected]
    assert toss.receive(event())[0].event_id == toss.receive(event())[0].event_id != "tr-1"
    assert toss.receive(event("payout.changed")) == []
    deposit = Callback({}, json.dumps({"orderId": "ps-000001", "status": "DONE", "secret": "s"}).encode(), {})
    assert toss.receive(deposit)[0].order_id == "ps-000001"
    with pytest.raises(UnreadableCallback):
        toss.receive(Callback({}, b'{"eventType": "PAYMENT_STATUS_CHANGED", "data": []}', {}))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            {"paymentType": "NORMAL", "paymentKey": "pk1", "orderId": "ps-000001", "amount": "32000"},
            Returned("ps-000001", "pk1", amount=32_000),
        ),
        ({"code": "PAY_PROCESS_CANCELED", "message": "-"}, Returned("", "", code="PAY_PROCESS_CANCELED")),
        (
            {"code": "REJECT_CARD_COMPANY", "message": "-", "orderId": "ps-000001"},
            Returned("ps-000001", "", code="REJECT_CARD_COMPANY"),
        ),
    ],
)
def test_what_the_browser_brings_back_is_read_by_its_published_names(query: dict[str, str], expected: Returned) -> None:
    assert build(NAME, environment("http://127.0.0.1:1")).read_return(query) == expected


def test_the_sandbox_answers_with_every_field_of_the_description(sandbox: SandboxProcess) -> None:
    case = paid(NAME, sandbox)
    key = (sandbox.environment["TOSS_PAYMENTS_SECRET_KEY"], "")
    reply = requests.get(f"{sandbox.url}/v1/payments/orders/{case.order.order_id}", auth=key, timeout=60)
    assert set(reply.json()) >= PAYMENT_FIELDS
