"""A gateway accepts messages, and its answer is lost: for every adapter there is, the outcome is found out, and nothing
is sent twice. A new adapter is tested here by itself, and needs its row in docs/channels.md."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now

from notifications.channels.contract import Message
from notifications.channels.registry import adapters
from notifications.delivery.deliver import deliver_due
from notifications.delivery.gateways import provider
from notifications.delivery.poll_gateways import poll_gateways
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice
from notifications.operations.submit_templates import submit_templates
from subscriptions.models import Contact
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, phone_of, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
ADAPTERS = sorted(adapters())
PEOPLE = (1, 2, 3)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "channels.md"
HEADING = "## After a lost answer"


def due(name: str, sandbox: SandboxProcess, settings: Any) -> None:
    """Three notices wait for the channel that this adapter carries; no other is left to their people."""
    channel = adapters()[name].channel
    settings.CHANNELS = {channel: name}
    settings.SETTLE_SECONDS = 0
    data_type = make_data_type()
    sandbox.register(*templates())
    submit_templates(now=MORNING)
    for number in PEOPLE:
        enrol(number, data_type, channels=[channel], toss_user_key=f"44300000{number}")
    ingest(*(record(number) for number in PEOPLE))
    match_everything(now=MORNING)


def send(hours: int = 0) -> int:
    return deliver_due(now=lambda: MORNING + timedelta(hours=hours))


def poll() -> None:
    Delivery.objects.update(started_at=F("started_at") - timedelta(minutes=2))
    Contact.objects.update(changed_at=Now() - timedelta(days=1))
    Delivery.objects.filter(ask_at__isnull=False).update(ask_at=Now() - timedelta(seconds=1))
    poll_gateways(now=MORNING)


def texts(sandbox: SandboxProcess) -> Counter[str]:
    return Counter(row["text"] for row in sandbox.rows())


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def crowd(name: str, mark: str) -> None:
    """More messages of the first person's number than a page of any gateway holds."""
    others = [Message(f"{mark}-{nth}", phone_of(1), "", "", f"다른 안내 {mark} {nth}", {}) for nth in range(105)]
    outcomes = provider(adapters()[name].gateway).send(others, batch_key=mark)
    assert {outcome.verdict for outcome in outcomes} == {"accepted"}


@pytest.mark.parametrize(("name", "pages"), [("twilio_sms", 5), ("sens_sms", 5), ("twilio_sms", 2), ("sens_sms", 1)])
def test_it_is_found_on_a_further_page_of_its_number(
    name: str, pages: int, sandbox: SandboxProcess, settings: Any
) -> None:
    """Twilio lists the newest first, SENS the oldest; what is behind the last page that is read stays unknown."""
    settings.GATEWAY_LIST_PAGES = pages
    due(name, sandbox, settings)
    crowd(name, "before")
    sandbox.fault("any", "lose_answer")
    assert send() == 3
    sandbox.clear_faults()
    crowd(name, "after")
    poll()
    unknown = Delivery.objects.filter(state="unknown")
    assert unknown.count() == (0 if pages == 5 else 1), "one person's number has them all"
    assert send(hours=2) == 0


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_was_accepted_is_found_and_sent_no_second_time(name: str, sandbox: SandboxProcess, settings: Any) -> None:
    due(name, sandbox, settings)
    sandbox.fault("any", "lose_answer")
    assert send() == 3
    assert states() == {"unknown"}
    accepted = texts(sandbox)
    assert sorted(accepted.values()) == [1, 1, 1]
    sandbox.clear_faults()
    poll()
    if adapters()[name].reports_by == "answer":  # there is nothing to poll: a person decides
        assert set(Notice.objects.values_list("state", flat=True)) == {"review"}
        assert Alarm.objects.filter(kind="gateway_silent").exists()
    else:
        assert states() <= {"sent", "delivered"}
        assert set(Notice.objects.values_list("state", flat=True)) <= {"sending", "delivered"}
    assert send(hours=2) == 0
    assert texts(sandbox) == accepted and Delivery.objects.count() == 3


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_never_arrived_is_found_missing_and_sent_once(name: str, sandbox: SandboxProcess, settings: Any) -> None:
    due(name, sandbox, settings)
    sandbox.fault("any", "reset")
    assert send() == 3
    assert states() == {"unknown"} and not texts(sandbox)
    sandbox.clear_faults()
    poll()
    if adapters()[name].reports_by == "answer":
        assert set(Notice.objects.values_list("state", flat=True)) == {"review"}
        assert send(hours=2) == 0 and not texts(sandbox)
        return
    assert states() == {"returned"}
    assert send(hours=2) == 3
    assert sorted(texts(sandbox).values()) == [1, 1, 1]
    assert send(hours=3) == 0


def test_the_page_about_channels_says_of_each_adapter_how_an_outcome_is_found() -> None:
    _, _, table = PAGE.read_text().partition(HEADING)
    rows = [line.split("|")[1:-1] for line in table.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    named = {row[0].strip().strip("`"): [cell.strip() for cell in row[1:]] for row in rows}
    assert sorted(named) == ADAPTERS
    assert all(len(cells) == 3 and all(cells) for cells in named.values())
