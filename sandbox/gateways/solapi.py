"""Serve Solapi: messages/v4 for Naver smart notifications (type NSA), Alimtalk (ATA) and text messages (SMS, LMS).

Source: github.com/solapi/documents and Solapi's own SDK (PyPI solapi 5.0.3). Error codes of the HMAC check
are those of developers.solapi.com, Authentication; HTTP statuses beside them are unverified.
"""

import json
from typing import Any

from aiohttp import web

from sandbox.gateways import solapi_shapes as shapes
from sandbox.gateways.solapi_auth import Refused, authenticate
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.messages import Entry
from sandbox.state.mobile import national
from sandbox.state.templates import APPROVED, MissingValues
from sandbox.world import WORLD, World

GATEWAY = "solapi"
MAX_MESSAGES, MAX_TEXT = 10_000, 1_000  # the text limit of NSA is not published
MAX_LONG_BYTES, MAX_SUBJECT_BYTES = 2_000, 40
KINDS = {"NSA": "solapi", "ATA": "solapi_alimtalk", "SMS": "solapi_sms", "LMS": "solapi_sms"}  # type → our gateway


class Failed(Exception):
    """One message that is not registered, with Solapi's status code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add_routes(app: web.Application) -> None:
    app.router.add_post("/messages/v4/send-many/detail", guarded(GATEWAY, "send", send_many))
    for name in ("list", "list-old"):  # the second is what the SDK calls
        app.router.add_get(f"/messages/v4/{name}", guarded(GATEWAY, "read", list_messages))
    app.router.add_get("/messages/v4/groups/{group}/messages", guarded(GATEWAY, "read", list_messages))


async def send_many(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        authenticate(request, world.keys)
        body = await _body(request)
    except Refused as refused:
        return refused.answer()
    group = shapes.new_id("G4V")
    entries, failed, listed = _register(world, body, group, plan)
    await world.accept(entries, plan)
    answer = {
        "failedMessageList": failed,
        "groupInfo": shapes.group_info(group, accepted=len(entries), failed=len(failed)),
        "messageList": listed if body.get("showMessageList") else None,
    }
    return web.json_response({name: value for name, value in answer.items() if value is not None})


async def list_messages(request: web.Request, plan: Plan) -> web.Response:
    """Newest first. Filters messageId, groupId, to, startDate, endDate, statusCode; pages by startKey and limit."""
    world = request.app[WORLD]
    try:
        authenticate(request, world.keys)
        filters = shapes.filters(request)
    except Refused as refused:
        return refused.answer()
    limit = min(int(request.query.get("limit", 20)), 500)
    wanted_type = KINDS.get(request.query.get("type", ""))
    listed = world.messages.find(gateway=wanted_type, limit=10_000, newest_first=True, **filters)
    found = [entry for entry in listed if entry.gateway in shapes.GATEWAYS][: limit + 1]
    shown = found[:limit]
    wanted = request.query.get("statusCode")
    messages = {entry.vendor_id: shapes.message_json(entry) for entry in shown}
    return web.json_response(
        {
            "limit": limit,
            "startKey": request.query.get("startKey"),
            "nextKey": found[limit].vendor_id if len(found) > limit else None,
            "messageList": {id: each for id, each in messages.items() if wanted in (None, each["statusCode"])},
        }
    )


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refused(400, "BadRequest", "요청 본문이 JSON이 아닙니다.") from None
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise Refused(400, "ValidationError", '"messages" is required')
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise Refused(400, "ValidationError", f'"messages" must contain 1 to {MAX_MESSAGES} items')
    for position, message in enumerate(messages):
        for name in ("to", "from", "type"):
            if not isinstance(message.get(name), str):
                raise Refused(400, "ValidationError", f'"messages[{position}].{name}" is required')
    return dict(body)


def _register(
    world: World, body: dict[str, Any], group: str, plan: Plan
) -> tuple[list[Entry], list[dict[str, Any]], list[dict[str, Any]]]:
    accepted: list[Entry] = []
    failed: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    seen: set[str] | None = None if body.get("allowDuplicates") else set()
    for position, message in enumerate(body["messages"]):
        message_id = shapes.new_id("M4V")
        try:
            if not plan.accepts(position, len(body["messages"])):
                raise Failed("1024")
            entry = _entry(world, message, message_id, group, plan, seen)
        except Failed as failure:
            failed.append(shapes.failed_message(message, message_id, failure.code))
            continue
        accepted.append(entry)
        listed.append(shapes.listed_message(message, message_id))
    return accepted, failed, listed


def _entry(
    world: World, message: dict[str, Any], message_id: str, group: str, plan: Plan, seen: set[str] | None
) -> Entry:
    person = national(message["to"])
    if person is None or not message["to"].isdecimal():
        raise Failed("1010")
    if seen is not None and person in seen:
        raise Failed("1026")
    if message["from"] != credentials.SOLAPI_SENDER:
        raise Failed("1062")
    if seen is not None:
        seen.add(person)
    gateway = KINDS.get(message["type"])
    if gateway is None:
        raise Failed("1011")
    template, title, text = _text(message) if gateway == "solapi_sms" else _filled(world, message)
    channel = {"solapi": "naver", "solapi_alimtalk": "kakaotalk"}.get(gateway, "sms")
    outcomes = shapes.TEXT_OUTCOMES if channel == "sms" else shapes.OUTCOMES
    outcome, code = outcomes[world.handsets.lets_through(person, channel)]
    now, final_at = world.times(plan)
    reference = str((message.get("customFields") or {}).get("reference", ""))
    return Entry(
        world.messages.next_seq(), gateway, message_id, group, reference, message["to"], person, template, title, text,
        now, outcome, code, final_at, "", world.settled(plan, has_callback=True),
    )  # fmt: skip


def _text(message: dict[str, Any]) -> tuple[str, str, str]:
    """("", subject, text)"""
    text, subject = message.get("text"), message.get("subject") or ""
    if not isinstance(text, str) or not text:
        raise Failed("1010")
    if message["type"] == "SMS" and subject:
        raise Failed("1013")
    if shapes.euc_kr_bytes(subject) > MAX_SUBJECT_BYTES:
        raise Failed("1014")
    if shapes.euc_kr_bytes(text) > (shapes.SHORT_BYTES if message["type"] == "SMS" else MAX_LONG_BYTES):
        raise Failed("1031")
    return "", subject, text


def _filled(world: World, message: dict[str, Any]) -> tuple[str, str, str]:
    """(template code, title, text)"""
    name, key, ours, channel = {
        "NSA": ("naverOptions", "talkId", credentials.SOLAPI_TALK_ID, "naver"),
        "ATA": ("kakaoOptions", "pfId", credentials.SOLAPI_PF_ID, "kakaotalk"),
    }[message["type"]]
    options = message.get(name)
    if not isinstance(options, dict):
        raise Failed("1011")
    template = world.templates.get(channel, str(options.get("templateId")))
    if options.get(key) != ours or template is None or template.status != APPROVED:
        raise Failed("1043")
    variables = {
        name.removeprefix("#{").removesuffix("}"): str(v) for name, v in (options.get("variables") or {}).items()
    }
    try:
        title, text = template.fill(variables)
    except MissingValues:
        raise Failed("1043") from None
    if len(text) > MAX_TEXT:
        raise Failed("1031")
    return template.code, title, text
