"""The Alimtalk gateway: what NHN Cloud is strict about, its list, and its webhook."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.gateways.nhn_shapes import KST
from sandbox.state import credentials
from tests.sandbox.callers import nhn, nhn_get, recipient
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.sandbox_process import SandboxProcess


def header_code(answer: dict[str, Any]) -> int:
    return int(answer["header"]["resultCode"])


def test_a_batch_is_accepted_filled_and_reported(sandbox: SandboxProcess, receiver: Receiver) -> None:
    answer = nhn(sandbox, recipient(reference="ps-1"), recipient("01000000002", "ps-2"))
    assert answer["header"]["isSuccessful"]
    assert [each["recipientSeq"] for each in answer["message"]["sendResults"]] == [1, 2]
    assert sandbox.rows()[0]["text"] == "홍길동님, 32,000원 안내입니다."
    received = receiver.wait_for(1)[0]
    assert received.path == "/webhooks/nhn/"
    assert received.headers["x-toast-webhook-signature"] == credentials.NHN_WEBHOOK_SECRET
    hooks = json.loads(received.body)["hooks"]
    assert {hook["recipientGroupingKey"]: hook["resultCode"] for hook in hooks} == {"ps-1": "1000", "ps-2": "1000"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"app_key": "wrong"}, -1000),
        ({"secret": "wrong"}, -1001),
        ({"senderKey": ""}, -2001),
        ({"senderKey": "x" * 40}, -2017),
        ({"templateCode": "T9"}, -3003),
        ({"templateCode": "T" * 21}, -2000),
        ({"recipientList": []}, -2004),
        ({"recipientList": [recipient()] * 1001}, -2004),
        ({"recipientList": None}, -2002),
        ({"senderGroupingKey": "x" * 101}, -2000),
    ],
)
def test_a_request_that_nhn_would_refuse_is_refused(sandbox: SandboxProcess, change: dict[str, Any], code: int) -> None:
    answer = nhn(sandbox, **change)
    assert (header_code(answer), answer["header"]["isSuccessful"]) == (code, False)
    assert sandbox.rows() == []


def test_recipients_are_refused_one_by_one(sandbox: SandboxProcess) -> None:
    incomplete = {**recipient(reference="ps-3"), "templateParameter": {"이름": "홍길동"}}
    answer = nhn(sandbox, recipient(), recipient("0212345678"), incomplete, recipient(금액="가" * 1000))
    codes = [each["resultCode"] for each in answer["message"]["sendResults"]]
    assert codes == [0, -5000, -3004, -2019]
    assert [row["reference"] for row in sandbox.rows()] == ["ps-1"]


def test_a_batch_without_a_good_recipient_fails_as_a_whole(sandbox: SandboxProcess) -> None:
    assert header_code(nhn(sandbox, recipient("0212345678"))) == -1031


def test_an_idempotency_key_works_once(sandbox: SandboxProcess) -> None:
    assert header_code(nhn(sandbox, key="k1")) == 0
    assert header_code(nhn(sandbox, key="k1")) == -1005
    assert header_code(nhn(sandbox, key="k2")) == 0
    assert len(sandbox.rows()) == 2


def test_messages_are_found_by_request_by_batch_and_by_reference(sandbox: SandboxProcess) -> None:
    request_id = nhn(sandbox, recipient(), recipient("01000000002", "ps-2"))["message"]["requestId"]
    today = datetime.now(KST)
    days = {
        "startRequestDate": f"{today - timedelta(days=1):%Y-%m-%d %H:%M}",
        "endRequestDate": f"{today + timedelta(days=1):%Y-%m-%d %H:%M}",
    }
    for query in ({"requestId": request_id}, {**days, "senderGroupingKey": "batch-1"}):
        listed = nhn_get(sandbox, **query)["messageSearchResultResponse"]
        assert [each["recipientGroupingKey"] for each in listed["messages"]] == ["ps-1", "ps-2"]
    assert nhn_get(sandbox, **days, recipientGroupingKey="ps-2")["messageSearchResultResponse"]["totalCount"] == 1
    assert header_code(nhn_get(sandbox, senderGroupingKey="batch-1")) == -4103
    wait_until(lambda: nhn_get(sandbox, f"/{request_id}/2")["message"]["resultCode"] == "1000")
    assert header_code(nhn_get(sandbox, f"/{request_id}/3")) == -1016


@pytest.mark.parametrize(
    ("handset", "code"),
    [({"blocked": ["kakaotalk"]}, "3020"), ({"not_a_user": ["kakaotalk"]}, "3019"), ({"off": True}, "3005")],
)
def test_a_person_who_is_not_reached_is_reported_with_kakaos_code(
    sandbox: SandboxProcess, receiver: Receiver, handset: dict[str, object], code: str
) -> None:
    sandbox.handset("1", **handset)
    nhn(sandbox)
    assert json.loads(receiver.wait_for(1)[0].body)["hooks"][0]["resultCode"] == code


def test_a_template_is_of_no_use_before_it_is_approved(sandbox: SandboxProcess) -> None:
    template = {"channel": "kakaotalk", "code": "NEW", "name": "", "title": "", "body": "#{이름}님, #{금액}"}
    sandbox.register({**template, "status": "in_review"})
    assert header_code(nhn(sandbox, templateCode="NEW")) == -3005
    sandbox.register(template)
    assert header_code(nhn(sandbox, templateCode="NEW")) == 0
