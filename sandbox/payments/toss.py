"""Serve Toss Payments' API: confirm, get, cancel, settlements. Its window is in toss_window.py.

Source: docs.tosspayments.com/reference and /reference/error-codes. Unverified: what is answered to another amount or
order than the payment's (here INVALID_REQUEST), and that a refusal under an idempotency key is repeated too.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from aiohttp import web

from sandbox.guard import guarded
from sandbox.payments.toss_shapes import Refused, payment_json, read, settlement_json
from sandbox.payments.webhooks import WEBHOOKS, payment_event
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.provider_stub import AUTHORISED, EXPIRED, FAILED, PAID, Payment, Refund
from sandbox.world import WORLD

PROVIDER = "toss_payments"
CONFIRM_SECONDS = 600
KEY_SECONDS, KEY_CHARS = 15 * 86400, 300
LONGEST_PERIOD, LARGEST_PAGE = 31, 5000
_AT_WORK = web.AppKey("toss_keys_at_work", set[str])

Work = Callable[[web.Request, Plan], Awaitable[Any]]


def add_routes(app: web.Application) -> None:
    app[_AT_WORK] = set()
    router = app.router
    router.add_post("/v1/payments/confirm", guarded(PROVIDER, "confirm", _answering(confirm)))
    router.add_get("/v1/payments/orders/{order_id}", guarded(PROVIDER, "read", _answering(get_by_order)))
    router.add_get("/v1/payments/{payment_key}", guarded(PROVIDER, "read", _answering(get)))
    router.add_post("/v1/payments/{payment_key}/cancel", guarded(PROVIDER, "cancel", _answering(cancel)))
    router.add_get("/v1/settlements", guarded(PROVIDER, "read", _answering(settlements)))


def _answering(work: Work) -> Callable[..., Awaitable[web.Response]]:
    """Authentication, planned refusals, and the same answer again to the same idempotency key."""

    async def handle(request: web.Request, plan: Plan) -> web.Response:
        try:
            _authenticate(request)
            if "refuse" in plan or "TossPayments-Test-Code" in request.headers:
                raise Refused(plan["refuse"].code if "refuse" in plan else request.headers["TossPayments-Test-Code"])
            return await _once(request, plan, work)
        except Refused as refused:
            return refused.answer()

    return handle


async def _once(request: web.Request, plan: Plan, work: Work) -> web.Response:
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    if not key:
        return web.json_response(await work(request, plan))
    if len(key) > KEY_CHARS:
        raise Refused("INVALID_IDEMPOTENCY_KEY")
    stub, name = request.app[WORLD].provider_stub, f"{PROVIDER}:{request.path}:{key}"
    known = stub.answer(name, KEY_SECONDS)
    if known is not None:
        return web.json_response(text=known[1], status=known[0])
    if name in request.app[_AT_WORK]:
        raise Refused("IDEMPOTENT_REQUEST_PROCESSING")
    request.app[_AT_WORK].add(name)
    try:
        answer = await _done(request, plan, work)
        await stub.remember(name, answer.status, answer.text or "")
    finally:
        request.app[_AT_WORK].discard(name)
    return answer


async def _done(request: web.Request, plan: Plan, work: Work) -> web.Response:
    try:
        return web.json_response(await work(request, plan))
    except Refused as refused:
        return refused.answer()


async def confirm(request: web.Request, plan: Plan) -> dict[str, Any]:
    stub, body = request.app[WORLD].provider_stub, read(await request.read())
    if not all(body.get(name) for name in ("paymentKey", "orderId", "amount")):
        raise Refused("INVALID_REQUEST")
    async with stub.held(_existing(request, str(body["paymentKey"]))) as payment:
        if (payment.order_id, payment.amount) != (body["orderId"], body["amount"]):
            raise Refused("INVALID_REQUEST")
        await _check_open(request, payment, plan)
        await stub.charge(payment, f"txrd_{secrets.token_hex(12)}")
    await request.app[WEBHOOKS].send(payment_event(payment_json(payment)), plan)
    return payment_json(payment)


async def get(request: web.Request, plan: Plan) -> dict[str, Any]:
    return payment_json(_existing(request, request.match_info["payment_key"]))


async def get_by_order(request: web.Request, plan: Plan) -> dict[str, Any]:
    found = request.app[WORLD].provider_stub.of_order(PROVIDER, request.match_info["order_id"])
    if found is None:
        raise Refused("NOT_FOUND_PAYMENT")
    if found.status == AUTHORISED and time.time() - found.authorised_at > CONFIRM_SECONDS:
        found.status = EXPIRED
    return payment_json(found)


async def cancel(request: web.Request, plan: Plan) -> dict[str, Any]:
    stub, body = request.app[WORLD].provider_stub, read(await request.read())
    reason, key = body.get("cancelReason"), request.headers.get("Idempotency-Key", "")
    if not isinstance(reason, str) or not 1 <= len(reason) <= 200:
        raise Refused("INVALID_REQUEST")
    async with stub.held(_existing(request, request.match_info["payment_key"])) as payment:
        amount = _refundable(payment, body)
        made = Refund(amount, time.time(), f"txrd_{secrets.token_hex(12)}", key, reason)
        await stub.refund(payment, made)
    await request.app[WEBHOOKS].send(payment_event(payment_json(payment)), plan)
    return payment_json(payment)


async def settlements(request: web.Request, plan: Plan) -> list[dict[str, Any]]:
    """By `soldDate`; `paidOutDate` is the same day here."""
    query = request.query
    try:
        first, last = (date.fromisoformat(query[name]) for name in ("startDate", "endDate"))
        page, size = int(query.get("page", 1)), int(query.get("size", 100))
    except (KeyError, ValueError):
        raise Refused("INVALID_REQUEST") from None
    if query.get("dateType", "soldDate") not in ("soldDate", "paidOutDate"):
        raise Refused("INVALID_REQUEST")
    if page < 1 or not 1 <= size <= LARGEST_PAGE or not 0 <= (last - first).days <= LONGEST_PERIOD:
        raise Refused("INVALID_REQUEST")
    lines = [line for line in _lines(request) if first.isoformat() <= line["soldDate"] <= last.isoformat()]
    return lines[(page - 1) * size : page * size]


def _lines(request: web.Request) -> list[dict[str, Any]]:
    paid = [each for each in request.app[WORLD].provider_stub.all(PROVIDER, "") if each.status == PAID]
    pairs = [(payment, refund) for payment in paid for refund in (None, *payment.refunds)]
    return sorted((settlement_json(*pair) for pair in pairs), key=lambda line: line["transactionKey"])


async def _check_open(request: web.Request, payment: Payment, plan: Plan) -> None:
    if payment.status == PAID:
        raise Refused("ALREADY_PROCESSED_PAYMENT")
    if payment.status == AUTHORISED and time.time() - payment.authorised_at > CONFIRM_SECONDS:
        payment.status = EXPIRED
        await request.app[WORLD].provider_stub.keep(payment)
    if payment.status != AUTHORISED:
        raise Refused("NOT_FOUND_PAYMENT_SESSION")
    if payment.refusal:
        payment.status, payment.code = FAILED, payment.refusal
        await request.app[WORLD].provider_stub.keep(payment)
        await request.app[WEBHOOKS].send(payment_event(payment_json(payment)), plan)
        raise Refused(payment.refusal)


def _refundable(payment: Payment, body: dict[str, Any]) -> int:
    if payment.status != PAID:
        raise Refused("NOT_CANCELABLE_PAYMENT")
    if payment.balance == 0:
        raise Refused("ALREADY_CANCELED_PAYMENT")
    if body.get("refundableAmount", payment.balance) != payment.balance:
        raise Refused("NOT_MATCHES_REFUNDABLE_AMOUNT")
    amount = body.get("cancelAmount", payment.balance)
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= payment.balance:
        raise Refused("NOT_CANCELABLE_AMOUNT")
    return amount


def _existing(request: web.Request, payment_key: str) -> Payment:
    found = request.app[WORLD].provider_stub.get(PROVIDER, payment_key)
    if found is None:
        raise Refused("NOT_FOUND_PAYMENT")
    return found


def _authenticate(request: web.Request) -> None:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        given = ""
    if kind != "Basic" or not given.endswith(":"):
        raise Refused("INCORRECT_BASIC_AUTH_FORMAT")
    if not hmac.compare_digest(given.encode(), f"{credentials.TOSS_PAYMENTS_SECRET_KEY}:".encode()):
        raise Refused("UNAUTHORIZED_KEY")
