"""Serve NHN Cloud SMS v3.0: send short and long messages, list them.

Source: docs.nhncloud.com, Notification > SMS > API v3.0 Guide, and Result Codes. Refusals are HTTP 200 with
`header.isSuccessful` false (unverified: NHN may answer some of them with 4xx). A text that is too long for its kind is
cut off by the phone in life; here it is refused (-2015), so that no notice is lost unnoticed.
"""

import hmac
import json
import secrets
import time
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.gateways import nhn_sms_shapes as shapes
from sandbox.gateways.nhn_shapes import KST, SUCCESS, Refused
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.messages import Entry
from sandbox.state.mobile import national
from sandbox.world import WORLD, World

GATEWAY = "nhn_sms"
MAX_RECIPIENTS, MAX_KEY, MAX_TITLE_BYTES = 1000, 100, 40
MAX_BYTES = {"sms": 90, "mms": 2000}
BASE = "/sms/v3.0/appKeys/{appKey}/sender/{kind:sms|mms}"


def add_routes(app: web.Application) -> None:
    app.router.add_post(BASE, guarded(GATEWAY, "send", send))
    app.router.add_get(BASE, guarded(GATEWAY, "read", list_messages))


async def send(request: web.Request, plan: Plan) -> web.Response:
    world, kind = request.app[WORLD], request.match_info["kind"]
    try:
        authenticate(request)
        body = await _body(request)
        _check(body, kind)
    except Refused as refused:
        return refused.answer()
    request_id = time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(5)
    entries, results = _recipients(world, body, request_id, plan)
    await world.accept(entries, plan)
    return web.json_response(shapes.sent(request_id, body, results))


async def list_messages(request: web.Request, plan: Plan) -> web.Response:
    try:
        authenticate(request)
        found = _search(request.app[WORLD], request)
    except Refused as refused:
        return refused.answer()
    number, size = int(request.query.get("pageNum", 1)), min(int(request.query.get("pageSize", 15)), 1000)
    shown = found[(number - 1) * size : number * size]
    data = [shapes.message_json(entry) for entry in shown]
    body = {"pageNum": number, "pageSize": size, "totalCount": len(found), "data": data}
    return web.json_response({"header": SUCCESS, "body": body})


def authenticate(request: web.Request) -> None:
    if not hmac.compare_digest(request.match_info["appKey"], credentials.NHN_SMS_APP_KEY):
        raise Refused(-1000, "Invalid appKey.")
    given = request.headers.get("X-Secret-Key", "").encode()
    if not hmac.compare_digest(given, credentials.NHN_SMS_SECRET_KEY.encode()):
        raise Refused(-1000, "Invalid secretKey.")  # the code of a wrong secret key is not published for this product


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refused(-9997, "Invalid API parameters.") from None
    if not isinstance(body, dict):
        raise Refused(-9997, "Invalid API parameters.")
    return body


def _check(body: dict[str, Any], kind: str) -> None:
    recipients = body.get("recipientList")
    if not isinstance(recipients, list) or not recipients:
        raise Refused(-2001, "RecipientList can not be null.")
    if len(recipients) > MAX_RECIPIENTS:
        raise Refused(-2016, "The max recipient size is 1000.")
    if body.get("sendNo") != credentials.NHN_SMS_SENDER:
        raise Refused(-2312, "Not regist sendno.")
    if not body.get("body") or (kind == "mms" and not body.get("title")):
        raise Refused(-2014, "The recipient can not be empty.")
    too_long = shapes.euc_kr_bytes(body["body"]) > MAX_BYTES[kind]
    if too_long or shapes.euc_kr_bytes(body.get("title") or "") > MAX_TITLE_BYTES:
        raise Refused(-2015, "Title or Body exceed maximum byte.")
    if shapes.lacks(body["body"]):
        raise Refused(-2023, "Unacceptable characters in title and body.")
    if len(body.get("senderGroupingKey") or "") > MAX_KEY:
        raise Refused(4, "senderGroupingKey")


def _recipients(
    world: World, body: dict[str, Any], request_id: str, plan: Plan
) -> tuple[list[Entry], list[dict[str, Any]]]:
    recipients: list[dict[str, Any]] = body["recipientList"]
    accepted: list[Entry] = []
    results = []
    times, owed = world.times(plan), world.settled(plan, has_callback=True)
    for position, recipient in enumerate(recipients, 1):
        person = national(str(recipient.get("recipientNo") or ""))
        if person is None or not plan.accepts(position - 1, len(recipients)):
            code = -2019 if person is None else -9999
            results.append(shapes.send_result(position, recipient, code))
            continue
        outcome, code_of = shapes.OUTCOMES[world.handsets.lets_through(person, "sms")]
        results.append(shapes.send_result(position, recipient, 0))
        accepted.append(
            Entry(
                world.messages.next_seq(), GATEWAY, f"{request_id}/{position}", body.get("senderGroupingKey") or "",
                recipient.get("recipientGroupingKey") or "", recipient["recipientNo"], person, "",
                body.get("title") or "", body["body"], times[0], outcome, code_of, times[1], "", owed,
            )
        )  # fmt: skip
    return accepted, results


def _search(world: World, request: web.Request) -> list[Entry]:
    """By requestId, or by a range of request dates with any of the keys; short and long messages apart."""
    query = request.query
    if "requestId" in query:
        found = world.messages.of_vendor_ids(f"{query['requestId']}/")
    elif "startRequestDate" in query and "endRequestDate" in query:
        since, until = (_instant(query[name]) for name in ("startRequestDate", "endRequestDate"))
        if until - since > 31 * 86400:
            raise Refused(-4000, "Search is possible within one month.")
        keys: dict[str, Any] = {
            "batch_key": query.get("senderGroupingKey"),
            "reference": query.get("recipientGroupingKey"),
        }
        found = world.messages.find(gateway=GATEWAY, since=since, until=until, limit=100_000, **keys)
    else:
        raise Refused(-2011, "RequestId or start/endRequestDate or start/endCreateDate is required.")
    wanted = {"sms": "SMS", "mms": "LMS"}[request.match_info["kind"]]
    return [entry for entry in found if shapes.message_type(entry) == wanted]


def _instant(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=KST).timestamp()
    except ValueError:
        raise Refused(-2000, "Date format error.") from None
