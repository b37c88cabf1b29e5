"""What was answered survives `kill -9`, and so do receipts that are owed."""

import json
from datetime import date
from pathlib import Path

import pytest

from sandbox.populate import populate
from sandbox.state.people import NAMED
from tests.sandbox.callers import nhn, recipient
from tests.sandbox.conftest import TEMPLATE
from tests.sandbox.receiver import Receiver, wait_until
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.faults


def test_sample_people_who_block_an_app_do_so_from_the_start(tmp_path: Path, receiver: Receiver) -> None:
    sandbox = SandboxProcess(tmp_path, callback_base=receiver.url)
    populate(sandbox.data, len(NAMED), date(2026, 11, 24))
    with sandbox:
        sandbox.register({"channel": "kakaotalk", **TEMPLATE})
        nhn(sandbox, recipient("01000000010"))
        assert sandbox.rows()[0]["code"] == "3020"


def test_a_killed_sandbox_has_lost_nothing(tmp_path: Path, receiver: Receiver) -> None:
    sandbox = SandboxProcess(tmp_path, callback_base=receiver.url, receipt_delay=1)
    with sandbox:
        sandbox.register({"channel": "kakaotalk", **TEMPLATE})
        sandbox.handset("2", blocked=["kakaotalk"])
        for batch in range(5):
            nhn(sandbox, *(recipient(reference=f"ps-{batch}-{number}") for number in range(100)), key=f"k{batch}")
        sandbox.kill()
        sandbox.start()
        assert len({row["reference"] for row in sandbox.rows()}) == 500
        assert nhn(sandbox, key="k0")["header"]["resultCode"] == -1005
        assert sandbox.request("GET", "/control/people/2")["blocked"] == ["kakaotalk"]
        wait_until(lambda: len(_reported(receiver)) == 500)


def _reported(receiver: Receiver) -> set[str]:
    """Twice is possible: the kill may have come between a receipt and the note that it was acknowledged."""
    hooks = [hook for each in list(receiver.received) for hook in json.loads(each.body)["hooks"]]
    return {hook["recipientGroupingKey"] for hook in hooks}
