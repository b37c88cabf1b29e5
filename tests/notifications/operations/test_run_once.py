"""Test `manage.py run_once` and the results that count as done."""

import json

import pytest
from django.core.management import CommandError, call_command

from notifications.management.commands import run_once as command
from notifications.operations.run_once import Report

NOTHING = {"sent": 0, "delivered": 0, "failed": 0, "unknown": 0, "waiting": 0}


def report(made: int, due: int, **channel: int) -> Report:
    channels = {"kakaotalk": NOTHING, "sms": NOTHING | channel}
    return Report(notices={"made": made, "due": due}, channels=channels, states={"failed": due})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "done", [report(5, 5), report(5, 5, sent=5, failed=5), report(9, 5, sent=5, unknown=4, waiting=1)]
)
def test_what_delivered_nothing_of_what_was_due_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], done: Report
) -> None:
    monkeypatch.setattr(command, "run_once", lambda **_: done)
    with pytest.raises(CommandError, match="nothing was delivered of 5 notices that were due"):
        call_command("run_once", "--json", "--now", "2026-03-10T10:00")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["notices"] == done.notices


@pytest.mark.django_db
@pytest.mark.parametrize("done", [report(0, 0), report(5, 0), report(5, 5, sent=5, delivered=1, failed=4)])
def test_nothing_to_do_and_something_delivered_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], done: Report
) -> None:
    """`due` 0 of some that were made: they wait for nine o'clock."""
    monkeypatch.setattr(command, "run_once", lambda **_: done)
    call_command("run_once", "--json", "--now", "2026-03-10T10:00")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["notices"] == done.notices
