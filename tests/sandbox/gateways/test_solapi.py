"""The Naver gateway, checked with Solapi's own SDK."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from solapi import SolapiMessageService
from solapi.lib.authenticator import Authenticator
from solapi.model.naver.naver_option import NaverOption
from solapi.model.response.send_message_response import SendMessageResponse
from solapi.model.webhook.single_report import SingleReportPayload

from sandbox.state import credentials
from tests.sandbox.callers import PHONE, authorization, naver, solapi
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.sandbox_process import SandboxProcess


def test_solapis_own_sdk_signs_reads_the_answer_and_lists(sandbox: SandboxProcess) -> None:
    """Its `send` cannot be used: version 5.0.3 leaves naverOptions out of what it sends."""
    header = Authenticator(credentials.SOLAPI_API_KEY, credentials.SOLAPI_API_SECRET).get_auth_info()
    options = NaverOption(
        talk_id=credentials.SOLAPI_TALK_ID, template_id="T1", variables={"#{이름}": "홍길동", "#{금액}": "32,000원"}
    )
    message = {**naver(), "naverOptions": options.model_dump(by_alias=True, exclude_none=True)}
    answer = SendMessageResponse.model_validate(solapi(sandbox, message, header=header).json())
    assert (answer.group_info.count.total, answer.group_info.count.registered_success) == (1, 1)
    service = SolapiMessageService(credentials.SOLAPI_API_KEY, credentials.SOLAPI_API_SECRET)
    service.base_url = sandbox.url
    wait_until(lambda: [each.status_code for each in service.get_messages().message_list.values()] == ["4000"])
    assert sandbox.rows()[0]["text"] == "홍길동님, 32,000원 안내입니다."


def test_reports_come_as_an_array_that_the_sdk_reads(sandbox: SandboxProcess, receiver: Receiver) -> None:
    solapi(sandbox, naver(reference="ps-1"), naver("01000000002", "ps-2"))
    received = receiver.wait_for(1)[0]
    secret = hashlib.sha1(credentials.SOLAPI_WEBHOOK_SECRET.encode()).hexdigest()
    assert (received.path, received.headers["x-solapi-secret"]) == ("/webhooks/solapi/", secret)
    reports = SingleReportPayload.model_validate_json(received.body).root
    assert [(each.data.status_code, each.data.custom_fields) for each in reports] == [
        ("4000", {"reference": "ps-1"}),
        ("4000", {"reference": "ps-2"}),
    ]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (naver("+821000000001"), "1010"),
        ({**naver(), "from": "0219999999"}, "1062"),
        ({**naver(), "type": "FAX"}, "1011"),
        ({**naver(), "type": "SMS"}, "1010"),  # without a text
        (naver(talkId="another"), "1043"),
        (naver(templateId="T9"), "1043"),
        (naver(variables={"#{이름}": "홍길동"}), "1043"),
        (naver(variables={"#{이름}": "홍" * 1000, "#{금액}": "1원"}), "1031"),
    ],
)
def test_a_message_that_solapi_would_not_register_fails_alone(
    sandbox: SandboxProcess, message: dict[str, Any], code: str
) -> None:
    answer = solapi(sandbox, naver("01000000003"), message).json()
    assert [each["statusCode"] for each in answer["failedMessageList"]] == [code]
    assert (answer["groupInfo"]["count"]["registeredSuccess"], len(sandbox.rows())) == (1, 1)


def test_a_number_twice_is_refused_unless_that_is_allowed(sandbox: SandboxProcess) -> None:
    refused = solapi(sandbox, naver(), naver()).json()
    assert [each["statusCode"] for each in refused["failedMessageList"]] == ["1026"]
    assert solapi(sandbox, naver(), naver(), allowDuplicates=True).json()["failedMessageList"] == []


def test_the_authorization_is_checked_whole(sandbox: SandboxProcess) -> None:
    used = authorization()
    old = datetime.now(UTC) - timedelta(minutes=16)
    attempts = {
        "Unauthorized": "Bearer x",
        "InvalidAPIKey": authorization().replace(credentials.SOLAPI_API_KEY, "NCSOTHER"),
        "SignatureDoesNotMatch": authorization(secret="wrong"),
        "RequestTimeTooSkewed": authorization(old),
    }
    assert {solapi(sandbox, header=header).json()["errorCode"] for header in attempts.values()} == set(attempts)
    assert solapi(sandbox, header=used).status_code == 200
    assert solapi(sandbox, header=used).json()["errorCode"] == "DuplicatedSignature"


@pytest.mark.parametrize("body", [[], [{"to": PHONE}], "x"])
def test_a_body_of_another_form_is_a_validation_error(sandbox: SandboxProcess, body: object) -> None:
    answer = solapi(sandbox, messages=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


@pytest.mark.parametrize(
    ("handset", "code"),
    [({"blocked": ["naver"]}, "3107"), ({"not_a_user": ["naver"]}, "3104"), ({"off": True}, "3043")],
)
def test_a_person_who_is_not_reached_is_reported(
    sandbox: SandboxProcess, receiver: Receiver, handset: dict[str, object], code: str
) -> None:
    sandbox.handset("1", **handset)
    solapi(sandbox)
    assert json.loads(receiver.wait_for(1)[0].body)[0]["data"]["statusCode"] == code
