"""Naver Pay: exact requests, every class of code, and its 409 that repeats an earlier answer.

Compared by hand with developers.pay.naver.com and with the guides in Naver's own NaverPayDev/agent-payments-integration
(authentication headers, idempotency key of at most 64 characters and its 409, form of answers, HTTP status codes).
"""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from payments.providers.contract import (
    Callback,
    ForgedCallback,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    Returned,
    SettlementLine,
    Verdict,
)
from tests.payments.providers.samples import Case, build, environment, order
from tests.support.gateway_stub import Received, gateway, http
from tests.support.sandbox_process import SandboxProcess

NAME = "naverpay"
BASE = "/invented-naverpay-partner-id/naverpay/payments"
ORDER = order(order_id="ps-000001")
PAYMENT_ID = "20261125NP1000000001"
CAME_BACK = Returned("", PAYMENT_ID)
KNOWN = {"order_id": "ps-000001", "vendor_id": PAYMENT_ID}
REFUND = {**KNOWN, "amount": 2_000, "remainder": 32_000, "reason": "사유 " * 100, "key": "k-1"}
DETAIL: dict[str, Any] = {
    "paymentId": PAYMENT_ID,
    "payHistId": f"{PAYMENT_ID}H1",
    "merchantPayKey": "ps-000001",
    "admissionTypeCode": "01",
    "admissionState": "SUCCESS",
    "admissionYmdt": "20261125090000",
    "totalPayAmount": 32_000,
    "primaryPayMeans": "BANK",
    "settleExpected": True,
    "payCommissionAmount": 480,
}
BACK = {**DETAIL, "admissionTypeCode": "04", "totalPayAmount": 2_000, "admissionYmdt": "20261125100000"}


def answer(body: Any, code: str = "Success", status: int = 200) -> bytes:
    return http(status, json.dumps({"code": code, "message": "-", "body": body}).encode())


def history(*items: Any, pages: int = 1) -> bytes:
    return answer({"list": items, "totalPageCount": pages})


def received(reply: bytes, call: Any) -> tuple[Received, Any]:
    with gateway(lambda _: reply) as stub:
        result = call(build(NAME, environment(stub.url)))
    return stub.received[-1], result


def confirm(reply: bytes) -> Any:
    return received(reply, lambda naver: naver.confirm(ORDER, CAME_BACK, key="k"))[1]


def test_a_reservation_is_exactly_this_request() -> None:
    request, begun = received(answer({"reserveId": "r-1"}), lambda naver: naver.begin(ORDER))
    assert (request.method, request.target) == ("POST", f"{BASE}/v2/reserve")
    assert request.headers["x-naver-client-id"] == "invented-naverpay-client-id"
    assert request.headers["x-naver-client-secret"] == "invented-naverpay-client-secret"
    assert request.headers["x-naverpay-chain-id"] == "invented-naverpay-chain-id"
    assert request.headers["x-naverpay-idempotency-key"] == "reserve-ps-000001"
    body = json.loads(request.body)
    item = {"categoryType": "ETC", "categoryId": "ETC", "uid": "ps-000001", "name": "교통과태료", "count": 1}
    assert body == {
        "modelVersion": "2",
        "merchantUserKey": "payer-0001",
        "merchantPayKey": "ps-000001",
        "productName": "교통과태료",
        "productCount": 1,
        "totalPayAmount": 32_000,
        "taxScopeAmount": 0,
        "taxExScopeAmount": 32_000,
        "returnUrl": ORDER.success_url,
        "productItems": [item],
    }
    assert begun.url.endswith("/payments/r-1")
    assert begun.vendor_id == ""


def test_a_refused_reservation_has_its_code() -> None:
    with pytest.raises(ProviderRefused, match="InvalidMerchant"):
        received(answer(None, "InvalidMerchant"), lambda naver: naver.begin(ORDER))
    with pytest.raises(ProviderUnavailable):
        received(answer({"reserveId": ""}), lambda naver: naver.begin(ORDER))


