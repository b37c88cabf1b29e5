"""Serve Apps in Toss smart messages, on the port that requires a client certificate.

Source: developers-apps-in-toss.toss.im/smart-message/develop. The answer is final: there are no receipts and nothing to
poll later. Unverified: the error codes besides INVALID_PARAMETER, and 429 for the limit of 10 a minute.
"""

import json
import secrets
import time
from collections import deque
from typing import Any

from aiohttp import web

from sandbox.guard import guarded
from sandbox.state.faults import Plan
from sandbox.state.handsets import BLOCKED, NOT_A_USER, OFF, REACHED
from sandbox.state.messages import DELIVERED, FAILED, NO_RECEIPT, Entry
from sandbox.state.people import person_of_toss_key
from sandbox.state.templates import APPROVED, MissingValues
from sandbox.world import WORLD, World

GATEWAY = "toss"
CALLS_A_MINUTE = 10
PATH = "/api-partner/v1/apps-in-toss/messenger/send-message"
_OUTLETS = ("Push", "Inbox", "Sms", "Alimtalk", "Friendtalk")


class Refused(Exception):
    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.code, self.reason = status, code, reason

    def answer(self) -> web.Response:
        error = {"errorCode": self.code, "reason": self.reason}
        return web.json_response({"resultType": "FAIL", "error": error}, status=self.status)


def add_routes(app: web.Application) -> None:
    app.router.add_post(PATH, guarded(GATEWAY, "send", send_message))


async def send_message(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        key = _user_key(request)
        code, context = await _body(request)
        entry = _entry(world, key, code, context)
        _count(world.toss_calls.setdefault(key, deque()))
    except Refused as refused:
        return refused.answer()
    await world.accept([entry], plan)
    return web.json_response({"resultType": "SUCCESS", "success": _success(entry)})


def _user_key(request: web.Request) -> str:
    key = request.headers.get("x-toss-user-key", "")
    if not key.isdecimal():
        raise Refused(401, "UNAUTHORIZED", "인증되지 않은 사용자예요.")
    return key


def _count(calls: deque[float]) -> None:
    """Count one call of a user key, whose earlier ones these are. Raises Refused above ten a minute."""
    now = time.monotonic()
    while calls and calls[0] <= now - 60:
        calls.popleft()
    if len(calls) >= CALLS_A_MINUTE:
        raise Refused(429, "TOO_MANY_REQUESTS", "분당 최대 10회까지 호출할 수 있어요.")
    calls.append(now)


async def _body(request: web.Request) -> tuple[str, dict[str, str]]:
    try:
        body = json.loads(await request.read())
        code, context = body["templateSetCode"], body["context"]
    except (ValueError, KeyError, TypeError):
        raise _invalid("templateSetCode, context가 필요해요.") from None
    if not isinstance(code, str) or not isinstance(context, dict):
        raise _invalid("templateSetCode는 문자열, context는 객체여야 해요.")
    return code, {name: str(value) for name, value in context.items()}


def _entry(world: World, key: str, code: str, context: dict[str, str]) -> Entry:
    template = world.templates.get("toss", code)
    if template is None or template.status != APPROVED:
        raise _invalid("등록되지 않았거나 승인되지 않은 템플릿이에요.")
    try:
        title, text = template.fill(context)
    except MissingValues as missing:
        raise _invalid(f"템플릿 변수가 없어요: {missing}") from None
    person = person_of_toss_key(key)
    why = world.handsets.lets_through(person, "toss")
    if why == NOT_A_USER:
        raise Refused(403, "FORBIDDEN", "메시지를 전송할 권한이 없어요.")
    now = time.time()
    return Entry(
        world.messages.next_seq(), GATEWAY, "MSG_" + secrets.token_hex(10).upper(), "", context.get("확인코드", ""),
        key,
        person, code, title, text, now, FAILED if why == BLOCKED else DELIVERED,
        {REACHED: "sentPush", OFF: "sentInbox", BLOCKED: "USER_BLOCKED"}[why], now, "", NO_RECEIPT,
    )  # fmt: skip


def _success(entry: Entry) -> dict[str, Any]:
    sent: dict[str, list[dict[str, str]]] = {f"sent{name}": [] for name in _OUTLETS}
    failed: dict[str, list[dict[str, str]]] = {f"sent{name}": [] for name in _OUTLETS}
    if entry.outcome == DELIVERED:
        sent[entry.code] = [{"contentId": entry.vendor_id}]
    else:
        failed["sentPush"] = [{"contentId": entry.vendor_id, "reachedFailReason": entry.code}]
    counts = {f"{name}Count": len(each) for name, each in sent.items()}
    return {"msgCount": sum(counts.values()), **counts, "detail": sent, "fail": failed}


def _invalid(reason: str) -> Refused:
    return Refused(400, "INVALID_PARAMETER", reason)
