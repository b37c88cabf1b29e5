"""The Toss gateway: a client certificate, templates, ten calls a minute."""

from typing import Any

import pytest
import requests

from tests.sandbox.callers import toss
from tests.support.sandbox_process import SandboxProcess


def test_the_answer_is_the_outcome(sandbox: SandboxProcess) -> None:
    answer = toss(sandbox).json()
    assert (answer["resultType"], answer["success"]["sentPushCount"]) == ("SUCCESS", 1)
    row = sandbox.rows()[0]
    assert (row["state"], row["person"], row["vendor_id"]) == (
        "delivered",
        "01000000001",
        answer["success"]["detail"]["sentPush"][0]["contentId"],
    )


def test_without_a_client_certificate_requests_are_refused(sandbox: SandboxProcess) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        toss(sandbox, certificate=False)


@pytest.mark.parametrize(
    "body", [{"templateSetCode": "T9"}, {"context": {"이름": "홍길동"}}, {"context": "x"}, {"templateSetCode": None}]
)
def test_a_message_that_toss_would_refuse_is_refused(sandbox: SandboxProcess, body: dict[str, Any]) -> None:
    answer = toss(sandbox, user="443000002", **body)
    assert (answer.status_code, answer.json()["error"]["errorCode"]) == (400, "INVALID_PARAMETER")
    assert sandbox.rows() == []


def test_the_eleventh_call_in_a_minute_is_refused(sandbox: SandboxProcess) -> None:
    statuses = [toss(sandbox, user="443000003").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert toss(sandbox, user="443000004").status_code == 200
    sandbox.request("DELETE", "/control/messages")
    assert toss(sandbox, user="443000003").status_code == 200  # forgotten with the messages


def test_who_blocks_is_named_as_failed_and_who_is_no_user_is_refused(sandbox: SandboxProcess) -> None:
    sandbox.handset("5", blocked=["toss"])
    sandbox.handset("6", not_a_user=["toss"])
    sandbox.handset("7", off=True)
    success = toss(sandbox, user="443000005").json()["success"]
    assert (success["msgCount"], len(success["fail"]["sentPush"])) == (0, 1)
    assert toss(sandbox, user="443000006").json()["resultType"] == "FAIL"
    assert toss(sandbox, user="443000007").json()["success"]["sentInboxCount"] == 1
