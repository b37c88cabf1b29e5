"""Serve Naver Pay's payment API: reserve, apply, history, cancel, and the page between them.

Source: developers.pay.naver.com (/docs/v1/api/payments, /docs/v2/api), and its pages on authentication, idempotency
(409 with the earlier answer) and HTTP status codes. Unverified: the body of a 401, which code a wrong reservation gets
(here Fail), how long a key is kept (here a day), what the browser brings back besides resultCode and paymentId.
"""

import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.guard import guarded
from sandbox.payments.choice import ChoicePage
from sandbox.payments.naverpay_shapes import Refused, detail_json, history_json, success
from sandbox.payments.page import Brand, back, is_address
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.provider_stub import AUTHORISED, EXPIRED, FAILED, KST, PAID, Payment, Refund
from sandbox.world import WORLD

PROVIDER = "naverpay"
APPLY_SECONDS, KEY_SECONDS, KEY_CHARS = 600, 86400, 64
AMOUNTS, LEAST = ("totalPayAmount", "taxScopeAmount", "taxExScopeAmount"), 10
KEY_HEADER = "X-NaverPay-Idempotency-Key"
BRAND = Brand(
    title="네이버페이",
    colour="#007a3d",
    ink="#fff",
    refusals={
        "NotEnoughAccountBalance": "승인할 때 거절: 잔액 부족",
        "BankMaintenance": "승인할 때 거절: 은행 점검",
        "OwnerAuthFail": "승인할 때 거절: 본인 인증 실패",
    },
    failures={"PaymentTimeExpire": "결제창에서 시간 초과"},
)

Work = Callable[[web.Request, Mapping[str, Any]], Awaitable[dict[str, Any]]]


def add_routes(app: web.Application) -> None:
    page = ChoicePage(PROVIDER, BRAND, "UserCancel", _way_back)
    base = "/{partner}/naverpay/payments"
    for path, on, work in (
        ("v2/reserve", "begin", reserve),
        ("v2.2/apply/payment", "confirm", apply),
        ("v2.2/list/history", "read", history),
        ("v1/cancel", "cancel", cancel),
    ):
        app.router.add_post(f"{base}/{path}", guarded(PROVIDER, on, _answering(work)))
    app.router.add_get("/payments/{page}", page.show)
    app.router.add_post("/payments/{page}", page.decide)


def _answering(work: Work) -> Callable[[web.Request, Plan], Awaitable[web.Response]]:
    async def handle(request: web.Request, plan: Plan) -> web.Response:
        try:
            _authenticate(request)
            if "refuse" in plan:
                raise Refused(plan["refuse"].code)
            return await _once(request, work)
        except Refused as refused:
            return refused.answer()

    return handle


async def _once(request: web.Request, work: Work) -> web.Response:
    key, stub = request.headers.get(KEY_HEADER, ""), request.app[WORLD].provider_stub
    if len(key) > KEY_CHARS:
        raise Refused("Fail")
    name = f"{PROVIDER}:{request.path}:{key}"
    known = stub.answer(name, KEY_SECONDS) if key else None
    if known is not None:
        return web.json_response(text=known[1], status=409, headers={KEY_HEADER: key})
    answer = await _done(request, work)
    if key:
        await stub.remember(name, answer.status, answer.text or "")
        answer.headers[KEY_HEADER] = key
    return answer


async def _done(request: web.Request, work: Work) -> web.Response:
    try:
        return success(await work(request, await _body(request)))
    except Refused as refused:
        return refused.answer()


async def reserve(request: web.Request, body: Mapping[str, Any]) -> dict[str, Any]:
    _check_reserve(body)
    stub = request.app[WORLD].provider_stub
    earlier = stub.of_order(PROVIDER, body["merchantPayKey"])
    if earlier is not None and earlier.status == PAID:
        raise Refused("Fail")
    payment = Payment(
        provider=PROVIDER,
        vendor_id=f"{datetime.now(KST):%Y%m%d}NP{secrets.randbelow(10**10):010d}",
        order_id=body["merchantPayKey"],
        page=secrets.token_urlsafe(18),
        amount=body["totalPayAmount"],
        name=body["productName"],
        payer=body["merchantUserKey"],
        success_url=body["returnUrl"],
        cancel_url=body["returnUrl"],
        fail_url=body["returnUrl"],
        created_at=time.time(),
    )
    await stub.keep(payment)
    return {"reserveId": payment.page}


async def apply(request: web.Request, body: Mapping[str, Any]) -> dict[str, Any]:
    stub = request.app[WORLD].provider_stub
    async with stub.held(_existing(request, body)) as payment:
        if payment.status == PAID:
            raise Refused("AlreadyComplete")
        if payment.status == AUTHORISED and time.time() - payment.authorised_at > APPLY_SECONDS:
            payment.status = EXPIRED
            await stub.keep(payment)
        if payment.status == EXPIRED:
            raise Refused("TimeExpired")
        if payment.status != AUTHORISED:
            raise Refused("InvalidPaymentId")
        if payment.refusal:
            payment.status, payment.code = FAILED, payment.refusal
            await stub.keep(payment)
            raise Refused(payment.refusal)
        await stub.charge(payment, f"{payment.vendor_id}H1")
    return {"paymentId": payment.vendor_id, "detail": detail_json(payment, None)}


