"""The yearly message: once a year to everyone, by the first channel that works, in their hours, never twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.channels.contract import Receipt, Verdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.gateways import yearly_reference
from notifications.models import YearlyMessage, YearlyRefusal, YearlyRun
from notifications.receipts.receipts import take_receipts
from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import KST
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.message_templates.site import site_in_words
from subscriptions.models import ChannelChoice, Citizen, Contact
from tests.notifications.cast import MORNING, NIGHT
from tests.notifications.yearly.conftest import Enrol, go, states
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
NEXT_YEAR = datetime(2027, 3, 10, 10, tzinfo=KST)


def receipt(message: YearlyMessage, verdict: Verdict, *, gateway: str = "nhn", attempt: int = 1) -> None:
    news = Receipt(f"e-{verdict}-{attempt}", yearly_reference(message.pk, attempt), "", verdict, "x")
    assert take_receipts(gateway=gateway, receipts=[news], now=MORNING) is not None


def test_each_person_gets_one_a_year_in_their_language(people: Enrol, sandbox: SandboxProcess) -> None:
    people(1), people(2, language="en", channels=["sms"])
    assert go() == 2 and go() == 0
    assert states() == [("sent", "")] * 2
    assert go(MORNING + timedelta(days=300)) == 0
    korean, english = sorted(sandbox.rows(), key=lambda row: row["person"])
    assert (korean["gateway"], english["gateway"]) == ("nhn", "twilio")
    assert "어디에 쓰고 누구에게 제공했는지" in korean["text"] and site_in_words("ko") in korean["text"]
    assert "who received it" in english["text"] and site_in_words("en") in english["text"]
    first = YearlyMessage.objects.order_by("pk")[0]
    assert check_code(first.number) in korean["text"] and "http" not in korean["text"] + english["text"]
    run = YearlyRun.objects.get()
    assert (run.year, run.people, run.listed_at) == (2026, 2, MORNING)
    lines = (
        AuditEvent.objects.filter(action__startswith="yearly_message.").order_by("pk").values_list("action", "object")
    )
    assert list(lines) == [
        ("yearly_message.begun", "yearly_message:2026"),
        ("yearly_message.listed", "yearly_message:2026 2"),
    ]
    assert go(NEXT_YEAR) == 2 and YearlyMessage.objects.count() == len(sandbox.rows()) == 4


def test_it_is_not_sent_to_who_came_later_refused_withdrew_or_left(people: Enrol, sandbox: SandboxProcess) -> None:
    people(1, since=datetime(2026, 3, 10, tzinfo=KST))
    refuses, withdraws, erased = people(2), people(3), people(4)
    withdrew_before = people(5)
    withdraw(citizen=withdrew_before, data_types=None, actor="citizen", now=MORNING)
    assert go(MORNING - timedelta(hours=3)) == 0 and YearlyMessage.objects.count() == 3  # before nine
    YearlyRefusal.objects.create(citizen=refuses, refused_at=MORNING)
    withdraw(citizen=withdraws, data_types=None, actor="citizen", now=MORNING)
    Citizen.objects.filter(pk=erased.pk).update(state=Citizen.ERASED)
    assert go() == 0 and sandbox.rows() == []
    assert states() == [
        ("cancelled", "refused"),
        ("cancelled", "consent_withdrawn"),
        ("cancelled", "consent_withdrawn"),
    ]


def test_it_keeps_to_the_hours_and_waits_for_its_day(people: Enrol, settings: Any) -> None:
    people(1)
    settings.YEARLY_MESSAGE_DAY = None
    assert go() == 0 and not YearlyRun.objects.exists()
    settings.YEARLY_MESSAGE_DAY = (3, 11)
    people(2, since=datetime(2025, 1, 1, tzinfo=KST))
    assert (
        go() == 1 and YearlyRun.objects.get().year == 2025
    )  # the last one was not sent yet: only this person was there
    assert go(NIGHT + timedelta(hours=2)) == 0  # one at night, of the eleventh
    assert states()[1:] == [("waiting", "quiet_hours")] * 2
    assert go(MORNING + timedelta(days=1)) == 2


def test_what_a_channel_refuses_for_certain_goes_to_the_next(people: Enrol, sandbox: SandboxProcess) -> None:
    people(1, channels=["kakaotalk", "sms"]), people(2, channels=["kakaotalk"]), people(3, channels=[])
    assert go() == 2
    one, two, none = YearlyMessage.objects.order_by("pk")
    assert (none.state, none.reason) == ("waiting", "no_channel")
    for message in (one, two):
        receipt(message, Verdict.UNDELIVERABLE, gateway="twilio")  # of another channel: no report
    assert states()[:2] == [("sent", "")] * 2
    for message in (one, two):
        receipt(message, Verdict.UNDELIVERABLE)
    assert go() == 1
    one, two, _ = YearlyMessage.objects.order_by("pk")
    assert (one.channel, one.state, one.attempts, one.tried) == ("sms", "sent", 2, ["kakaotalk"])
    assert (two.state, two.reason) == ("waiting", "all_channels_failed")
    receipt(one, Verdict.DELIVERED, gateway="twilio", attempt=2)
    receipt(two, Verdict.DELIVERED)  # late, by the first attempt: it has arrived
    assert states() == [("delivered", ""), ("delivered", ""), ("waiting", "no_channel")]
    assert len(sandbox.rows()) == 3


def test_whom_no_channel_reaches_is_looked_for_again_until_the_next_years_run(
    people: Enrol, sandbox: SandboxProcess
) -> None:
    chooses, moves = people(1, channels=[]), people(2, channels=["sms"])
    people(3, channels=[]), people(4, channels=["sms"])
    assert go() == 2
    for message in YearlyMessage.objects.filter(state="sent"):
        receipt(message, Verdict.UNDELIVERABLE, gateway="twilio")
    assert go() == 0
    ChannelChoice.objects.create(citizen=chooses, channel="sms", position=1)
    Contact.objects.filter(citizen=moves).update(changed_at=MORNING + timedelta(days=1))
    assert go(MORNING + timedelta(days=6)) == 0
    assert go(MORNING + timedelta(days=7)) == 2 and len(sandbox.rows()) == 4
    first, second, *others = YearlyMessage.objects.order_by("pk")
    assert [(each.state, each.attempts) for each in (first, second)] == [("sent", 1), ("sent", 2)]
    assert {(each.state, each.look_at) for each in others} == {("waiting", MORNING + timedelta(days=14))}
    receipt(second, Verdict.UNDELIVERABLE, gateway="twilio", attempt=2)  # the new number too
    assert go(MORNING + timedelta(days=14)) == 0
    go(NEXT_YEAR), go(NEXT_YEAR + timedelta(days=7))
    of_this_year = YearlyMessage.objects.filter(year=2026).order_by("pk").values_list("state", "reason")
    tried_all, none_chosen = ("failed", "all_channels_failed"), ("failed", "no_channel")
    assert list(of_this_year)[1:] == [tried_all, none_chosen, tried_all]