def test_an_application_is_exactly_this_request() -> None:
    reply = answer({"paymentId": PAYMENT_ID, "detail": DETAIL})
    request, outcome = received(reply, lambda naver: naver.confirm(ORDER, CAME_BACK, key="k" * 65))
    assert (request.method, request.target) == ("POST", f"{BASE}/v2.2/apply/payment")
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert request.body.decode() == f"paymentId={PAYMENT_ID}"
    assert request.headers["x-naverpay-idempotency-key"] == hashlib.sha256(b"k" * 65).hexdigest()
    assert (outcome.verdict, outcome.amount, outcome.method) == (Verdict.PAID, 32_000, "BANK")
    assert outcome.approved_at == datetime(2026, 11, 25, tzinfo=UTC)


def test_a_409_is_the_earlier_answer_which_says_nothing_about_the_money_since() -> None:
    assert confirm(answer({"detail": DETAIL}, status=409)).verdict is Verdict.UNKNOWN
    assert confirm(answer(None, "NotEnoughAccountBalance", 409)).verdict is Verdict.DECLINED
    assert confirm(http(409, b"conflict")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("TimeExpired", Verdict.DECLINED),
        ("OwnerAuthFail", Verdict.DECLINED),
        ("NotEnoughAccountBalance", Verdict.DECLINED),
        ("BankMaintenance", Verdict.DECLINED),
        ("AlreadyOnGoing", Verdict.UNKNOWN),
        ("AlreadyComplete", Verdict.UNKNOWN),
        ("Fail", Verdict.UNKNOWN),
        ("ACodeOfNextYear", Verdict.UNKNOWN),
        ("InvalidMerchant", Verdict.OPEN),
        ("MaintenanceOngoing", Verdict.OPEN),
    ],
)
def test_every_class_of_refusal_says_what_became_of_the_money(code: str, verdict: Verdict) -> None:
    outcome = confirm(answer(None, code))
    assert (outcome.verdict, outcome.code) == (verdict, code)


@pytest.mark.parametrize(
    "change",
    [{"merchantPayKey": "ps-000002"}, {"admissionState": "FAIL"}, {"totalPayAmount": None}, {"admissionYmdt": "now"}],
)
def test_an_answer_that_does_not_fit_is_unknown(change: dict[str, Any]) -> None:
    assert confirm(answer({"detail": {**DETAIL, **change}})).verdict is Verdict.UNKNOWN


def test_success_with_an_error_status_is_no_success() -> None:
    assert confirm(answer({"detail": DETAIL}, status=400)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("items", "verdict", "balance"),
    [
        ([DETAIL], Verdict.PAID, 32_000),
        ([DETAIL, BACK], Verdict.PAID, 30_000),
        ([DETAIL, {**BACK, "totalPayAmount": -2_000}], Verdict.PAID, 30_000),
        ([DETAIL, {**BACK, "admissionState": "FAIL"}], Verdict.PAID, 32_000),
        ([DETAIL, {**BACK, "admissionTypeCode": "03", "totalPayAmount": 32_000}], Verdict.PAID, 0),
        ([{**DETAIL, "admissionState": "FAIL"}], Verdict.OPEN, None),
        ([], Verdict.OPEN, None),
        ([{**DETAIL, "merchantPayKey": "ps-000002"}], Verdict.UNKNOWN, None),
        ([{**DETAIL, "paymentId": "another"}], Verdict.OPEN, None),
    ],
)
def test_a_payments_history_says_what_is_left_of_it(items: list[Any], verdict: Verdict, balance: int | None) -> None:
    request, outcome = received(history(*items), lambda naver: naver.poll(**KNOWN))
    assert (outcome.verdict, outcome.balance) == (verdict, balance)
    assert request.target == f"{BASE}/v2.2/list/history"
    assert json.loads(request.body) == {"paymentId": PAYMENT_ID, "approvalType": "ALL"}


def test_an_abandoned_order_was_not_applied_for() -> None:
    with gateway(lambda _: history(DETAIL)) as stub:
        naver = build(NAME, environment(stub.url))
        assert naver.poll(order_id="ps-000001", vendor_id="").verdict is Verdict.OPEN
        cancelled = Returned("", PAYMENT_ID, code="UserCancel")
        assert naver.confirm(ORDER, cancelled, key="k").verdict is Verdict.OPEN
    assert stub.received == []


