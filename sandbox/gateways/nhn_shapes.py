"""Build what NHN Cloud's Alimtalk answers and calls back with.

Webhook: `X-Toast-Webhook-Signature` is the fixed text typed into the console, not a signature over the body.
Source: docs.nhncloud.com, KakaoTalk Bizmessage > Webhook > API Guide, and > Error Code (results of sending).
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from sandbox.state import credentials
from sandbox.state.handsets import BLOCKED, NOT_A_USER, OFF, REACHED
from sandbox.state.messages import DELIVERED, FAILED, UNCONFIRMED, Entry, state_of
from sandbox.state.mobile import national
from sandbox.state.outbox import Post
from sandbox.state.receipts import Report

KST = timezone(timedelta(hours=9))
SUCCESS = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}
OUTCOMES = {
    REACHED: (DELIVERED, "1000"),
    NOT_A_USER: (FAILED, "3019"),
    BLOCKED: (FAILED, "3020"),
    OFF: (UNCONFIRMED, "3005"),  # sent, receipt unconfirmed: may still arrive within three days
}
_RESULTS = {
    "1000": "성공",
    "3005": "메시지를 발송했으나 수신확인 안됨",
    "3019": "카카오톡 유저가 아님",
    "3020": "알림톡 수신 차단",
}


class Refused(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    def answer(self) -> web.Response:
        return web.json_response({"header": header(self.code, self.message)})


def header(code: int, message: str) -> dict[str, Any]:
    return {"resultCode": code, "resultMessage": message, "isSuccessful": code == 0}


def require(body: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if not isinstance(body.get(name), str) or not body[name].strip():
            raise Refused(-2001, f"The '{name}' must not be blank.")


def send_result(number: int, recipient: Mapping[str, Any], code: int, message: str) -> dict[str, Any]:
    return {
        "recipientSeq": number,
        "recipientNo": recipient.get("recipientNo"),
        "resultCode": code,
        "resultMessage": message,
        "recipientGroupingKey": recipient.get("recipientGroupingKey"),
    }


def sent(request_id: str, body: Mapping[str, Any], results: list[dict[str, Any]], *, accepted: bool) -> dict[str, Any]:
    head = SUCCESS if accepted else header(-1031, "All of receivers are failed to send.")
    grouping_key = body.get("senderGroupingKey")
    message = {"requestId": request_id, "senderGroupingKey": grouping_key, "sendResults": results}
    return {"header": head, "message": message}


def message_json(entry: Entry) -> dict[str, Any]:
    """Return a message as the list and get answer it. `messageStatus` of one under way is not documented: absent."""
    request_id, number = entry.vendor_id.split("/")
    done = state_of(entry, time.time()) != "accepted"
    return {
        "requestId": request_id,
        "recipientSeq": int(number),
        "plusFriendId": "@국민비서샌드박스",
        "senderKey": credentials.NHN_SENDER_KEY,
        "templateCode": entry.template,
        "recipientNo": entry.address,
        "content": entry.text,
        "templateTitle": entry.title or None,
        "requestDate": kst(entry.received_at),
        "createDate": kst(entry.received_at),
        "receiveDate": kst(entry.final_at) if done else None,
        "resendStatus": "RSC01",
        "resendStatusName": "대체 발송 미대상",
        "messageStatus": ("COMPLETED" if entry.outcome == DELIVERED else "FAILED") if done else "",
        "resultCode": entry.code if done else None,
        "resultCodeName": _RESULTS[entry.code] if done else None,
        "senderGroupingKey": entry.batch_key or None,
        "recipientGroupingKey": entry.reference or None,
    }


def date_range(query: Mapping[str, str]) -> tuple[float, float]:
    """Return the range that a search without requestId must name, at most 31 days."""
    for kind in ("RequestDate", "CreateDate"):
        if f"start{kind}" in query and f"end{kind}" in query:
            since, until = _parse(query[f"start{kind}"]), _parse(query[f"end{kind}"]) + 60
            if until - since > 31 * 86400 + 60:
                raise Refused(-4003, "Search is possible within 31 days.")
            return since, until
    raise Refused(-4103, "RequestId or startRequestDate/endRequestDate is invalid.")


def matches(entry: Entry, query: Mapping[str, str]) -> bool:
    wanted = {
        "senderGroupingKey": entry.batch_key,
        "recipientGroupingKey": entry.reference,
        "templateCode": entry.template,
    }
    if "recipientNo" in query and national(query["recipientNo"]) != entry.person:
        return False
    return all(query[name] == value for name, value in wanted.items() if name in query)


def reporter(base: Callable[[], str]) -> Callable[[Sequence[Entry]], list[Report]]:
    """Return a reporter. `base()` is the webhook address set in the console, "" while unset."""

    def report(entries: Sequence[Entry]) -> list[Report]:
        if not base():
            return [Report([], [entry.seq for entry in entries])]
        hooks = [_hook(entry) for entry in entries]
        return [Report([_post(base(), hooks)], [entry.seq for entry in entries])]

    return report


def kst(at: float) -> str:
    return datetime.fromtimestamp(at, KST).strftime("%Y-%m-%d %H:%M:%S.0")


def _post(base: str, hooks: list[dict[str, Any]]) -> Post:
    body = {
        "hooksId": time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(6),
        "webhookConfigId": "sandbox",
        "productName": "KakaoTalk Bizmessage",
        "appKey": credentials.NHN_APP_KEY,
        "event": "MESSAGE_RESULT_UPDATE",
        "hooks": hooks,
    }
    headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "X-Toast-Webhook-Signature": credentials.NHN_WEBHOOK_SECRET,
    }
    return Post(f"{base}/webhooks/nhn/", headers, json.dumps(body, ensure_ascii=False).encode())


def _hook(entry: Entry) -> dict[str, Any]:
    request_id, number = entry.vendor_id.split("/")
    path = f"/alimtalk/v2.3/appkeys/{credentials.NHN_APP_KEY}/messages/{entry.vendor_id}"
    return {
        "hookId": f"{request_id}-{number}",
        "kakaoMessageType": "ALIMTALK_NORMAL",
        "requestId": request_id,
        "recipientSeq": int(number),
        "requestDate": kst(entry.received_at),
        "createDate": kst(entry.received_at),
        "receiveDate": kst(entry.final_at),
        "recipientNo": entry.address,
        "resultCode": entry.code,
        "senderGroupingKey": entry.batch_key,
        "recipientGroupingKey": entry.reference,
        "_links": {"self": {"href": path}},
    }


def _parse(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=KST).astimezone(UTC).timestamp()
    except ValueError:
        raise Refused(-4000, "Invalid parameter") from None
