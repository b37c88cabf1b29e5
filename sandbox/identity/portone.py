"""Serve PortOne V2's identity verification without a browser: send, resend, confirm, get.

By text message (SMS) a code on the phone confirms; in the app (APP) the person answers on the sample phone, and
confirming without `otp` asks whether they did.

Source: PortOne's own SDK (PyPI portone-server-sdk 0.21) for paths, fields and the types of errors.
Unverified: HTTP statuses beside the error types, and the codes of the provider behind PortOne (`pgCode`,
see PG_CODES).
"""

import hmac
import json
import re
import secrets
import time
from typing import Any

from aiohttp import web

from sandbox.guard import guarded
from sandbox.identity import portone_shapes as shapes
from sandbox.identity.portone_shapes import Refused
from sandbox.identity.verifications import MAX_ATTEMPTS, Verification, Verifications
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.messages import DELIVERED, NO_RECEIPT, Entry
from sandbox.state.people import CARRIERS, Person
from sandbox.world import WORLD, World

GATEWAY = "portone"
CARRIERS_APP = "PASS"  # template of a question in the carriers' app; the phone shows a button with it
_DIGITS = re.compile(r"01\d{8,9}")
_IDENTITY_NUMBER = re.compile(r"\d{7}")


def add_routes(app: web.Application) -> None:
    app.router.add_post("/phone/api/pass/{id}", approve)
    base = "/identity-verifications/{id}"
    app.router.add_post(f"{base}/send", guarded(GATEWAY, "send", send))
    app.router.add_post(f"{base}/resend", guarded(GATEWAY, "send", resend))
    app.router.add_post(f"{base}/confirm", guarded(GATEWAY, "send", confirm))
    app.router.add_get(base, guarded(GATEWAY, "read", get))


