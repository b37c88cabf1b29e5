"""Serve NAVER Cloud SENS: SMS API v2 and Alimtalk API v2, each send, list and get.

Source: api.ncloud-docs.com/docs/common-ncpapi (signature v2), sens-sms-send, sens-alimtalk-send; -list, -get.
Assumed, as the pages do not say: a request with one unusable number is refused as a whole (400); a list without a match
is empty; codes of refused Alimtalk other than A000. SENS knows no reference of its callers and makes no callbacks.
"""

import base64
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web

from sandbox.gateways import sens_shapes as shapes
from sandbox.gateways.nhn_shapes import KST
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.messages import NO_RECEIPT, Entry
from sandbox.state.mobile import national
from sandbox.world import WORLD, World

GATEWAY = "sens"
AT_ONCE, SKEW_SECONDS = 100, 300
MAX_BYTES, MAX_SUBJECT_BYTES = {"SMS": 90, "LMS": 2000}, 40
SERVICES = {"sms": credentials.SENS_SMS_SERVICE_ID, "alimtalk": credentials.SENS_ALIMTALK_SERVICE_ID}
BASE = "/{kind:sms|alimtalk}/v2/services/{service}/messages"


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def answer(self) -> web.Response:
        body: dict[str, Any] = {"status": self.status, "error": "Refused", "message": self.message}
        if self.status == 401:  # of the gateway in front of SENS
            body = {"error": {"errorCode": "200", "message": "Authentication Failed", "details": self.message}}
        return web.json_response(body, status=self.status)


class Text(NamedTuple):
    template: str
    title: str
    text: str
    code: str = shapes.ACCEPTED  # of Alimtalk: any other was not taken


def add_routes(app: web.Application) -> None:
    app.router.add_post(BASE, guarded(GATEWAY, "send", send))
    app.router.add_get(BASE, guarded(GATEWAY, "read", list_messages))
    app.router.add_get(f"{BASE}/{{message_id}}", guarded(GATEWAY, "read", get_message))


async def send(request: web.Request, plan: Plan) -> web.Response:
    world, kind = request.app[WORLD], request.match_info["kind"]
    try:
        authenticate(request)
        body = await _body(request)
        texts = [_text(world, kind, body, each) for each in body["messages"]]
    except Refused as refused:
        return refused.answer()
    request_id, now = f"RSLA-{uuid.uuid4()}", time.time()
    entries: list[Entry] = []
    results = []
    for position, (each, text) in enumerate(zip(body["messages"], texts, strict=True)):
        taken = text.code == shapes.ACCEPTED and plan.accepts(position, len(texts))
        entry = _entry(world, kind, each["to"], text, request_id, plan)
        results.append(shapes.send_result(entry, text.code if taken else shapes.REFUSED))
        entries += [entry] if taken or kind == "sms" else []
    await world.accept(entries, plan)
    return web.json_response(shapes.sent(kind, request_id, now, results), status=202)


async def list_messages(request: web.Request, plan: Plan) -> web.Response:
    try:
        authenticate(request)
        found = _search(request.app[WORLD], request)
    except Refused as refused:
        return refused.answer()
    size = min(int(request.query.get("pageSize", 20)), AT_ONCE)
    start = int(request.query.get("nextToken", "T0").removeprefix("T"))
    return web.json_response(shapes.page(found, size, start))


async def get_message(request: web.Request, plan: Plan) -> web.Response:
    try:
        authenticate(request)
        kind = request.match_info["kind"]
        vendor_id = request.match_info["message_id"]
        found = request.app[WORLD].messages.find(gateway=f"sens_{kind}", vendor_id=vendor_id, limit=1)
        if not found:
            raise Refused(404, "no such message")
    except Refused as refused:
        return refused.answer()
    item = shapes.message_json(found[0], with_text=True)
    whole = {"statusCode": "200", "statusName": "success", "messages": [item]} if kind == "sms" else item
    return web.json_response(whole)


