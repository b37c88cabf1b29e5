"""Serve the payments' side of the control API: captures to the won; time that passes; forged events."""

import json
import secrets
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from sandbox.payments.toss_shapes import payment_json
from sandbox.payments.webhooks import WEBHOOKS, payment_event, post
from sandbox.state.provider_stub import Payment
from sandbox.world import WORLD


def add_routes(app: web.Application) -> None:
    router = app.router
    router.add_get("/control/payments", get_payments)
    router.add_delete("/control/payments", delete_payments)
    router.add_post("/control/payments/{provider}/{order_id}/age", post_age)
    router.add_post("/control/payments/toss_payments/webhook", post_webhook)


async def get_payments(request: web.Request) -> web.Response:
    """`?provider&order_id&day` → {totals, duplicates: orders charged twice, movements, payments}."""
    stub, query = request.app[WORLD].provider_stub, request.query
    provider, order_id = query.get("provider", ""), query.get("order_id", "")
    day = date.fromisoformat(query["day"]) if "day" in query else None
    charges: dict[str, int] = {}
    for each in stub.movements():
        charges[each["order_id"]] = charges.get(each["order_id"], 0) + (each["amount"] > 0)
    answer = {
        "totals": stub.totals(),
        "duplicates": sorted(order for order, times in charges.items() if times > 1),
        "movements": stub.movements(provider=provider, order_id=order_id, day=day),
        "payments": [_json(each) for each in stub.all(provider, order_id)],
    }
    return web.json_response(answer)


async def delete_payments(request: web.Request) -> web.Response:
    await request.app[WORLD].provider_stub.erase()
    return web.Response(status=204)


async def post_age(request: web.Request) -> web.Response:
    """`{"seconds": n}`: everything about the order's payments happened that much earlier, its movements excepted."""
    stub, seconds = request.app[WORLD].provider_stub, float(json.loads(await request.read())["seconds"])
    found = stub.all(request.match_info["provider"], request.match_info["order_id"])
    for payment in found:
        payment.created_at -= seconds
        payment.authorised_at -= seconds
        await stub.keep(payment)
    return web.json_response({"aged": len(found)})


async def post_webhook(request: web.Request) -> web.Response:
    """Post an event as any sender could: `{"order_id", "status", "payment_key", "times", "event"}`, all optional.

    Fields that are not given are those of the order's payment; `event` replaces the whole body. → {"answers": [status]}
    """
    asked = json.loads(await request.read())
    url = request.app[WEBHOOKS].address("toss_payments")
    if not url:
        return web.json_response({"error": "no callback base is set"}, status=409)
    event, transmission = asked.get("event") or _claim(request, asked), secrets.token_hex(16)
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        answers = [await post(session, url, event, transmission=transmission) for _ in range(asked.get("times", 1))]
    return web.json_response({"answers": answers})


def _claim(request: web.Request, asked: dict[str, Any]) -> dict[str, Any]:
    known = request.app[WORLD].provider_stub.of_order("toss_payments", str(asked.get("order_id", "")))
    data = payment_json(known) if known else {"totalAmount": 1, "balanceAmount": 1}
    names = {"order_id": "orderId", "payment_key": "paymentKey", "status": "status"}
    return payment_event({**data, **{names[name]: asked[name] for name in names if name in asked}})


def _json(payment: Payment) -> dict[str, Any]:
    return {**asdict(payment), "balance": payment.balance, "refunded": payment.refunded}