async def send(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        _authenticate(request)
        body = await _body(request)
        _check_send(body)
        _check_new(world, request.match_info["id"])
        person = _known(world, body["customer"], body["operator"])
    except Refused as refused:
        return refused.answer()
    now, customer = time.time(), body["customer"]
    verification = Verification(
        id=request.match_info["id"],
        person=person.national,
        name=customer["name"],
        operator=body["operator"],
        custom_data=body.get("customData"),
        code=_new_code(),
        sent_at=now,
        requested_at=now,
        method=body["method"],
    )
    await _text(world, verification)
    return web.json_response({})


async def resend(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        _authenticate(request)
        verification = _existing(world, request)
        if verification.verified_at is not None:
            raise Refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED")
    except Refused as refused:
        return refused.answer()
    verification.code, verification.sent_at, verification.attempts = _new_code(), time.time(), 0
    verification.approved_at = None
    await _text(world, verification)
    return web.json_response({})


async def confirm(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        _authenticate(request)
        otp = (await _body(request)).get("otp")
        verification = _existing(world, request)
        if verification.verified_at is not None:
            raise Refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED")
        await _check_code(world, verification, otp)
    except Refused as refused:
        return refused.answer()
    verification.verified_at = time.time()
    await Verifications(world.store).keep(verification)
    return web.json_response(
        {"identityVerification": shapes.verification_json(verification, _person(world, verification))}
    )


async def approve(request: web.Request) -> web.Response:
    """The person answers in the app, on the sample phone."""
    world = request.app[WORLD]
    verification = Verifications(world.store).get(request.match_info["id"])
    if verification is None or verification.method != "APP" or verification.app_expired:
        return web.json_response({"approved": False}, status=404)
    verification.approved_at = time.time()
    await Verifications(world.store).keep(verification)
    return web.json_response({"approved": True})


async def get(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        _authenticate(request)
        verification = _existing(world, request)
    except Refused as refused:
        return refused.answer()
    return web.json_response(shapes.verification_json(verification, _person(world, verification)))


def _authenticate(request: web.Request) -> None:
    expected = f"PortOne {credentials.PORTONE_API_SECRET}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        raise Refused(401, "UNAUTHORIZED")
    store = request.query.get("storeId")
    if store not in (None, credentials.PORTONE_STORE_ID):
        raise Refused(403, "FORBIDDEN")


async def _body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "INVALID_REQUEST", "요청 본문이 올바른 JSON 객체가 아닙니다.")
    if body.get("storeId") not in (None, credentials.PORTONE_STORE_ID):
        raise Refused(403, "FORBIDDEN")
    return body


def _check_send(body: dict[str, Any]) -> None:
    if body.get("channelKey") != credentials.PORTONE_CHANNEL_KEY:
        raise Refused(404, "CHANNEL_NOT_FOUND")
    if body.get("operator") not in CARRIERS or body.get("method") not in ("SMS", "APP"):
        raise Refused(400, "INVALID_REQUEST", "operator 또는 method가 올바르지 않습니다.")
    customer = body.get("customer")
    if not isinstance(customer, dict) or not all(
        isinstance(customer.get(name), str) and customer[name] for name in ("name", "phoneNumber", "ipAddress")
    ):
        raise Refused(400, "INVALID_REQUEST", "customer의 name, phoneNumber, ipAddress는 필수입니다.")
    if not _DIGITS.fullmatch(customer["phoneNumber"]):
        raise Refused(400, "INVALID_REQUEST", "phoneNumber는 숫자만 입력합니다.")
    if body["method"] == "SMS" and not _IDENTITY_NUMBER.fullmatch(str(customer.get("identityNumber", ""))):
        raise Refused(400, "INVALID_REQUEST", "SMS 방식은 identityNumber 7자리가 필수입니다.")


def _check_new(world: World, id: str) -> None:
    existing = Verifications(world.store).get(id)
    if existing is not None:
        kind = "VERIFIED" if existing.verified_at is not None else "SENT"
        raise Refused(409, f"IDENTITY_VERIFICATION_ALREADY_{kind}")


def _known(world: World, customer: dict[str, Any], operator: str) -> Person:
    """Return the person whom the phone company knows by exactly these data. Refuses all others."""
    person = world.people.get(customer["phoneNumber"])
    if person is None or (person.name, person.carrier) != (customer["name"], operator):
        raise shapes.provider("CUSTOMER_MISMATCH")
    if customer.get("identityNumber") not in (
        None,
        person.birth_date.replace("-", "")[2:] + person.sex_digit,
    ):
        raise shapes.provider("CUSTOMER_MISMATCH")
    return person


def _existing(world: World, request: web.Request) -> Verification:
    found = Verifications(world.store).get(request.match_info["id"])
    if found is None:
        raise Refused(404, "IDENTITY_VERIFICATION_NOT_FOUND")
    return found


async def _check_code(world: World, verification: Verification, otp: Any) -> None:
    if verification.method == "APP":
        if verification.approved_at is None:
            raise shapes.provider("NOT_CONFIRMED_IN_APP")
        return
    if verification.expired:
        raise shapes.provider("OTP_EXPIRED")
    if verification.attempts >= MAX_ATTEMPTS:
        raise shapes.provider("OTP_ATTEMPTS_EXCEEDED")
    if not isinstance(otp, str) or not hmac.compare_digest(otp.encode(), verification.code.encode()):
        verification.attempts += 1
        await Verifications(world.store).keep(verification)
        raise shapes.provider("OTP_MISMATCH")


async def _text(world: World, verification: Verification) -> None:
    """Put the code on the person's phone, as a text message of the phone company, or the question of its app."""
    now, in_app = time.time(), verification.method == "APP"
    text = f"[본인확인] 인증번호 [{verification.code}]를 입력해 주세요. 타인에게 알려 주지 마세요."
    if in_app:
        text = "국민비서에서 본인확인을 요청했습니다. 본인이 요청하셨다면 확인을 눌러 주세요."
    entry = Entry(
        world.messages.next_seq(), GATEWAY, f"OTP{secrets.token_hex(10)}", "", verification.id, verification.person,
        verification.person, CARRIERS_APP if in_app else "", "", text, now, DELIVERED, "", now, "", NO_RECEIPT,
    )  # fmt: skip
    await Verifications(world.store).keep(verification)
    await world.accept([entry], Plan())


def _person(world: World, verification: Verification) -> Person:
    person = world.people.get(verification.person)
    assert person is not None, "a verification was started for a known person"
    return person


def _new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"
