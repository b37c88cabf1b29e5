"""Build what NHN Cloud SMS answers and calls back with.

Source: docs.nhncloud.com, Notification > SMS > API v3.0 Guide, Webhook, Result Codes. `X-Toast-Webhook-Signature` is
the fixed text typed into the console, not a signature over the body.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox.gateways.nhn_shapes import KST, SUCCESS, kst
from sandbox.state import credentials
from sandbox.state.handsets import BLOCKED, NOT_A_USER, OFF, REACHED
from sandbox.state.messages import DELIVERED, FAILED, Entry, state_of
from sandbox.state.outbox import Post
from sandbox.state.receipts import Report

OUTCOMES = {
    REACHED: (DELIVERED, "1000"),
    NOT_A_USER: (FAILED, "3001"),
    BLOCKED: (FAILED, "3006"),
    OFF: (FAILED, "2003"),
}
SHORT_BYTES = 90


def euc_kr_bytes(text: str) -> int:
    return len(text.encode("euc-kr", "replace"))


def lacks(text: str) -> bool:
    """Return whether EUC-KR lacks a sign of it."""
    return text != text.encode("euc-kr", "ignore").decode("euc-kr")


def message_type(entry: Entry) -> str:
    return "LMS" if entry.title or euc_kr_bytes(entry.text) > SHORT_BYTES else "SMS"


def send_result(number: int, recipient: Mapping[str, Any], code: int) -> dict[str, Any]:
    return {
        "recipientNo": recipient.get("recipientNo"),
        "resultCode": code,
        "resultMessage": "SUCCESS" if code == 0 else "FAIL",
        "recipientSeq": number,
        "recipientGroupingKey": recipient.get("recipientGroupingKey"),
    }


def sent(request_id: str, body: Mapping[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    data = {
        "requestId": request_id,
        "statusCode": "2",
        "senderGroupingKey": body.get("senderGroupingKey"),
        "sendResultList": results,
    }
    return {"header": SUCCESS, "body": {"data": data}}


def message_json(entry: Entry) -> dict[str, Any]:
    request_id, number = entry.vendor_id.split("/")
    done = state_of(entry, time.time()) != "accepted"
    return {
        "requestId": request_id,
        "requestDate": kst(entry.received_at),
        "resultDate": kst(entry.final_at) if done else None,
        "title": entry.title or None,
        "body": entry.text,
        "sendNo": credentials.NHN_SMS_SENDER,
        "countryCode": "82",
        "recipientNo": entry.address,
        "msgStatus": ("3" if entry.outcome == DELIVERED else "0") if done else "2",
        "resultCode": entry.code if done else None,
        "recipientSeq": int(number),
        "sendType": "1" if message_type(entry) == "LMS" else "0",
        "messageType": message_type(entry),
        "messageCount": 1,
        "adYn": "N",
        "senderGroupingKey": entry.batch_key or None,
        "recipientGroupingKey": entry.reference or None,
    }


def reporter(base: Callable[[], str]) -> Callable[[Sequence[Entry]], list[Report]]:
    """Return a reporter. `base()` is the webhook address set in the console, "" while unset."""

    def report(entries: Sequence[Entry]) -> list[Report]:
        seqs = [entry.seq for entry in entries]
        return [Report([_post(base(), entries)] if base() else [], seqs)]

    return report


def _post(base: str, entries: Sequence[Entry]) -> Post:
    body = {
        "hooksId": time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(6),
        "webhookConfigId": "sandbox",
        "productName": "SMS",
        "appKey": credentials.NHN_SMS_APP_KEY,
        "event": "MESSAGE_RESULT_UPDATE",
        "hooks": [_hook(entry) for entry in entries],
    }
    headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "X-Toast-Webhook-Signature": credentials.NHN_SMS_WEBHOOK_SECRET,
    }
    return Post(f"{base}/webhooks/nhn_sms/", headers, json.dumps(body, ensure_ascii=False).encode())


def _hook(entry: Entry) -> dict[str, Any]:
    request_id, number = entry.vendor_id.split("/")
    kind = "mms" if message_type(entry) == "LMS" else "sms"
    path = f"/sms/v3.0/appKeys/{credentials.NHN_SMS_APP_KEY}/sender/{kind}/{request_id}?recipientSeq={number}"
    return {
        "hookId": f"{request_id}-{number}",
        "senderType": f"NORMAL_{kind.upper()}",
        "requestId": request_id,
        "recipientSeq": int(number),
        "requestDate": _local(entry.received_at),
        "receiveDate": _local(entry.final_at),
        "sendNo": credentials.NHN_SMS_SENDER,
        "recipientNo": entry.address,
        "messageStatus": "COMPLETED" if entry.outcome == DELIVERED else "FAILED",
        "recipientGroupingKey": entry.reference,
        "senderGroupingKey": entry.batch_key,
        "resultCode": entry.code,
        "messageCount": 1,
        "_links": {"self": {"href": path}},
    }


def _local(at: float) -> str:
    return datetime.fromtimestamp(at, KST).strftime("%Y-%m-%dT%H:%M:%S")
