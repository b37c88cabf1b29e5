"""Build what NAVER Cloud SENS answers with.

Source: api.ncloud-docs.com/docs/sens-sms-list, sens-sms-get, sens-alimtalk-list, sens-alimtalk-get.
"""

import re
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.gateways.nhn_shapes import KST
from sandbox.gateways.nhn_sms_shapes import euc_kr_bytes, message_type
from sandbox.state import credentials
from sandbox.state.handsets import BLOCKED, NOT_A_USER, OFF, REACHED
from sandbox.state.messages import DELIVERED, FAILED, UNCONFIRMED, Entry, state_of
from sandbox.state.templates import APPROVED, Template

__all__ = ["ACCEPTED", "OUTCOMES", "REFUSED", "euc_kr_bytes", "is_of", "message_json", "page", "send_result", "sent"]

ACCEPTED, REFUSED = "A000", "B000"  # of Alimtalk; the code of a refusal is an assumption
OUTCOMES = {
    "sms": {
        REACHED: (DELIVERED, "0"),
        NOT_A_USER: (FAILED, "3001"),
        BLOCKED: (FAILED, "3006"),
        OFF: (FAILED, "2003"),
    },
    "kakaotalk": {
        REACHED: (DELIVERED, "0000"),
        NOT_A_USER: (FAILED, "3019"),
        BLOCKED: (FAILED, "3020"),
        OFF: (UNCONFIRMED, "3005"),
    },
}
_PLACEHOLDER = re.compile(r"#\{[^{}]+\}")


def is_of(template: Template, title: str, text: str) -> bool:
    """Return whether Kakao would accept this text: an approved template with something for each placeholder."""
    if template.status != APPROVED:
        return False
    pairs = ((template.title, title), (template.body, text))
    return all(re.fullmatch(_pattern(form), given) for form, given in pairs)


def _pattern(form: str) -> str:
    return "(?s:.+?)".join(re.escape(piece) for piece in _PLACEHOLDER.split(form))


def send_result(entry: Entry, code: str) -> dict[str, Any]:
    return {
        "messageId": entry.vendor_id,
        "to": entry.address,
        "countryCode": "82",
        "content": entry.text,
        "requestStatusCode": code,
        "requestStatusName": "success" if code == ACCEPTED else "fail",
        "requestStatusDesc": "성공" if code == ACCEPTED else "실패",
        "useSmsFailover": False,
    }


def sent(kind: str, request_id: str, now: float, results: list[dict[str, Any]]) -> dict[str, Any]:
    """A text message's answer names no messages."""
    head = {"requestId": request_id, "requestTime": _at(now), "statusCode": "202", "statusName": "success"}
    return head if kind == "sms" else {**head, "messages": results}


def page(found: Sequence[Entry], size: int, start: int = 0) -> dict[str, Any]:
    """The page of so many from there on; where there are more, with the token of the next one."""
    shown, has_more = found[start : start + size], len(found) > start + size
    return {
        "statusCode": "200",
        "statusName": "success",
        "messages": [message_json(entry, with_text=entry.gateway == "sens_alimtalk") for entry in shown],
        "pageSize": size,
        "itemCount": len(shown),
        "hasMore": has_more,
        **({"nextToken": f"T{start + size}"} if has_more else {}),
    }


def message_json(entry: Entry, *, with_text: bool) -> dict[str, Any]:
    done = state_of(entry, time.time()) != "accepted"
    whole = {
        "requestId": entry.batch_key,
        "messageId": entry.vendor_id,
        "requestTime": _at(entry.received_at),
        "completeTime": _at(entry.final_at) if done else None,
        "countryCode": "82",
        "to": entry.address,
        **({"content": entry.text} if with_text else {}),
    }
    return {**whole, **(_text_result(entry, done) if entry.gateway == "sens_sms" else _alimtalk_result(entry, done))}


def _text_result(entry: Entry, done: bool) -> dict[str, Any]:
    return {
        "contentType": "COMM",
        "type": message_type(entry),
        "from": credentials.SENS_SENDER,
        "status": "COMPLETED" if done else "PROCESSING",
        "statusCode": entry.code if done else None,
        "statusName": ("success" if entry.outcome == DELIVERED else "fail") if done else None,
    }


def _alimtalk_result(entry: Entry, done: bool) -> dict[str, Any]:
    return {
        "plusFriendId": credentials.SENS_PLUS_FRIEND_ID,
        "templateCode": entry.template,
        "requestStatusCode": ACCEPTED,
        "requestStatusName": "success",
        "messageStatusCode": entry.code if done else None,
        "messageStatusName": ("success" if entry.outcome == DELIVERED else "fail") if done else "processing",
        "useSmsFailover": False,
    }


def _at(at: float) -> str:
    return datetime.fromtimestamp(at, KST).strftime("%Y-%m-%dT%H:%M:%S.000")
