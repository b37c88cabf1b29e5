"""Serve NHN Cloud KakaoTalk Bizmessage, Alimtalk v2.3: send, list, get.

Source: docs.nhncloud.com, Notification > KakaoTalk Bizmessage > AlimTalk > API v2.3 Guide, and Error Code.
Refusals are HTTP 200 with `header.isSuccessful` false (unverified: NHN may answer some of them with 4xx).
The text limit is the stricter of the two that NHN's pages have stated (1,000; newer pages say 1,300).
"""

import hmac
import json
import secrets
import time
from typing import Any

from aiohttp import web

from sandbox.gateways import nhn_shapes as shapes
from sandbox.gateways.nhn_shapes import Refused
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.messages import Entry
from sandbox.state.mobile import national
from sandbox.state.templates import APPROVED, MissingValues, Template
from sandbox.world import WORLD, World

GATEWAY = "nhn"
MAX_RECIPIENTS, MAX_TEXT, MAX_TITLE, MAX_KEY = 1000, 1000, 50, 100
IDEMPOTENCY_SECONDS = 600
BASE = "/alimtalk/v2.3/appkeys/{appkey}"


def add_routes(app: web.Application) -> None:
    app.router.add_post(f"{BASE}/messages", guarded(GATEWAY, "send", send))
    app.router.add_get(f"{BASE}/messages", guarded(GATEWAY, "read", list_messages))
    app.router.add_get(f"{BASE}/messages/{{request_id}}/{{seq}}", guarded(GATEWAY, "read", get_message))


