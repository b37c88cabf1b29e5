"""Serve KakaoPay's online payment API: ready, approve, order, cancel, and the page between them.

Source: developers.kakaopay.com/docs/payment/online (single-payment, payment-detail, cancellation, reference);
required fields as in KakaoPay's own client (npm @kakaopay-develop/agent-toolkit 0.1.2). Unverified: every error code
but -400, -401, -702, -731, -780 and -785 (here -2 stands for every other error), the method codes besides
USER_LOCKED and BANK_FIRM_UNKNOWN, and the state of an order whose fifteen minutes are over (here as before).
"""

import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeGuard

from aiohttp import web

from sandbox.guard import guarded
from sandbox.payments.choice import ChoicePage
from sandbox.payments.kakaopay_shapes import INVALID, Refused, approve_json, cancel_json, order_json, ready_json
from sandbox.payments.page import Brand, back, is_address
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.provider_stub import AUTHORISED, FAILED, PAID, Payment, Refund
from sandbox.world import WORLD

PROVIDER = "kakaopay"
TID_SECONDS = 900
TEXTS, ADDRESSES = ("partner_order_id", "partner_user_id", "item_name"), ("approval_url", "cancel_url", "fail_url")
BRAND = Brand(
    title="카카오페이",
    colour="#ffeb00",
    ink="#191919",
    refusals={
        "SANDBOX_LIMIT": "승인할 때 거절: 한도 초과",
        "USER_LOCKED": "승인할 때: 같은 사람의 다른 거래가 진행 중",
        "BANK_FIRM_UNKNOWN": "승인할 때: 은행 결과를 알 수 없음",
    },
    failures={"FAIL": "결제창에서 실패"},
)

Work = Callable[[web.Request, Plan, dict[str, Any]], Awaitable[dict[str, Any]]]


def add_routes(app: web.Application) -> None:
    page = ChoicePage(PROVIDER, BRAND, "QUIT", _way_back)
    for action, on, work in (
        ("ready", "begin", ready),
        ("approve", "confirm", approve),
        ("order", "read", order),
        ("cancel", "cancel", cancel),
    ):
        app.router.add_post(f"/online/v1/payment/{action}", guarded(PROVIDER, on, _answering(work)))
    app.router.add_get("/kakaopay/{screen:pc|mobile}/{page}", page.show)
    app.router.add_post("/kakaopay/{screen:pc|mobile}/{page}", page.decide)


def _answering(work: Work) -> Callable[[web.Request, Plan], Awaitable[web.Response]]:
    async def handle(request: web.Request, plan: Plan) -> web.Response:
        try:
            _authenticate(request)
            if "refuse" in plan:
                raise Refused.of_text(plan["refuse"].code)
            return web.json_response(await work(request, plan, await _body(request)))
        except Refused as refused:
            return refused.answer()

    return handle


async def ready(request: web.Request, plan: Plan, body: dict[str, Any]) -> dict[str, Any]:
    _check_ready(body)
    payment = Payment(
        provider=PROVIDER,
        vendor_id=f"T{secrets.token_hex(10)[:19]}",  # 20 characters
        order_id=body["partner_order_id"],
        page=secrets.token_hex(20),
        amount=body["total_amount"],
        name=body["item_name"],
        payer=body["partner_user_id"],
        success_url=body["approval_url"],
        cancel_url=body["cancel_url"],
        fail_url=body["fail_url"],
        created_at=time.time(),
    )
    await request.app[WORLD].provider_stub.keep(payment)
    return ready_json(payment, f"{request.url.origin()}/kakaopay")


async def approve(request: web.Request, plan: Plan, body: dict[str, Any]) -> dict[str, Any]:
    stub = request.app[WORLD].provider_stub
    async with stub.held(_existing(request, body)) as payment:
        if payment.status == PAID:
            raise Refused(-702, "payment is already done!")
        _check_approve(payment, body)
        if payment.refusal:
            payment.status, payment.code = FAILED, payment.refusal
            await stub.keep(payment)
            raise Refused(-780, "approval failure!", payment.refusal)
        await stub.charge(payment, f"A{secrets.token_hex(10)[:19]}")
    return approve_json(payment)


async def order(request: web.Request, plan: Plan, body: dict[str, Any]) -> dict[str, Any]:
    return order_json(_existing(request, body))


async def cancel(request: web.Request, plan: Plan, body: dict[str, Any]) -> dict[str, Any]:
    stub = request.app[WORLD].provider_stub
    amount = body.get("cancel_amount")
    if not _is_count(amount) or not _is_count(body.get("cancel_tax_free_amount"), least=0):
        raise Refused(INVALID, "invalid parameter")
    async with stub.held(_existing(request, body)) as payment:
        if payment.status != PAID or not 0 < amount <= payment.balance:
            raise Refused(INVALID, "cancel amount is not available")
        if body.get("cancel_available_amount", payment.balance) != payment.balance:
            raise Refused(INVALID, "cancel_available_amount does not match")
        made = Refund(amount, time.time(), f"A{secrets.token_hex(10)[:19]}", str(body.get("payload", "")), "")
        await stub.refund(payment, made)
    return cancel_json(payment, made)


def _way_back(payment: Payment) -> web.HTTPSeeOther:
    if payment.status == AUTHORISED:
        return back(payment.success_url, pg_token=payment.token)
    return back(payment.cancel_url if payment.code == "QUIT" else payment.fail_url)


def _check_ready(body: dict[str, Any]) -> None:
    if not all(isinstance(body.get(name), str) and 1 <= len(body[name]) <= 100 for name in TEXTS):
        raise Refused(INVALID, "invalid parameter")
    if not all(is_address(body.get(name), 255) for name in ADDRESSES):
        raise Refused(INVALID, "invalid parameter")
    if not _is_count(body.get("quantity")) or not _is_count(body.get("total_amount")):
        raise Refused(INVALID, "invalid parameter")
    if not _is_count(body.get("tax_free_amount"), least=0) or body["tax_free_amount"] > body["total_amount"]:
        raise Refused(INVALID, "invalid parameter")


def _check_approve(payment: Payment, body: dict[str, Any]) -> None:
    given = (body.get("partner_order_id"), body.get("partner_user_id"), body.get("total_amount", payment.amount))
    if given != (payment.order_id, payment.payer, payment.amount) or payment.status != AUTHORISED:
        raise Refused(INVALID, "invalid parameter")
    if not hmac.compare_digest(str(body.get("pg_token", "")).encode(), payment.token.encode()):
        raise Refused(INVALID, "invalid pg_token")
    if time.time() - payment.created_at > TID_SECONDS:
        raise Refused(INVALID, "tid is expired")


def _existing(request: web.Request, body: dict[str, Any]) -> Payment:
    found = request.app[WORLD].provider_stub.get(PROVIDER, str(body.get("tid", "")))
    if found is None:
        raise Refused(INVALID, "invalid tid")
    return found


def _authenticate(request: web.Request) -> None:
    given = request.headers.get("Authorization", "")
    if not given:
        raise Refused(-400, "Authorization header is missing")
    if not hmac.compare_digest(given.encode(), f"SECRET_KEY {credentials.KAKAOPAY_SECRET_KEY}".encode()):
        raise Refused(-401, "invalid secret key", status=401)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict) or not request.content_type.startswith("application/json"):
        raise Refused(INVALID, "invalid parameter")
    if body.get("cid") != credentials.KAKAOPAY_CID:
        raise Refused(-731, "invalid cid")
    return body


def _is_count(value: object, least: int = 1) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
