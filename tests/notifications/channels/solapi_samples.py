"""What the tests of Solapi's text messages and Alimtalk share."""

import hashlib
import json
from typing import Any

import pytest
from solapi import SolapiMessageService
from solapi.model import RequestMessage, SendRequestConfig

from notifications.channels.contract import Channel, Message
from tests.notifications.channels.samples import build
from tests.support.gateway_stub import gateway, http

ENV = {
    "SOLAPI_API_KEY": "KEY",
    "SOLAPI_API_SECRET": "SECRET",
    "SOLAPI_PF_ID": "PF",
    "SOLAPI_SENDER": "0210000000",
    "SOLAPI_WEBHOOK_SECRET": "hush",
}
HUSHED = hashlib.sha1(b"hush").hexdigest()
REFUSAL = http(400, b'{"errorCode": "X", "errorMessage": "x"}')
SHORT, LONG = "[국민비서] 교통과태료 32,000원", "가" * 46


def solapi(name: str, url: str = "http://127.0.0.1:1") -> Channel:
    return build(name, url, env=ENV)


def bodies(name: str, ours: Message, theirs: RequestMessage) -> tuple[dict[str, Any], dict[str, Any]]:
    """The messages of our request and of the SDK's, without its guess of the type."""
    with gateway(lambda _: REFUSAL) as stub:
        solapi(name, stub.url).send([ours], batch_key="b")
        service = SolapiMessageService("KEY", "SECRET")
        service.base_url = stub.url
        with pytest.raises(Exception, match="X"):
            service.send(theirs, SendRequestConfig(allow_duplicates=True, show_message_list=True))
    first, second = stub.received
    assert (first.method, first.target) == (second.method, second.target)
    body, sdk_body = json.loads(first.body), json.loads(second.body)
    del sdk_body["agent"]
    assert body["messages"][0].pop("autoTypeDetect") is False
    assert sdk_body["messages"][0].pop("autoTypeDetect") is True
    return body, sdk_body


def common(**fields: Any) -> dict[str, Any]:
    return {"to": "010-0000-0001", "from_": "02-1000-0000", "custom_fields": {"reference": "ps-1"}, **fields}
