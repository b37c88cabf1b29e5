"""Build what Solapi answers and calls back with.

Webhook (event SINGLE-REPORT): a JSON array; `X-Solapi-Secret` is the SHA-1 of the secret typed into the
console, in hexadecimal, as integrators describe it (unverified: Solapi's own page was not at hand).
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.gateways.solapi_auth import Refused
from sandbox.state import credentials
from sandbox.state.handsets import BLOCKED, NOT_A_USER, OFF, REACHED
from sandbox.state.messages import DELIVERED, FAILED, Entry, state_of
from sandbox.state.mobile import national
from sandbox.state.outbox import Post
from sandbox.state.receipts import Report

ACCOUNT = "sandbox-account"
OUTCOMES = {
    REACHED: (DELIVERED, "4000"),
    NOT_A_USER: (FAILED, "3104"),
    BLOCKED: (FAILED, "3107"),
    OFF: (FAILED, "3043"),
}
STATUS = {
    "1010": "수신번호 형식 오류",
    "1011": "지원하지 않는 메시지 타입",
    "1024": "서버 오류",
    "1026": "중복 수신번호",
    "1031": "메시지 길이 초과",
    "1043": "템플릿 불일치",
    "1062": "발신번호 미등록",
    "2000": "정상 접수",
    "3000": "이통사로 접수 예정",
    "3043": "전원 꺼짐",
    "3104": "사용자가 아님",
    "3107": "차단 또는 미사용",
    "4000": "수신 완료",
}  # 1010 and 1011 are unverified
_TYPES = ("sms", "lms", "mms", "ata", "cta", "cti", "nsa", "rcs_sms", "rcs_lms", "rcs_mms", "rcs_tpl")


def new_id(prefix: str) -> str:
    return f"{prefix}{time.strftime('%Y%m%d%H%M%S')}{secrets.token_hex(7).upper()}"


def group_info(group: str, *, accepted: int, failed: int) -> dict[str, Any]:
    """Return all the fields that Solapi's SDK insists on."""
    now = _iso(time.time())
    money = {"requested": 0.0, "replacement": 0.0, "refund": 0.0, "sum": 0.0}
    count = {
        "total": accepted + failed, "sentTotal": 0, "sentFailed": 0, "sentSuccess": 0, "sentPending": 0,
        "sentReplacement": 0, "refund": 0, "registeredFailed": failed, "registeredSuccess": accepted,
    }  # fmt: skip
    return {
        "groupId": group, "accountId": ACCOUNT, "masterAccountId": None, "apiVersion": "4", "status": "SENDING",
        "count": count, "countForCharge": {kind: {} for kind in _TYPES}, "balance": money, "point": money,
        "app": {"profit": dict.fromkeys(_TYPES, 0), "appId": None}, "log": [], "allowDuplicates": False,
        "isRefunded": False, "price": {"82": dict.fromkeys(_TYPES, 0)}, "dateCreated": now, "dateUpdated": now,
        "scheduledDate": None, "dateSent": now, "dateCompleted": None, "_id": group,
    }  # fmt: skip


def failed_message(message: dict[str, Any], message_id: str, code: str) -> dict[str, Any]:
    return {
        "to": message["to"],
        "from": message["from"],
        "type": message["type"],
        "country": message.get("country", "82"),
        "messageId": message_id,
        "statusCode": code,
        "statusMessage": STATUS[code],
        "accountId": ACCOUNT,
        "customFields": message.get("customFields"),
    }


def listed_message(message: dict[str, Any], message_id: str) -> dict[str, Any]:
    custom = message.get("customFields")
    return {
        "messageId": message_id,
        "statusCode": "2000",
        "statusMessage": STATUS["2000"],
        "customFields": custom,
    }


def message_json(entry: Entry) -> dict[str, Any]:
    """Return a message as the list answers it: 2000 while under way, then its final code."""
    code = "2000" if state_of(entry, time.time()) == "accepted" else entry.code
    return {
        "messageId": entry.vendor_id,
        "groupId": entry.batch_key,
        "accountId": ACCOUNT,
        "type": "NSA",
        "country": "82",
        "to": entry.address,
        "from": credentials.SOLAPI_SENDER,
        "text": entry.text,
        "statusCode": code,
        "status": "PENDING" if code == "2000" else "COMPLETE",
        "reason": STATUS[code],
        "naverOptions": {"talkId": credentials.SOLAPI_TALK_ID, "templateId": entry.template},
        "customFields": {"reference": entry.reference} if entry.reference else {},
        "dateCreated": _iso(entry.received_at),
        "dateUpdated": _iso(entry.received_at if code == "2000" else entry.final_at),
        "log": [],
    }


def filters(request: web.Request) -> dict[str, Any]:
    query = request.query
    start = query.get("startKey")
    cursor = request.match_info.get("group") or query.get("groupId")
    try:
        since = datetime.fromisoformat(query["startDate"]).timestamp() if "startDate" in query else None
        until = datetime.fromisoformat(query["endDate"]).timestamp() if "endDate" in query else None
    except ValueError:
        raise Refused(400, "ValidationError", '"startDate" and "endDate" must be ISO 8601') from None
    return {
        "vendor_id": query.get("messageId"),
        "batch_key": cursor,
        "person": (national(query["to"]) or "-") if "to" in query else None,
        "since": since,
        "until": until,
        "from_vendor_id": start,
    }


def reporter(base: Callable[[], str]) -> Callable[[Sequence[Entry]], list[Report]]:
    """Return a reporter. `base()` is the webhook address set in the console, "" while unset."""

    def report(entries: Sequence[Entry]) -> list[Report]:
        seqs = [entry.seq for entry in entries]
        return [Report([_post(base(), entries)] if base() else [], seqs)]

    return report


def _post(base: str, entries: Sequence[Entry]) -> Post:
    headers = {
        "Content-Type": "application/json",
        "X-Solapi-Secret": hashlib.sha1(credentials.SOLAPI_WEBHOOK_SECRET.encode()).hexdigest(),  # noqa: S324
        "X-Solapi-Event-Name": "SINGLE-REPORT",
    }
    body = json.dumps([_event(entry) for entry in entries], ensure_ascii=False).encode()
    return Post(f"{base}/webhooks/solapi/", headers, body)


def _event(entry: Entry) -> dict[str, Any]:
    at = _iso(entry.final_at)
    data = {
        "messageId": entry.vendor_id,
        "groupId": entry.batch_key,
        "type": "NSA",
        "to": entry.address,
        "from": credentials.SOLAPI_SENDER,
        "statusCode": entry.code,
        "statusMessage": STATUS[entry.code],
        "dateProcessed": at,
        "dateReported": at,
        "dateReceived": at,
        "networkCode": "",
        "naverOptions": {"talkId": credentials.SOLAPI_TALK_ID, "templateId": entry.template},
        "customFields": {"reference": entry.reference} if entry.reference else {},
    }
    return {"eventDataId": f"ED{entry.vendor_id}", "data": data, "retryCount": 0}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
