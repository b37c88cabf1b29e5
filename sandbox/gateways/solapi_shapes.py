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
# Each kind of message is a gateway of its own here: its entries, and where its reports go.
GATEWAYS = {"solapi": "NSA", "solapi_alimtalk": "ATA", "solapi_sms": "SMS"}
OUTCOMES = {
    REACHED: (DELIVERED, "4000"),
    NOT_A_USER: (FAILED, "3104"),
    BLOCKED: (FAILED, "3107"),
    OFF: (FAILED, "3043"),
}
TEXT_OUTCOMES = {**OUTCOMES, NOT_A_USER: (FAILED, "3032"), BLOCKED: (FAILED, "3047")}
SHORT_BYTES = 90
STATUS = {
    "1010": "수신번호 형식 오류",
    "1011": "지원하지 않는 메시지 타입",
    "1013": "SMS에는 제목을 쓸 수 없음",
    "1014": "제목 길이 초과",
    "1024": "서버 오류",
    "1026": "중복 수신번호",
    "1031": "메시지 길이 초과",
    "1043": "템플릿 불일치",
    "1062": "발신번호 미등록",
    "2000": "정상 접수",
    "3000": "이통사로 접수 예정",
    "3032": "미가입자",
    "3043": "전원 꺼짐",
    "3047": "착신거절",
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
        "type": type_of(entry),
        "country": "82",
        "to": entry.address,
        "from": credentials.SOLAPI_SENDER,
        "text": entry.text,
        "statusCode": code,
        "status": "PENDING" if code == "2000" else "COMPLETE",
        "reason": STATUS[code],
        **_options(entry),
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


def euc_kr_bytes(text: str) -> int:
    return len(text.encode("euc-kr", "replace"))


def type_of(entry: Entry) -> str:
    """Return Solapi's type: a text message is long where it has a subject or more bytes than a short one."""
    if entry.gateway == "solapi_sms" and (entry.title or euc_kr_bytes(entry.text) > SHORT_BYTES):
        return "LMS"
    return GATEWAYS[entry.gateway]


def _options(entry: Entry) -> dict[str, Any]:
    if entry.gateway == "solapi":
        return {"naverOptions": {"talkId": credentials.SOLAPI_TALK_ID, "templateId": entry.template}}
    if entry.gateway == "solapi_alimtalk":
        return {"kakaoOptions": {"pfId": credentials.SOLAPI_PF_ID, "templateId": entry.template}}
    return {}


def reporter(gateway: str, base: Callable[[], str]) -> Callable[[Sequence[Entry]], list[Report]]:
    """Return a reporter. `base()` is the webhook address set in the console, "" while unset."""

    def report(entries: Sequence[Entry]) -> list[Report]:
        seqs = [entry.seq for entry in entries]
        return [Report([_post(f"{base()}/webhooks/{gateway}/", entries)] if base() else [], seqs)]

    return report


def _post(url: str, entries: Sequence[Entry]) -> Post:
    headers = {
        "Content-Type": "application/json",
        "X-Solapi-Secret": hashlib.sha1(credentials.SOLAPI_WEBHOOK_SECRET.encode()).hexdigest(),  # noqa: S324
        "X-Solapi-Event-Name": "SINGLE-REPORT",
    }
    body = json.dumps([_event(entry) for entry in entries], ensure_ascii=False).encode()
    return Post(url, headers, body)


def _event(entry: Entry) -> dict[str, Any]:
    at = _iso(entry.final_at)
    data = {
        "messageId": entry.vendor_id,
        "groupId": entry.batch_key,
        "type": type_of(entry),
        "to": entry.address,
        "from": credentials.SOLAPI_SENDER,
        "statusCode": entry.code,
        "statusMessage": STATUS[entry.code],
        "dateProcessed": at,
        "dateReported": at,
        "dateReceived": at,
        "networkCode": "",
        **_options(entry),
        "customFields": {"reference": entry.reference} if entry.reference else {},
    }
    return {"eventDataId": f"ED{entry.vendor_id}", "data": data, "retryCount": 0}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