async def send(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        authenticate(request)
        body = await read_json(request)
        template = _template(world, body)
        key = _claim_key(world, request)
    except Refused as refused:
        return refused.answer()
    request_id = time.strftime("%Y%m%d%H%M%S") + secrets.token_urlsafe(12)
    entries, results = _recipients(world, body, template, request_id, plan)
    await world.accept(entries, plan, *(world.keys.remember(key) if key else ()))
    if key and not entries:
        world.keys.release(key)
    return web.json_response(shapes.sent(request_id, body, results, accepted=bool(entries)))


async def list_messages(request: web.Request, plan: Plan) -> web.Response:
    """By requestId, or by a range of dates with any of the keys."""
    try:
        authenticate(request)
        found = _search(request.app[WORLD], request)
    except Refused as refused:
        return refused.answer()
    number, size = int(request.query.get("pageNum", 1)), min(int(request.query.get("pageSize", 15)), 1000)
    shown = found[(number - 1) * size : number * size]
    messages = [shapes.message_json(entry) for entry in shown]
    return web.json_response(
        {
            "header": shapes.SUCCESS,
            "messageSearchResultResponse": {"messages": messages, "totalCount": len(found)},
        }
    )


async def get_message(request: web.Request, plan: Plan) -> web.Response:
    try:
        authenticate(request)
        vendor_id = f"{request.match_info['request_id']}/{request.match_info['seq']}"
        found = request.app[WORLD].messages.find(gateway=GATEWAY, vendor_id=vendor_id, limit=1)
        if not found:
            raise Refused(-1016, "It is not found any messages responding with that requestId or recipientSeq.")
    except Refused as refused:
        return refused.answer()
    return web.json_response({"header": shapes.SUCCESS, "message": shapes.message_json(found[0])})


def authenticate(request: web.Request) -> None:
    if not hmac.compare_digest(request.match_info["appkey"], credentials.NHN_APP_KEY):
        raise Refused(-1000, "Invalid appKey.")
    if not hmac.compare_digest(request.headers.get("X-Secret-Key", "").encode(), credentials.NHN_SECRET_KEY.encode()):
        raise Refused(-1001, "Invalid secretKey.")


async def read_json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Refused(-9996, "Only application/json Content-type is supported.")
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(-3002, "Field is not valid.")
    return body


def _template(world: World, body: dict[str, Any]) -> Template:
    shapes.require(body, "senderKey", "templateCode")
    if body["senderKey"] != credentials.NHN_SENDER_KEY:
        raise Refused(-2017, "Not exist plus friend.")
    longest = world.settings.now.nhn_template_code_max
    if longest and len(body["templateCode"]) > longest:
        raise Refused(-2000, f"The 'templateCode' must be at less than or equal to {longest}.")
    if len(body.get("senderGroupingKey") or "") > MAX_KEY:
        raise Refused(-2000, f"The 'senderGroupingKey' must be at less than or equal to {MAX_KEY}.")
    _check_recipient_list(body)
    template = world.templates.get("kakaotalk", body["templateCode"])
    if template is None:
        raise Refused(-3003, "Template does not exist.")
    if template.status != APPROVED:
        raise Refused(-3005, "Please check template status.")
    return template


def _check_recipient_list(body: dict[str, Any]) -> None:
    recipients = body.get("recipientList")
    if not isinstance(recipients, list) or not all(isinstance(each, dict) for each in recipients):
        raise Refused(-2002, "The 'recipientList' must not be null.")
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise Refused(-2004, f"The 'recipientList' must be between 1 and {MAX_RECIPIENTS}.")


def _claim_key(world: World, request: web.Request) -> str | None:
    """Return the name under which the request's idempotency key is now held."""
    key = request.headers.get("X-NC-API-IDEMPOTENCY-KEY")
    if key is None:
        return None
    if not world.keys.claim(f"nhn:{key}", IDEMPOTENCY_SECONDS):
        raise Refused(-1005, "The same 'X-NC-API-IDEMPOTENCY-KEY' was used within the last 10 minute.")
    return f"nhn:{key}"


def _recipients(
    world: World, body: dict[str, Any], template: Template, request_id: str, plan: Plan
) -> tuple[list[Entry], list[dict[str, Any]]]:
    recipients: list[dict[str, Any]] = body["recipientList"]
    accepted, results = [], []
    times, owed = world.times(plan), world.settled(plan, has_callback=True)
    for position, recipient in enumerate(recipients):
        try:
            if not plan.accepts(position, len(recipients)):
                raise Refused(-9999, "System error. Please inquire at support@toast.com.")
            person, title, text = _filled(recipient, template)
        except Refused as refused:
            results.append(shapes.send_result(position + 1, recipient, refused.code, refused.message))
            continue
        outcome, code = shapes.OUTCOMES[world.handsets.lets_through(person, "kakaotalk")]
        results.append(shapes.send_result(position + 1, recipient, 0, "SUCCESS"))
        accepted.append(
            Entry(
                world.messages.next_seq(), GATEWAY, f"{request_id}/{position + 1}", body.get("senderGroupingKey") or "",
                recipient.get("recipientGroupingKey") or "", recipient["recipientNo"], person, template.code, title,
                text, times[0], outcome, code, times[1], "", owed,
            )
        )  # fmt: skip
    return accepted, results


def _filled(recipient: dict[str, Any], template: Template) -> tuple[str, str, str]:
    """(person, title, text) or the refusal of this one recipient."""
    number = recipient.get("recipientNo")
    person = national(number) if isinstance(number, str) and len(number) <= 15 else None
    if person is None:
        raise Refused(-5000, "RecipientNo is invalid.")
    try:
        title, text = template.fill(recipient.get("templateParameter") or {})
    except (MissingValues, TypeError, AttributeError):
        raise Refused(-3004, "Please check template parameter.") from None
    if len(text) > MAX_TEXT:
        raise Refused(-2019, "The content that is replaced by the template parameters can not exceed 1,000 characters.")
    if len(title) > MAX_TITLE:
        message = "The templateTitle that is replaced by the template parameters can not exceed 50 characters."
        raise Refused(-2032, message)
    return person, title, text


def _search(world: World, request: web.Request) -> list[Entry]:
    query = request.query
    if "requestId" in query:
        found = world.messages.of_vendor_ids(f"{query['requestId']}/")
    else:
        since, until = shapes.date_range(query)
        keys: dict[str, Any] = {
            "batch_key": query.get("senderGroupingKey"),
            "reference": query.get("recipientGroupingKey"),
        }
        found = world.messages.find(gateway=GATEWAY, since=since, until=until, limit=100_000, **keys)
    return [entry for entry in found if shapes.matches(entry, query)]
