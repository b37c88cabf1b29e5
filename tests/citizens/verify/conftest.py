"""A notice that was sent to Alice, and a visitor's browser at the page that checks codes."""

import re
from datetime import datetime
from typing import Any

import pytest

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import claim
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from subscriptions.models import Contact
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record


def sent_notice(
    person: int = 1, *, channel: str = "sms", verdict: Verdict = Verdict.DELIVERED, data_type: Any = None
) -> Notice:
    """A notice to person `person`, sent in the morning, with what its gateway reported."""
    now = MORNING
    enrol(person, data_type or make_data_type(), channels=[channel], toss_user_key=f"44300000{person}")
    ingest(record(person), now=now)
    match_everything(now=now)
    claim(now=now)
    delivery = Delivery.objects.latest("pk")
    apply_outcomes([Reported(delivery.pk, Outcome("", verdict, "x"))], now=now)
    sent_at(delivery.notice, now)
    return delivery.notice


def sent_at(notice: Notice, when: datetime) -> None:
    """The attempt and the number are of that time; the database's clock has written its own."""
    notice.deliveries.update(started_at=when)
    Contact.objects.filter(citizen=notice.citizen_id).update(changed_at=MORNING)


@pytest.fixture
def notice(db: None, clock: Any) -> Notice:
    clock.move_to(MORNING, tick=False)
    return sent_notice()


@pytest.fixture
def code(notice: Notice) -> str:
    return check_code(notice.pk)


def answer(client: Any, typed: str, **extra: Any) -> str:
    """What the page says about a code: its heading, and the lines of its summary."""
    page = client.post("/verify/", {"code": typed}, follow=True, **extra).content.decode()
    [heading] = re.findall("<h1>(.*?)</h1>", page)
    lines = re.findall("<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page)
    return " | ".join([heading, *(re.sub("<[^>]+>", "", f"{name}: {value}") for name, value in lines)])
