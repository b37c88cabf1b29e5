"""Serve Toss Payments' window: the script that opens it, and the page where a sample person pays.

Source: docs.tosspayments.com/sdk/v2/js (script, requestPayment, the two addresses and what they are given). The real
script talks to addresses that are not published; this one leads the browser to /toss-payments/window.
"""

import re
import secrets
import time
from pathlib import Path

from aiohttp import web

from sandbox.guard import guarded
from sandbox.payments.choice import ChoicePage
from sandbox.payments.page import Brand, back, is_address, refused_page
from sandbox.payments.toss import PROVIDER
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.provider_stub import PAID, Payment
from sandbox.world import WORLD

SCRIPT = Path(__file__).with_name("toss_window.js")
ORDER_ID = re.compile(r"[A-Za-z0-9_-]{6,64}")
LEAST = 100  # won, by card
BRAND = Brand(
    title="토스페이먼츠",
    colour="#1b64da",
    ink="#fff",
    refusals={
        "REJECT_CARD_PAYMENT": "승인할 때 거절: 한도 초과, 잔액 부족",
        "REJECT_CARD_COMPANY": "승인할 때 거절: 카드사",
    },
    failures={"PAY_PROCESS_ABORTED": "결제창에서 실패"},
)


def add_routes(app: web.Application) -> None:
    page = ChoicePage(PROVIDER, BRAND, "PAY_PROCESS_CANCELED", _way_back)
    app.router.add_get("/v2/standard", script)
    app.router.add_get("/toss-payments/window", guarded(PROVIDER, "begin", open_window))
    app.router.add_get("/toss-payments/pay/{page}", page.show)
    app.router.add_post("/toss-payments/pay/{page}", page.decide)


async def script(request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-store"}
    return web.FileResponse(SCRIPT, headers=headers)


async def open_window(request: web.Request, plan: Plan) -> web.StreamResponse:
    query, stub = request.query, request.app[WORLD].provider_stub
    problem = plan["refuse"].code if "refuse" in plan else _problem(request)
    if problem:
        return refused_page(BRAND, problem)
    payment = Payment(
        provider=PROVIDER,
        vendor_id=f"sandbox{time.strftime('%Y%m%d%H%M%S')}{secrets.token_hex(4)}",
        order_id=query["orderId"],
        page=secrets.token_urlsafe(16),
        amount=int(query["value"]),
        name=query["orderName"],
        payer=query["customerKey"],
        success_url=query["successUrl"],
        cancel_url=query["failUrl"],
        fail_url=query["failUrl"],
        created_at=time.time(),
    )
    await stub.keep(payment)
    raise web.HTTPSeeOther(f"/toss-payments/pay/{payment.page}")


def _way_back(payment: Payment) -> web.HTTPSeeOther:
    if payment.code == "PAY_PROCESS_CANCELED":  # by the documentation without orderId
        return back(payment.fail_url, code=payment.code, message="사용자에 의해 결제가 취소되었습니다.")
    if payment.code:
        message = "결제 진행 중 승인에 실패하여 결제가 중단되었습니다."
        return back(payment.fail_url, code=payment.code, message=message, orderId=payment.order_id)
    keys = {"paymentType": "NORMAL", "orderId": payment.order_id, "paymentKey": payment.vendor_id}
    return back(payment.success_url, **keys, amount=payment.amount)


def _problem(request: web.Request) -> str:
    query = request.query
    if query.get("clientKey") != credentials.TOSS_PAYMENTS_CLIENT_KEY:
        return "UNAUTHORIZED_KEY"
    if not ORDER_ID.fullmatch(query.get("orderId", "")) or not 2 <= len(query.get("customerKey", "")) <= 50:
        return "INVALID_REQUEST"
    if query.get("method") != "CARD" or query.get("currency") != "KRW" or not query.get("value", "").isdecimal():
        return "INVALID_REQUEST"
    if int(query["value"]) < LEAST:
        return "BELOW_MINIMUM_AMOUNT"
    if not 1 <= len(query.get("orderName", "")) <= 100:
        return "INVALID_ORDER_NAME"
    if not is_address(query.get("successUrl")):
        return "INCORRECT_SUCCESS_URL_FORMAT"
    if not is_address(query.get("failUrl")):
        return "INCORRECT_FAIL_URL_FORMAT"
    earlier = request.app[WORLD].provider_stub.of_order(PROVIDER, query["orderId"])
    return "DUPLICATED_ORDER_ID" if earlier and earlier.status == PAID else ""
