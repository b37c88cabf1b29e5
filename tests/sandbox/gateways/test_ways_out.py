"""The adapters of Korean text messages and of further Alimtalk dealers, against the sandbox's gateways: sent, reported,
polled, and found again after a lost answer. The sandbox checks keys, signatures, senders and templates itself."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from notifications.channels import registry
from notifications.channels.contract import Callback, Channel, Message, Outcome, Polled, Receipt, Verdict
from sandbox.state import credentials
from secretary.kernel.adapters.timing import Timing
from tests.sandbox.callers import solapi
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.sandbox_process import SandboxProcess
from tests.support.together import Cases

TEXTS = ("nhn_sms", "solapi_sms", "sens_sms")
CALLED_BACK = ("nhn_sms", "solapi_sms", "solapi_alimtalk")
ADAPTERS = (*TEXTS, "solapi_alimtalk", "sens_alimtalk")
VALUES = {"이름": "홍길동", "금액": "32,000원"}


def adapter(sandbox: SandboxProcess, name: str, settle: float = 0.0) -> Channel:
    timing = Timing(settle=timedelta(seconds=settle))
    return registry.build(name, sandbox.environment, callback_url="", timing=timing)


def messages(name: str) -> list[Message]:
    """To three numbers, two of them to the same; every other text is a long one."""
    if name not in TEXTS:
        text = "홍길동님, 32,000원 안내입니다."
        return [Message(f"ps-{n}", f"+82100000000{n}", "T1", "", text, VALUES) for n in (1, 2, 3)]
    texts = {1: "안내 가", 2: "안내 나" * 30, 3: "안내 다", 4: "안내 라" * 30}
    return [Message(f"ps-{n}", f"+82100000000{n % 3 + 1}", "", "", text, {}) for n, text in texts.items()]


def polled(sent: list[Message], outcomes: list[Outcome], began: datetime) -> list[Polled]:
    ids = {outcome.reference: outcome.vendor_id for outcome in outcomes}
    return [Polled(each, ids.get(each.reference, ""), "batch-1", began, datetime.now(UTC)) for each in sent]


def verdicts(outcomes: list[Outcome]) -> dict[str, Verdict]:
    return {outcome.reference: outcome.verdict for outcome in outcomes}


def receipts(channel: Channel, receiver: Receiver) -> list[Receipt]:
    """All that was posted to this gateway's address."""
    calls = [call for call in list(receiver.received) if call.path == f"/webhooks/{channel.gateway}/"]
    return [r for call in calls for r in channel.receive(Callback("POST", call.path, call.headers, call.body))]


def test_what_is_sent_is_reported_and_polled(sandbox: SandboxProcess, receiver: Receiver) -> None:
    cases = Cases()
    sandbox.handset("3", blocked=["sms", "kakaotalk"])
    for name in ADAPTERS:
        with cases.case(name):
            began, channel, sent = datetime.now(UTC), adapter(sandbox, name), messages(name)
            receiver.forget()
            outcomes = channel.send(sent, batch_key="batch-1")
            assert verdicts(outcomes) == dict.fromkeys(["ps-1", "ps-2", "ps-3", "ps-4"][: len(sent)], Verdict.ACCEPTED)
            blocked = {each.reference for each in sent if each.address.endswith("3")}
            final = {
                each.reference: Verdict.UNDELIVERABLE if each.reference in blocked else Verdict.DELIVERED
                for each in sent
            }
            again = polled(sent, outcomes, began)
            wait_until(lambda: verdicts(channel.poll(again)) == final)  # noqa: B023
            if name in CALLED_BACK:
                wait_until(lambda: len(receipts(channel, receiver)) == len(sent))  # noqa: B023
                received = receipts(channel, receiver)
                assert {receipt.reference: receipt.verdict for receipt in received} == final
                ids = {outcome.reference: outcome.vendor_id for outcome in outcomes}
                assert {receipt.reference: receipt.vendor_id for receipt in received} == ids
    cases.conclude()