async def history(request: web.Request, body: Mapping[str, Any]) -> dict[str, Any]:
    stub = request.app[WORLD].provider_stub
    if body.get("paymentId"):
        one = stub.get(PROVIDER, str(body["paymentId"]))
        return history_json([one] if one else [], body)
    return history_json(stub.all(PROVIDER, ""), body)


async def cancel(request: web.Request, body: Mapping[str, Any]) -> dict[str, Any]:
    stub = request.app[WORLD].provider_stub
    async with stub.held(_existing(request, body)) as payment:
        amount = _refundable(payment, body)
        number = len(payment.refunds) + 2
        key = request.headers.get(KEY_HEADER, "")
        made = Refund(amount, time.time(), f"{payment.vendor_id}H{number}", key, str(body["cancelReason"]))
        await stub.refund(payment, made)
    return {
        "paymentId": payment.vendor_id,
        "payHistId": made.reference,
        "primaryPayMeans": "BANK",
        "primaryPayCancelAmount": amount,
        "primaryPayRestAmount": payment.balance,
        "npointCancelAmount": 0,
        "npointRestAmount": 0,
        "cancelYmdt": f"{datetime.fromtimestamp(made.at, KST):%Y%m%d%H%M%S}",
        "totalRestAmount": payment.balance,
    }


def _way_back(payment: Payment) -> web.HTTPSeeOther:
    if payment.status == AUTHORISED:
        return back(payment.success_url, resultCode="Success", paymentId=payment.vendor_id)
    return back(payment.success_url, resultCode=payment.code, resultMessage="결제가 완료되지 않았습니다.")


def _check_reserve(body: Mapping[str, Any]) -> None:
    texts = {"merchantPayKey": 64, "merchantUserKey": 50, "productName": 128}
    if not all(isinstance(body.get(name), str) and 1 <= len(body[name]) <= most for name, most in texts.items()):
        raise Refused("Fail")
    total, taxed, untaxed = (_amount(body.get(name)) for name in AMOUNTS)
    if total < LEAST or total != taxed + untaxed or not is_address(body.get("returnUrl")):
        raise Refused("Fail")
    if not body.get("productItems") or body.get("modelVersion") != "2":
        raise Refused("Fail")


def _amount(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refused("Fail")
    return value


def _refundable(payment: Payment, body: Mapping[str, Any]) -> int:
    try:
        amount, taxed, untaxed = (int(body[name]) for name in ("cancelAmount", "taxScopeAmount", "taxExScopeAmount"))
        expected = int(body["expectedRestAmount"]) if str(body.get("doCompareRest", "0")) == "1" else None
    except (KeyError, ValueError):
        raise Refused("Fail") from None
    if not body.get("cancelReason") or str(body.get("cancelRequester")) not in ("1", "2"):
        raise Refused("Fail")
    if payment.status != PAID:
        raise Refused("InvalidPaymentId")
    if payment.balance == 0:
        raise Refused("AlreadyCanceled")
    if amount > payment.balance:
        raise Refused("OverRemainAmount")
    if amount <= 0 or taxed + untaxed != amount:
        raise Refused("TaxScopeAmountError")
    if expected is not None and expected != payment.balance - amount:
        raise Refused("RestAmountDiff")
    return amount


def _existing(request: web.Request, body: Mapping[str, Any]) -> Payment:
    found = request.app[WORLD].provider_stub.get(PROVIDER, str(body.get("paymentId", "")))
    if found is None:
        raise Refused("InvalidPaymentId")
    return found


def _authenticate(request: web.Request) -> None:
    right = {
        "X-Naver-Client-Id": credentials.NAVERPAY_CLIENT_ID,
        "X-Naver-Client-Secret": credentials.NAVERPAY_CLIENT_SECRET,
        "X-NaverPay-Chain-Id": credentials.NAVERPAY_CHAIN_ID,
    }
    for name, value in right.items():
        if not hmac.compare_digest(request.headers.get(name, "").encode(), value.encode()):
            raise Refused("InvalidMerchant", 401)
    if request.match_info["partner"] != credentials.NAVERPAY_PARTNER_ID:
        raise Refused("InvalidMerchant", 404)


async def _body(request: web.Request) -> Mapping[str, Any]:
    """JSON, or a form for apply and cancel, as each page of the documentation has it."""
    if request.path.endswith(("/apply/payment", "/cancel")):
        return dict(await request.post())
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("Fail", 400)
    return body
