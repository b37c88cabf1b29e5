"""A sandbox that ./run started names its start, so that another run's product refuses its requests."""

from pathlib import Path

import pytest

from tests.sandbox.callers import twilio
from tests.sandbox.receiver import Receiver
from tests.support.sandbox_process import SandboxProcess


@pytest.mark.parametrize(("token", "run"), [("of-this-start", "of-this-start"), ("", None)])
def test_reports_and_events_name_the_start(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, token: str, run: str | None
) -> None:
    monkeypatch.setenv("RUN_TOKEN", token)
    with SandboxProcess(tmp_path, callback_base=receiver.url) as sandbox:
        twilio(sandbox, StatusCallback=f"{receiver.url}/webhooks/twilio/?ref=ps-7")
        sandbox.request("POST", "/control/payments/toss_payments/webhook", {"event": {"eventType": "any"}})
        posts = receiver.wait_for(3)
    assert {each.path.partition("?")[0] for each in posts} == {"/webhooks/twilio/", "/webhooks/payments/toss_payments/"}
    assert {each.headers.get("x-run") for each in posts} == {run}
