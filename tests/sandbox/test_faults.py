"""Faults: what is accepted, what is answered, and what the gateway keeps afterwards."""

import json
import threading
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.parse import parse_qsl

import pytest
import requests

from tests.sandbox.callers import naver, nhn, recipient, solapi, toss, twilio
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.sandbox_process import SandboxProcess

SENDERS = {"twilio": twilio, "nhn": nhn, "solapi": solapi, "toss": toss}


@pytest.fixture(params=sorted(SENDERS))
def gateway(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def send(sandbox: SandboxProcess, gateway: str) -> object:
    return SENDERS[gateway](sandbox)  # type: ignore[operator]


def test_an_answer_that_is_lost_leaves_the_message_with_the_gateway(sandbox: SandboxProcess, gateway: str) -> None:
    sandbox.fault(gateway, "lose_answer", count=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        send(sandbox, gateway)
    assert len(sandbox.rows(gateway=gateway)) == 1


def test_a_reset_connection_leaves_nothing(sandbox: SandboxProcess, gateway: str) -> None:
    sandbox.fault(gateway, "reset", count=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        send(sandbox, gateway)
    assert sandbox.rows() == []


def test_garbage_comes_after_the_message_was_accepted(sandbox: SandboxProcess) -> None:
    sandbox.fault("twilio", "garbage", count=1)
    answer = twilio(sandbox)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    assert len(sandbox.rows()) == 1


def test_too_many_requests_say_when_to_come_back(sandbox: SandboxProcess) -> None:
    sandbox.fault("twilio", "rate_limit", retry_after=7, count=1)
    answer = twilio(sandbox)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert twilio(sandbox).status_code == 201
    assert len(sandbox.rows()) == 1


def test_an_error_lasts_as_often_as_was_asked_for(sandbox: SandboxProcess) -> None:
    sandbox.fault("any", "error", status=502, count=2)
    assert [twilio(sandbox).status_code for _ in range(3)] == [502, 502, 201]


def test_a_seed_draws_the_same_failures_again(sandbox: SandboxProcess) -> None:
    def statuses() -> list[int]:
        sandbox.clear_faults()
        sandbox.fault("twilio", "error", probability=0.5, seed=42)
        return [twilio(sandbox).status_code for _ in range(12)]

    first = statuses()
    assert first == statuses()
    assert set(first) == {201, 503}


def test_a_held_answer_goes_out_when_it_is_released(sandbox: SandboxProcess) -> None:
    sandbox.fault("nhn", "hold", count=1)
    answers: list[object] = []
    caller = threading.Thread(target=lambda: answers.append(nhn(sandbox)))
    caller.start()
    wait_until(lambda: len(sandbox.rows()) == 1)
    assert answers == []
    sandbox.release_held()
    caller.join(timeout=60)
    assert len(answers) == 1


def test_a_black_hole_swallows_the_request(sandbox: SandboxProcess) -> None:
    sandbox.fault("solapi", "black_hole", count=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(f"{sandbox.url}/messages/v4/send-many/detail", json={}, timeout=0.3)
    assert sandbox.rows() == []


@pytest.mark.parametrize("sender", [nhn, solapi])
def test_half_a_batch_is_accepted(sandbox: SandboxProcess, sender: Callable[..., object]) -> None:
    make = recipient if sender is nhn else naver
    sandbox.fault("any", "half_batch", count=1)
    sender(sandbox, *(make(f"0100000000{number}", f"ps-{number}") for number in range(1, 5)))
    assert [row["reference"] for row in sandbox.rows()] == ["ps-1", "ps-2"]


def test_receipts_come_again_until_they_are_acknowledged(sandbox: SandboxProcess, receiver: Receiver) -> None:
    receiver.answers = [500, 503]
    nhn(sandbox)
    received = receiver.wait_for(3)
    assert len({each.body for each in received}) == 1
    wait_until(lambda: sandbox.rows()[0]["settled"] == 1)


def test_receipts_come_twice_and_in_reverse(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.fault("twilio", "receipts_duplicate", times=2, count=1)
    sandbox.fault("twilio", "receipts_reordered", count=1)
    twilio(sandbox, StatusCallback=f"{receiver.url}/webhooks/twilio/")
    statuses = [dict(parse_qsl(each.body.decode()))["MessageStatus"] for each in receiver.wait_for(4)]
    assert statuses == ["delivered", "delivered", "sent", "sent"]


def test_a_receipt_can_overtake_the_answer(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.fault("nhn", "receipts_early", count=1)
    nhn(sandbox)
    assert len(receiver.received) == 1


def test_a_receipt_that_never_comes_can_be_asked_for(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.fault("nhn", "receipts_none", count=1)
    nhn(sandbox, recipient(reference="ps-1"))
    wait_until(lambda: sandbox.rows()[0]["state"] == "delivered")
    nhn(sandbox, recipient(reference="ps-2"))
    hooks = json.loads(receiver.wait_for(1)[0].body)["hooks"]
    assert [hook["recipientGroupingKey"] for hook in hooks] == ["ps-2"]


def test_a_late_receipt_leaves_the_message_under_way(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.fault("nhn", "receipts_late", seconds=3600, count=1)
    nhn(sandbox)
    assert sandbox.messages()["counts"] == {"nhn": {"accepted": 1}}


@pytest.mark.parametrize("fault", [{"gateway": "nhn", "fault": "none such"}, {"gateway": "nhn"}, {"x": 1}])
def test_a_fault_that_does_not_exist_is_refused(sandbox: SandboxProcess, fault: dict[str, object]) -> None:
    answer = requests.post(f"{sandbox.url}/control/faults", json=fault, timeout=60)
    assert answer.status_code == 400


@pytest.mark.parametrize("values", [{"receipt_delay": 600}, {"receipt_delay": 0.25}, {"receipt_delay": 0}])
def test_a_delay_of_whole_seconds_takes_no_fraction_away(sandbox: SandboxProcess, values: dict[str, float]) -> None:
    sandbox.settings(**values)
    sandbox.settings(receipt_delay=0.05)
    with pytest.raises(HTTPError):
        sandbox.settings(receipt_delay=True)