def test_a_refund_is_exactly_this_request() -> None:
    done = {"paymentId": PAYMENT_ID, "payHistId": f"{PAYMENT_ID}H2", "totalRestAmount": 30_000}
    request, back = received(answer(done), lambda naver: naver.refund(**REFUND))
    fields = dict(parse_qsl(request.body.decode()))
    reason = fields.pop("cancelReason")
    assert request.target == f"{BASE}/v1/cancel"
    assert request.headers["x-naverpay-idempotency-key"] == "k-1"
    assert len(reason.encode()) <= 256 and "�" not in reason
    assert fields == {
        "paymentId": PAYMENT_ID,
        "cancelAmount": "2000",
        "cancelRequester": "2",
        "taxScopeAmount": "0",
        "taxExScopeAmount": "2000",
        "doCompareRest": "1",
        "expectedRestAmount": "30000",
    }
    assert back == Refunded(RefundVerdict.DONE, 30_000, f"{PAYMENT_ID}H2")


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("OverRemainAmount", RefundVerdict.REFUSED),
        ("CancelDeadlineExpired", RefundVerdict.REFUSED),
        ("AlreadyCanceled", RefundVerdict.UNKNOWN),
        ("RestAmountDiff", RefundVerdict.UNKNOWN),
        ("CancelNotComplete", RefundVerdict.UNKNOWN),
        ("PreCancelNotComplete", RefundVerdict.UNKNOWN),
        ("ACodeOfNextYear", RefundVerdict.UNKNOWN),
    ],
)
def test_a_refused_refund_says_whether_to_poll(code: str, verdict: RefundVerdict) -> None:
    _, back = received(answer(None, code), lambda naver: naver.refund(**REFUND))
    assert (back.verdict, back.code) == (verdict, code)


def test_a_days_history_is_read_page_by_page() -> None:
    with gateway(lambda _: history([DETAIL, BACK][len(stub.received) - 1], pages=2)) as stub:
        lines = build(NAME, environment(stub.url)).settlements(date(2026, 11, 25))
    asked = [json.loads(request.body) for request in stub.received]
    assert [body["pageNumber"] for body in asked] == [1, 2]
    assert asked[0] == {
        "startTime": "20261125000000",
        "endTime": "20261125235959",
        "approvalType": "ALL",
        "pageNumber": 1,
        "rowsPerPage": 50,
    }
    at = datetime(2026, 11, 25, tzinfo=UTC)
    assert lines == [
        SettlementLine("ps-000001", PAYMENT_ID, 32_000, at, 480),
        SettlementLine("ps-000001", PAYMENT_ID, -2_000, at.replace(hour=1), 480),
    ]


def test_no_callback_is_published() -> None:
    with pytest.raises(ForgedCallback):
        build(NAME, environment("http://127.0.0.1:1")).receive(Callback({}, b'{"paymentId": "x"}', {}))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"resultCode": "Success", "paymentId": PAYMENT_ID}, Returned("", PAYMENT_ID)),
        ({"resultCode": "UserCancel", "resultMessage": "-"}, Returned("", "", code="UserCancel")),
        ({"resultCode": "Success"}, Returned("", "", code="incomplete")),
        ({}, Returned("", "", code="incomplete")),
    ],
)
def test_what_the_browser_brings_back_is_read_by_its_published_names(query: dict[str, str], expected: Returned) -> None:
    assert build(NAME, environment("http://127.0.0.1:1")).read_return(query) == expected


@pytest.mark.parametrize("outcome", ["NotEnoughAccountBalance", "BankMaintenance", "OwnerAuthFail"])
def test_a_refusal_that_is_picked_on_the_page(outcome: str, sandbox: SandboxProcess) -> None:
    case = Case.start(NAME, sandbox)
    case.pay(outcome=outcome)
    refused = case.confirm()
    assert (refused.verdict, refused.code) == (Verdict.DECLINED, outcome)
    assert case.moved() == []
