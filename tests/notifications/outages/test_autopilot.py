"""A channel that stays dark is rerouted by itself, comes back by shares of people, and staff can overrule it."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Alarm, ChannelState, Delivery, Notice
from notifications.models.channel_state import IN_SHARE
from notifications.operations.free_waiting import free_waiting
from notifications.operations.sweep import find_waiting
from notifications.operations.watch import hold_channel
from notifications.outages.autopilot import mind_channels
from secretary.kernel.models import AuditEvent
from secretary.kernel.time import clock
from subscriptions.models import DataType
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
PAGE = "/admin/notifications/channelstate/kakaotalk/"
BOTH, ALONE = range(1, 13), range(21, 33)  # people with a text message as their second channel, and without


@pytest.fixture
def fine(sandbox: SandboxProcess) -> DataType:
    data_type = make_data_type()
    sandbox.register(*templates())
    for number in BOTH:
        enrol(number, data_type, channels=["kakaotalk", "sms"])
    for number in ALONE:
        enrol(number, data_type, channels=["kakaotalk"])
    return data_type


def news() -> None:
    ingest(*(record(number) for number in (*BOTH, *ALONE)))
    match_everything(now=MORNING)


def send() -> None:
    deliver_due(now=lambda: MORNING + timedelta(hours=1))  # what waits for another try is due


def passes(seconds: int) -> None:
    """Time passes, as the database's clock has it."""
    columns = ("paused_until", "dark_since", "step_at", "kept_until")
    moved = ", ".join(f"{name} = {name} - make_interval(secs => {seconds})" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE notifications_channelstate SET {moved}")


def mind() -> None:
    """What a sweep does, and the task that it enqueues."""
    mind_channels(now=MORNING)
    free_waiting(now=MORNING + timedelta(hours=1))


def state() -> ChannelState:
    return ChannelState.objects.get(pk="kakaotalk")


def ledger(sandbox: SandboxProcess) -> Counter[str]:
    """How many messages each gateway has; each text is one notice's, as each has a check code of its own."""
    rows = sandbox.rows()
    assert len({row["text"] for row in rows}) == len(rows), "a notice was sent twice"
    return Counter(row["gateway"] for row in rows)


def waiting_in(share: int) -> int:
    """How many of the notices that wait are of people of this share."""
    belongs = IN_SHARE.format(share=share)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM notifications_notice n WHERE state = 'ready' AND {belongs}")
        return int(cursor.fetchone()[0])


def go_dark(sandbox: SandboxProcess) -> None:
    """KakaoTalk's only gateway refuses for half a minute, at its first try and after its breaker's pause."""
    sandbox.fault("nhn", "rate_limit", retry_after=1)
    news()
    send()
    assert (state().reason, ledger(sandbox)) == ("http-429", {}), "a first pause keeps each person's order"
    passes(31)
    Notice.objects.update(not_before=MORNING)
    send()


def test_a_channel_that_is_dark_again_after_its_pause_is_rerouted_and_comes_back_by_shares(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    settings.AUTOPILOT_SHARES = [5, 50]
    go_dark(sandbox)
    assert state().reason == "rerouted_by_autopilot"
    assert AuditEvent.objects.get(action="channel rerouted by autopilot").object == "channel:kakaotalk"
    assert Alarm.objects.get(kind="channel_rerouted", cleared_at=None).subject == "kakaotalk"
    mind()
    send()
    assert ledger(sandbox) == {"twilio": len(BOTH)}, "the next channel of those who have one"
    assert Notice.objects.filter(state="ready", reason="channel_paused").count() == len(ALONE), "the others wait"
    sandbox.clear_faults()
    waiting = Notice.objects.filter(state="ready")
    shares, in_use, reached = [], [waiting_in(5), waiting_in(50), len(ALONE)], []
    while state().reason:
        passes(61)
        mind()
        send()
        shares.append(state().share)
        reached.append(ledger(sandbox)["nhn"])
    assert (shares, reached) == ([5, 50, 0], in_use)
    assert state().paused_until is None and not waiting.exists()
    assert Alarm.objects.get(kind="channel_rerouted").cleared_at is not None
    assert AuditEvent.objects.filter(action="channel used again by autopilot").count() == 1
    news()
    send()
    assert ledger(sandbox) == {"twilio": len(BOTH), "nhn": 2 * len(ALONE) + len(BOTH)}


def test_what_fails_while_it_comes_back_takes_the_next_way_and_it_begins_anew(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    settings.AUTOPILOT_SHARES = [95]
    go_dark(sandbox)
    mind()
    send()
    passes(61)
    mind()
    assert state().share == 95
    news()
    send()
    assert (state().share, state().reason) == (0, "rerouted_by_autopilot")
    mind()
    send()
    assert ledger(sandbox) == {"twilio": 2 * len(BOTH)}
    passes(61)
    mind()
    assert state().share == 95


def test_what_a_gateway_may_have_is_not_sent_again_when_its_channel_is_rerouted(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    sandbox.fault("nhn", "lose_answer")
    news()
    send()
    passes(31)
    mind_channels(now=MORNING)
    assert not state().is_paused(MORNING) or state().reason != "rerouted_by_autopilot", "its pause is over"
    news()
    send()
    assert state().reason == "rerouted_by_autopilot"
    mind()
    send()
    unknown = Delivery.objects.filter(state="unknown")
    assert unknown.count() == ledger(sandbox)["nhn"] > 0
    assert not Delivery.objects.filter(notice__in=unknown.values("notice")).exclude(state="unknown").exists()


def test_a_gateway_that_asks_to_be_left_alone_for_long_is_rerouted_by_the_sweep(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    sandbox.fault("nhn", "rate_limit", retry_after=600)
    news()
    send()
    mind()
    assert state().reason == "http-429"
    passes(31)
    mind()
    assert state().reason == "rerouted_by_autopilot"
    passes(500)
    mind()
    assert state().share == 0, "not before the time that it has asked for"
    passes(100)
    mind()
    assert state().share == 5


def test_staff_overrule_it_until_a_set_time_with_a_reason(fine: DataType, sandbox: SandboxProcess) -> None:
    operator = staff_client("operator")
    go_dark(sandbox)
    assert "자동으로 우회 중" in operator.get("/admin/notifications/channelstate/").content.decode()
    typed = {"reason": "통신사 확인", "confirmation": "카카오톡"}
    page = operator.get(f"{PAGE}step/keep/").content.decode()
    assert "자동으로 우회하지 않습니다" in page
    assert fill_in(operator, f"{PAGE}step/keep/", **{**typed, "confirmation": "카톡"}).status_code == 200
    assert state().reason == "rerouted_by_autopilot"
    fill_in(operator, f"{PAGE}step/keep/", **typed)
    assert AuditEvent.objects.get(action="channel kept in use").reason == "통신사 확인"
    mind()
    assert Alarm.objects.get(kind="channel_rerouted").cleared_at is not None
    for _ in range(2):
        Notice.objects.update(not_before=MORNING)
        send()
        passes(31)
        mind()
    assert state().reason == "http-429" and ledger(sandbox) == {}
    passes(3600)
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    _dark_again()
    assert state().reason == "rerouted_by_autopilot", "the time that they had set is over"


def _dark_again() -> None:
    send()
    passes(31)
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    send()


def test_a_reroute_by_staff_is_not_ended_by_it(fine: DataType, sandbox: SandboxProcess) -> None:
    operator: Client = staff_client("operator")
    go_dark(sandbox)
    fill_in(operator, f"{PAGE}step/reroute/", reason="통신사 확인", confirmation="카카오톡")
    sandbox.clear_faults()
    passes(120)
    mind()
    assert (state().reason, state().share, state().step_at) == ("paused_by_staff", 0, None)
    assert Alarm.objects.get(kind="channel_rerouted").cleared_at is not None


def test_at_the_end_that_staff_had_set_what_waits_is_due_and_a_channel_still_dark_comes_back_by_shares(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    settings.AUTOPILOT_SHARES = [50]
    end = clock.now() + timedelta(minutes=30)
    hold_channel(channel="kakaotalk", until=end, actor="staff:1", reason="통신사 확인", now=MORNING)
    sandbox.fault("nhn", "rate_limit", retry_after=1)
    news()
    assert deliver_due(now=lambda: MORNING) == 0
    mind_channels(now=MORNING)
    assert (state().reason, state().paused_until) == ("held_by_staff", end), "the autopilot changes nothing of it"
    assert not find_waiting(now=MORNING + timedelta(minutes=15)).notices
    assert find_waiting(now=MORNING + timedelta(minutes=31)).notices, "due without any further step"
    passes(31 * 60)
    send()
    assert (state().reason, ledger(sandbox)) == ("http-429", {})
    _dark_again()
    assert state().reason == "rerouted_by_autopilot"
    sandbox.clear_faults()
    while state().reason:
        mind()
        send()
        passes(61)
    assert ledger(sandbox) == {"twilio": len(BOTH), "nhn": len(ALONE)}


@pytest.mark.parametrize(("after", "reason"), [(0, "http-429"), (30, "rerouted_by_autopilot"), (40, "http-429")])
def test_its_settings(fine: DataType, sandbox: SandboxProcess, settings: Any, after: int, reason: str) -> None:
    settings.AUTOPILOT_AFTER_SECONDS = after
    settings.AUTOPILOT_STEP_SECONDS, settings.AUTOPILOT_SHARES = 300, [10]
    go_dark(sandbox)
    mind()
    assert (state().reason, Alarm.objects.filter(kind="channel_rerouted").exists()) == (reason, after == 30)
    for seconds, share in ((200, 0), (101, 10)) if after == 30 else ():
        passes(seconds)
        mind()
        assert state().share == share
