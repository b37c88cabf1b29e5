"""What the tests of SENS's text messages and Alimtalk share: answers as its API guides have them."""

import json
from typing import Any

from notifications.channels.contract import Channel, Message
from tests.notifications.channels.samples import build, message
from tests.support.gateway_stub import http

ENV = {
    "SENS_ACCESS_KEY": "ACCESS",
    "SENS_SECRET_KEY": "SECRET",
    "SENS_SMS_SERVICE_ID": "ncp:sms:kr:1:ps",
    "SENS_ALIMTALK_SERVICE_ID": "ncp:kkobizmsg:kr:2:ps",
    "SENS_SENDER": "0210000000",
    "SENS_PLUS_FRIEND_ID": "@국민비서",
}
SMS = "/sms/v2/services/ncp:sms:kr:1:ps/messages"
ALIMTALK = "/alimtalk/v2/services/ncp:kkobizmsg:kr:2:ps/messages"
SHORT, LONG = "[국민비서] 교통과태료 32,000원", "가" * 46
Answer = dict[str, Any]


def sens(name: str, url: str = "http://127.0.0.1:1") -> Channel:
    return build(name, url, env=ENV)


def text(number: int, body: str = SHORT, **fields: Any) -> Message:
    return message(number, template="", text=body, **fields)


def taken(**fields: Any) -> bytes:
    body = {"requestId": "RSLA-1", "requestTime": "2026-11-24T12:00:00.535", "statusCode": "202", **fields}
    return http(202, json.dumps({**body, "statusName": "success"}).encode())


def page(*messages: Answer, **fields: Any) -> bytes:
    body = {"statusCode": "200", "statusName": "success", "messages": list(messages), "hasMore": False, **fields}
    return http(200, json.dumps(body).encode())


def listed(number: int, **fields: Any) -> Answer:
    to = {"requestId": "RSLA-1", "messageId": f"M{number}", "to": f"010000000{number:02}"}
    return {**to, "status": "COMPLETED", "statusCode": "0", "statusName": "success", **fields}