def authenticate(request: web.Request) -> None:
    """Check signature v2 (method, path with query as they came, time, access key), the time and the service."""
    at, key = (request.headers.get(f"x-ncp-{name}", "") for name in ("apigw-timestamp", "iam-access-key"))
    text = f"{request.method} {request.raw_path}\n{at}\n{key}"
    digest = hmac.digest(credentials.SENS_SECRET_KEY.encode(), text.encode(), "sha256")
    given = request.headers.get("x-ncp-apigw-signature-v2", "").encode()
    if key != credentials.SENS_ACCESS_KEY or not hmac.compare_digest(base64.b64encode(digest), given):
        raise Refused(401, "signature")
    if not at.isdecimal() or abs(int(at) / 1000 - time.time()) > SKEW_SECONDS:
        raise Refused(401, "timestamp")
    if request.match_info["service"] != SERVICES[request.match_info["kind"]]:
        raise Refused(403, "Do not have access to this 'serviceId'")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refused(400, "not JSON") from None
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise Refused(400, "messages")
    if not 1 <= len(messages) <= AT_ONCE:
        raise Refused(400, f"messages: 1 to {AT_ONCE}")
    for each in messages:
        to = each.get("to")
        if not isinstance(to, str) or not to.isdecimal() or national(to) is None:
            raise Refused(400, "to")
    return dict(body)


def _text(world: World, kind: str, body: Mapping[str, Any], message: Mapping[str, Any]) -> Text:
    return _short_or_long(body, message) if kind == "sms" else _alimtalk(world, body, message)


def _short_or_long(body: Mapping[str, Any], message: Mapping[str, Any]) -> Text:
    if body.get("type") not in MAX_BYTES or not body.get("content"):
        raise Refused(400, "type or content")
    if body.get("from") != credentials.SENS_SENDER:
        raise Refused(400, "from is not registered")
    subject = message.get("subject", body.get("subject")) or ""
    content = message.get("content", body["content"])
    if (body["type"] == "SMS" and subject) or shapes.euc_kr_bytes(subject) > MAX_SUBJECT_BYTES:
        raise Refused(400, "subject")
    if shapes.euc_kr_bytes(content) > MAX_BYTES[body["type"]]:  # in life the end is cut off
        raise Refused(400, "content is too long")
    return Text("", subject, content)


def _alimtalk(world: World, body: Mapping[str, Any], message: Mapping[str, Any]) -> Text:
    if body.get("plusFriendId") != credentials.SENS_PLUS_FRIEND_ID:
        raise Refused(400, "plusFriendId")
    code, content = str(body.get("templateCode")), str(message.get("content") or "")
    title = str(message.get("title") or "")
    template = world.templates.get("kakaotalk", code)
    fits = template is not None and shapes.is_of(template, title, content)
    return Text(code, title, content, shapes.ACCEPTED if fits else shapes.REFUSED)


def _entry(world: World, kind: str, to: str, text: Text, request_id: str, plan: Plan) -> Entry:
    person = national(to) or to
    channel = "sms" if kind == "sms" else "kakaotalk"
    outcome, code = shapes.OUTCOMES[channel][world.handsets.lets_through(person, channel)]
    now, final_at = world.times(plan)
    return Entry(
        world.messages.next_seq(), f"sens_{kind}", str(uuid.uuid4()), request_id, "", to, person, text.template,
        text.title, text.text, now, outcome, code, final_at, "", NO_RECEIPT,
    )  # fmt: skip


def _search(world: World, request: web.Request) -> list[Entry]:
    query, kind = request.query, request.match_info["kind"]
    gateway = f"sens_{kind}"
    if "requestId" in query:
        return world.messages.find(gateway=gateway, batch_key=query["requestId"], limit=1000)
    if "requestStartTime" not in query or "requestEndTime" not in query:
        raise Refused(400, "requestId or requestStartTime and requestEndTime")
    if kind == "alimtalk" and query.get("plusFriendId") != credentials.SENS_PLUS_FRIEND_ID:
        raise Refused(400, "plusFriendId")
    since, until = (_instant(query[name]) for name in ("requestStartTime", "requestEndTime"))
    if until - since > 30 * 86400:
        raise Refused(400, "30 days at most")
    person = national(query["to"]) or "-" if "to" in query else None
    return world.messages.find(gateway=gateway, since=since, until=until, person=person, limit=1000)


def _instant(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=KST).timestamp()
    except ValueError:
        raise Refused(400, "YYYY-MM-DD HH:mm:ss") from None
