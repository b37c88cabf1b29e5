"""Test that a template that alone fails is stopped, and that a gateway outage only pauses its channel."""

from typing import Any

import pytest

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.breaker import note_health
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_claim, deliver_due
from notifications.matching.match import match_everything
from notifications.models import Alarm, ChannelState, Feed, Notice, TemplateStop, TemplateTrouble
from notifications.operations.watch import clear_stop
from subscriptions.models import DataType, MessageTemplate
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
CHANNELS = {"kakaotalk": "nhn", "naver": "solapi", "toss": "toss"}


def template_of(data_type: DataType, channel: str) -> MessageTemplate:
    return MessageTemplate.objects.get(
        stage__version__data_type=data_type, stage__code="issued", channel=channel, language="ko"
    )


@pytest.fixture
def two_types(sandbox: SandboxProcess) -> tuple[DataType, DataType]:
    """Fines and check-ups; person 1 to 4 want both, on any of the channels first and by text message second."""
    types = make_data_type(), make_data_type("checkup", "nhis")
    sandbox.register(*templates())
    make_feed()
    make_feed("nhis-push", "nhis")
    return types


def notified(number: int, data_type: DataType) -> None:
    """So many new records, dealt out to the four people."""
    feed = Feed.objects.get(agency=data_type.agency)
    ingest(*(record(1 + each % 4, data_type=data_type.code) for each in range(number)), feed=feed)
    match_everything(now=MORNING)


def send_a_batch() -> None:
    deliver_claim(claimed=claim(now=MORNING), now=MORNING)


@pytest.mark.parametrize("channel", CHANNELS)
def test_one_template_that_fails_with_500_is_stopped_and_others_do_not_wait(
    two_types: tuple[DataType, DataType], sandbox: SandboxProcess, channel: Any
) -> None:
    fine, checkup = two_types
    bad = template_of(checkup, channel)
    for person in range(1, 5):
        enrol(person, fine, checkup, channels=[channel, "sms"], toss_user_key=f"44300000{person}")
    sandbox.fault(CHANNELS[channel], "error", status=500, words=bad.vendor_template)
    for _ in range(3):
        notified(8, checkup)
        notified(4, fine)
        send_a_batch()
        assert not Notice.objects.filter(state="ready", record__data_type=fine).exists()
    assert TemplateStop.objects.get().template == bad
    assert Alarm.objects.get().kind == "wording_refused"
    assert not ChannelState.objects.filter(paused_until__isnull=False).exists()
    notified(4, checkup)
    deliver_due(now=lambda: MORNING)  # the next channel
    assert len(sandbox.rows(gateway="twilio")) == 4
    assert len(sandbox.rows(gateway=CHANNELS[channel])) == 12


def test_a_batch_of_the_bad_template_alone_does_not_pause_a_channel_that_was_well(
    two_types: tuple[DataType, DataType], sandbox: SandboxProcess
) -> None:
    fine, checkup = two_types
    for person in range(1, 5):
        enrol(person, fine, checkup, channels=["kakaotalk"])
    notified(100, fine)
    send_a_batch()
    sandbox.fault("nhn", "error", status=500, words=template_of(checkup, "kakaotalk").vendor_template)
    notified(100, checkup)
    send_a_batch()
    notified(4, fine)
    assert deliver_due(now=lambda: MORNING) == 4
    assert not Alarm.objects.exists()


def test_a_gateway_that_is_down_pauses_its_channel_and_stops_no_template(
    two_types: tuple[DataType, DataType], sandbox: SandboxProcess
) -> None:
    fine, checkup = two_types
    for person in range(1, 5):
        enrol(person, fine, checkup, channels=["kakaotalk"])
    sandbox.fault("nhn", "error", status=500)
    notified(8, checkup)
    notified(8, fine)
    send_a_batch()
    assert Alarm.objects.get().kind == "channel_paused"
    assert not TemplateStop.objects.exists()


A, B, C = 101, 102, 103


def batch(**what: str) -> None:
    """Each template's messages of one batch: g for a delivered one, t for a failed one."""
    reported = {"g": Verdict.ACCEPTED, "t": Verdict.UNKNOWN}
    named = {"a": known[0], "b": known[1], "c": known[2]}
    note_health(
        channel="naver",
        outcomes={
            named[name]: [Outcome("ps-1", reported[each], "http-500") for each in how] for name, how in what.items()
        },
        now=MORNING,
    )


known: list[int] = []


@pytest.fixture
def three(db: None) -> None:
    make_data_type()
    known[:] = list(MessageTemplate.objects.filter(channel="naver").order_by("pk").values_list("pk", flat=True)[:3])


def stopped() -> list[int]:
    return list(TemplateStop.objects.filter(cleared_at__isnull=True).values_list("template_id", flat=True))


def test_an_outage_that_begins_in_the_middle_of_a_batch_stops_no_template(three: None) -> None:
    batch(a="ggg", b="ttt", c="ttt")
    for _ in range(5):
        batch(a="ttt", b="ttt", c="ttt")
    for _ in range(5):
        batch(b="ttt")
    assert stopped() == []
    assert ChannelState.objects.get().paused_until is not None


def test_a_gateway_that_fails_now_and_then_stops_no_template(three: None) -> None:
    for _ in range(10):
        batch(a="tg", b="ttt", c="gg")
        batch(a="ttt", b="ggt", c="ttt")
    assert stopped() == []


def test_one_message_that_gets_through_clears_a_template_of_suspicion(three: None) -> None:
    for _ in range(2):
        batch(a="tttt", b="g", c="g")
    batch(a="tttg", b="g", c="g")
    assert not TemplateTrouble.objects.exists()
    batch(a="tttt", b="g", c="g")
    assert stopped() == []


def test_the_batches_need_not_hold_both(three: None) -> None:
    for _ in range(2):
        batch(a="ttt")
        batch(b="ggg", c="g")
    assert stopped() == []
    batch(a="ttt")
    assert stopped() == [known[0]]


def test_a_template_that_was_cleared_by_hand_is_tried_anew(three: None) -> None:
    for _ in range(3):
        batch(a="ttt", b="g")
    stop = TemplateStop.objects.get()
    clear_stop(stop_id=stop.pk, actor="staff", reason="the vendor mended it", now=MORNING)
    batch(a="ttt", b="g")
    assert stopped() == []
