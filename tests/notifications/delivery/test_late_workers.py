"""Test late workers: their lease is over, or their time is up."""

from dataclasses import replace
from typing import Any

import pytest

from notifications.channels.contract import Channel, Outcome, Verdict
from notifications.delivery import deliver
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_claim, deliver_due
from notifications.delivery.gateways import channel
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine(sandbox: SandboxProcess) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def states() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("state", "reason"))


def test_a_worker_whose_lease_was_taken_over_cannot_write(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1))
    match_everything(now=MORNING)
    slow = claim(now=MORNING)
    Notice.objects.update(state="unknown")
    Notice.objects.update(state="ready")  # the gateway never received it
    fast = claim(now=MORNING)
    deliver_claim(claimed=fast, now=MORNING)
    apply_outcomes([Reported(slow.attempts[0].delivery_id, Outcome("", Verdict.UNDELIVERABLE, "late"))], now=MORNING)
    assert states() == [("sending", "")]
    assert Delivery.objects.get(pk=fast.attempts[0].delivery_id).state == "sent"


def test_a_worker_that_resumes_after_its_lease_sends_nothing(fine: Any, sandbox: SandboxProcess) -> None:
    """Another worker has the notice by then; a machine that was suspended cannot know."""
    enrol(1, fine, channels=["sms"])
    ingest(record(1))
    match_everything(now=MORNING)
    claimed = claim(now=MORNING)
    deliver_claim(claimed=replace(claimed, began=claimed.began - 30), now=MORNING)
    assert states() == [("ready", "sms:lease-over")]
    assert sandbox.messages()["total"] == 0
    assert not Alarm.objects.filter(kind="channel_paused").exists()


def test_what_was_sent_is_written_though_the_time_of_the_task_is_up(
    fine: Any, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery raises its soft time limit wherever the work stands."""
    enrol(1, fine, channels=["kakaotalk"])
    enrol(2, fine, channels=["sms"])
    ingest(record(1), record(2))
    match_everything(now=MORNING)

    begun: list[str] = []  # in the order of the claim, which is not that of the records

    def time_is_up_at_the_second(code: str) -> Channel:
        begun.append(code)
        if len(begun) == 2:
            raise TimeoutError
        return channel(code)

    monkeypatch.setattr(deliver, "channel", time_is_up_at_the_second)
    with pytest.raises(TimeoutError):
        deliver_due(now=lambda: MORNING)
    assert sorted(begun) == ["kakaotalk", "sms"]
    assert dict(Delivery.objects.values_list("channel", "state")) == {begun[0]: "sent", begun[1]: "sending"}