def test_a_lost_answer_is_found_and_what_never_came_is_named(sandbox: SandboxProcess) -> None:
    cases = Cases()
    for name in ADAPTERS:
        gateway = name.partition("_")[0].replace("nhn", "nhn_sms")
        for fault, found in (("lose_answer", True), ("reset", False)):
            with cases.case(f"{name}: {fault}"):
                sandbox.clear_faults()
                sandbox.request("DELETE", "/control/messages")
                sandbox.fault(gateway=gateway, fault=fault, on="send")
                began, channel, sent = datetime.now(UTC), adapter(sandbox, name), messages(name)
                outcomes = channel.send(sent, batch_key="batch-1")
                assert set(verdicts(outcomes).values()) == {Verdict.UNKNOWN}
                again = polled(sent, [], began)
                if found:
                    wait_until(lambda: set(verdicts(channel.poll(again)).values()) == {Verdict.DELIVERED})  # noqa: B023
                    assert len(verdicts(channel.poll(again))) == len(sent)
                else:
                    assert set(verdicts(channel.poll(again)).values()) == {Verdict.RETRY_LATER}
                    waiting = adapter(sandbox, name, settle=60.0)
                    assert waiting.poll(again) == []
    cases.conclude()


def test_what_is_set_is_what_the_gateways_are_called_with(sandbox: SandboxProcess) -> None:
    """The sandbox, which knows its own keys, refuses anything else."""
    cases = Cases()
    for name in ADAPTERS:
        for item in registry.env_names(name):
            if item.name.endswith(("_WEBHOOK_SECRET", "_NETWORKS")):
                continue
            with cases.case(f"{name}: {item.name}"):
                other = "http://127.0.0.1:9" if item.name.endswith("_BASE_URL") else "0299999999"
                env = {**sandbox.environment, item.name: other}
                channel = registry.build(name, env, callback_url="")
                [outcome, *_] = channel.send(messages(name)[:1], batch_key="b")
                assert outcome.verdict in (Verdict.RETRY_LATER, Verdict.TEMPLATE_REJECTED)
    assert sandbox.rows() == []
    cases.conclude()


def test_a_template_is_of_no_use_before_the_dealer_has_it(sandbox: SandboxProcess) -> None:
    for name in ("solapi_alimtalk", "sens_alimtalk"):
        [outcome] = adapter(sandbox, name).send([messages(name)[0]._replace(template_code="T9")], batch_key="b")
        assert outcome.verdict in (Verdict.TEMPLATE_REJECTED, Verdict.RETRY_LATER)
    [outcome] = adapter(sandbox, "sens_alimtalk").send(
        [messages("sens_alimtalk")[0]._replace(text="다른 말입니다.")], batch_key="b"
    )
    assert outcome.verdict is Verdict.RETRY_LATER
    assert sandbox.rows() == []


def test_sens_refuses_an_old_signature_and_more_than_a_hundred(sandbox: SandboxProcess) -> None:
    old = adapter(sandbox, "sens_sms")
    old._milliseconds = lambda: int((time.time() - 600) * 1000)  # type: ignore[attr-defined]
    [outcome] = old.send(messages("sens_sms")[:1], batch_key="b")
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY_LATER, "200")
    path = f"/sms/v2/services/{credentials.SENS_SMS_SERVICE_ID}/messages"
    assert requests.get(f"{sandbox.url}{path}", timeout=60).status_code == 401


@pytest.mark.parametrize("kind", ["SMS", "LMS"])
def test_a_text_that_is_too_long_for_its_kind_is_refused(sandbox: SandboxProcess, kind: str) -> None:
    """In life it is cut off: a wrong choice between short and long must show."""
    message = {"to": "01000000001", "from": credentials.SOLAPI_SENDER, "type": kind, "text": "가" * 1001}
    assert solapi(sandbox, message).json()["failedMessageList"][0]["statusCode"] == "1031"
