"""Test that pausing and resuming a channel has the effect that the page states, and so has stopping a template."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localtime

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.breaker import note_health
from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import ChannelState, Notice, TemplateStop
from notifications.operations.free_waiting import free_waiting
from notifications.operations.sweep import find_waiting
from notifications.tasks import free_what_waits
from secretary.kernel.models import AuditEvent
from secretary.kernel.time import database_clock
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
PAGE = "/admin/notifications/channelstate/kakaotalk/"


@pytest.fixture(autouse=True)
def fine(sandbox: SandboxProcess) -> DataType:
    data_type = make_data_type()
    sandbox.register(*templates())
    ChannelState.objects.create(channel="kakaotalk")
    ChannelState.objects.create(channel="naver")
    return data_type


@pytest.fixture
def operator(db: None) -> Client:
    return staff_client("operator")


NAMES = {"kakaotalk": "카카오톡", "naver": "네이버", "sms": "문자메시지"}


def set_aside(operator: Client, channel: str, step: str, **filled: str) -> Any:
    """Fill in the form, with the time that it proposes: in an hour."""
    page = f"/admin/notifications/channelstate/{channel}/step/{step}/"
    return fill_in(operator, page, **{"reason": "통신사 점검", "confirmation": NAMES[channel], **filled})


def reroute(operator: Client, channel: str = "kakaotalk") -> None:
    set_aside(operator, channel, "reroute")


def resume(operator: Client) -> Any:
    return fill_in(operator, f"{PAGE}step/resume/", reason="점검이 끝남")


def go(now: Any = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def test_while_a_channel_is_rerouted_the_next_way_is_taken_and_who_has_none_waits(
    operator: Client, fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["kakaotalk", "sms"])
    enrol(2, fine, channels=["kakaotalk"])
    ingest(record(1), record(2))
    reported = operator.get(f"{PAGE}step/reroute/").content.decode()
    assert "다음 채널" in reported and "기다립니다" in reported
    reroute(operator)
    assert go() == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]
    waits = Notice.objects.get(state="ready")
    assert (waits.citizen.contacts.count(), waits.reason) == (1, "channel_paused")
    assert timedelta(minutes=58) < waits.not_before - MORNING < timedelta(minutes=61)


def test_where_every_way_is_paused_the_notice_waits_and_the_first_that_is_used_again_takes_it(
    operator: Client, fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["naver", "kakaotalk"])
    ingest(record(1))
    reroute(operator)
    reroute(operator, "naver")
    assert go() == 0
    resume(operator)
    free_waiting(now=MORNING)
    assert go() == 1
    assert Notice.objects.get().deliveries.get().channel == "kakaotalk"


def test_using_a_channel_again_frees_what_waited_for_the_pauses_end(
    operator: Client, fine: DataType, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    enqueued: list[str] = []
    monkeypatch.setattr("notifications.operations.watch.enqueue", enqueued.append)
    enrol(1, fine, channels=["kakaotalk"])
    ingest(record(1), record(1))
    reroute(operator)
    assert go() == 0
    assert go() == 0
    with django_capture_on_commit_callbacks(execute=True):
        resume(operator)
    assert enqueued == ["free_waiting"]
    assert find_waiting(now=MORNING).resumed  # whether the task is enqueued or not
    assert free_waiting(now=MORNING) == 2
    assert not find_waiting(now=MORNING).resumed
    assert go() == 2


def test_a_held_channel_is_waited_for_also_by_those_who_have_another_way(
    operator: Client, fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["kakaotalk", "sms"])
    ingest(record(1))
    set_aside(operator, "kakaotalk", "hold")
    assert "보류" in operator.get("/admin/").content.decode()
    assert go() == 0
    assert Notice.objects.get().reason == "channel_paused"
    reroute(operator)  # what has waited so far goes at once, by the person's other channel
    assert find_waiting(now=MORNING).resumed
    assert (free_waiting(now=MORNING), go()) == (1, 1)
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]
    assert AuditEvent.objects.filter(action__in=("channel held", "channel rerouted"), reason="통신사 점검").count() == 2


def test_what_waits_for_another_try_takes_the_next_way_of_a_rerouted_channel_and_is_sent_once(
    operator: Client, fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["kakaotalk", "sms"])
    enrol(2, fine, channels=["kakaotalk"])
    enrol(3, fine, channels=["kakaotalk", "naver"])
    ingest(record(1), record(2), record(3))
    sandbox.fault("nhn", "rate_limit", retry_after=600, count=1)
    assert go() == 3
    assert set(Notice.objects.values_list("state", flat=True)) == {"ready"}
    assert free_waiting(now=MORNING) == 0  # while it is in use, its second try keeps its time
    reroute(operator)
    reroute(operator, "naver")
    assert free_waiting(now=MORNING) == 3
    assert go() == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]  # not naver: it is rerouted too
    assert Notice.objects.filter(state="ready", reason="channel_paused").count() == 2
    resume(operator)
    assert (free_waiting(now=MORNING), go()) == (2, 2)
    assert sorted(row["gateway"] for row in sandbox.rows()) == ["nhn", "nhn", "twilio"]


def test_a_reroute_is_confirmed_by_the_channels_name_and_ends_within_a_week(operator: Client) -> None:
    kst = localtime(database_clock.now())
    wrong = {
        "확인": {"confirmation": "네이버"},
        "지난": {"until": f"{kst - timedelta(minutes=1):%Y-%m-%dT%H:%M}"},
        "7일": {"until": f"{kst + timedelta(days=8):%Y-%m-%dT%H:%M}"},
        "이유": {"reason": "점검"},
    }
    for field, filled in wrong.items():
        answer = set_aside(operator, "kakaotalk", "reroute", **filled)
        assert answer.status_code == 200 and 'role="alert"' in answer.content.decode(), field
    assert ChannelState.objects.get(pk="kakaotalk").paused_until is None
    until = (kst + timedelta(days=3)).replace(second=0, microsecond=0)
    set_aside(operator, "kakaotalk", "reroute", until=f"{until:%Y-%m-%dT%H:%M}", confirmation=" 카카오톡 ")
    assert ChannelState.objects.get(pk="kakaotalk").paused_until == until
    assert AuditEvent.objects.get(action="channel rerouted").object == f"channel:kakaotalk until {until:%Y-%m-%d %H:%M}"


def test_a_channel_that_has_sent_nothing_yet_has_a_page_and_may_be_rerouted(operator: Client) -> None:
    page = "/admin/notifications/channelstate/sms/change/"
    assert f'href="{page}"' in operator.get("/admin/").content.decode()
    assert operator.get(page).status_code == 200
    assert not ChannelState.objects.filter(pk="sms").exists()
    reroute(operator, "sms")
    assert "우회" in operator.get("/admin/notifications/channelstate/").content.decode()


def test_the_task_frees_and_is_not_asked_for_again(operator: Client, fine: DataType) -> None:
    reroute(operator)
    resume(operator)
    free_what_waits()
    assert not ChannelState.objects.exclude(resumed_at=None).exists()


def test_what_was_under_way_does_not_shorten_an_operators_pause(operator: Client) -> None:
    reroute(operator)
    until = ChannelState.objects.get(pk="kakaotalk").paused_until
    troubled = [Outcome(f"ps-{number}", Verdict.RETRY_LATER, "http-503") for number in range(20)]
    note_health(channel="kakaotalk", outcomes={1: troubled, 2: troubled}, now=MORNING)
    state = ChannelState.objects.get(pk="kakaotalk")
    assert (state.paused_until, state.reason) == (until, "paused_by_staff")


def test_a_short_pause_of_the_breaker_keeps_the_order_that_the_person_chose(fine: DataType) -> None:
    troubled = [Outcome(f"ps-{number}", Verdict.RETRY_LATER, "http-503") for number in range(20)]
    note_health(channel="kakaotalk", outcomes={1: troubled, 2: troubled}, now=MORNING)
    enrol(1, fine, channels=["kakaotalk", "sms"])
    ingest(record(1))
    assert go() == 0
    assert Notice.objects.get().reason == "channel_paused"


def test_clearing_a_templates_stop_frees_what_waited_for_it(
    operator: Client, fine: DataType, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("notifications.operations.watch.enqueue", lambda _: free_waiting(now=MORNING))
    for template in MessageTemplate.objects.filter(stage__code="issued", channel="kakaotalk"):
        TemplateStop.objects.create(template=template, code="x", stopped_at=MORNING)
    enrol(1, fine, channels=["kakaotalk"])
    ingest(record(1))
    assert go() == 0
    with django_capture_on_commit_callbacks(execute=True):
        for stop in TemplateStop.objects.all():
            fill_in(operator, f"/admin/notifications/templatestop/{stop.pk}/step/clear/", reason="문구를 고쳤음")
    assert go() == 1


def test_what_waits_for_a_stopped_template_takes_the_words_that_were_approved_since(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["sms"])
    for template in MessageTemplate.objects.filter(stage__code="issued", channel="sms"):
        TemplateStop.objects.create(template=template, code="x", stopped_at=MORNING)
    ingest(record(1))
    assert go() == 0
    old = present(fine.live_version)
    new = DataTypeVersion.objects.get(pk=old.pk)
    new.pk, new.number = None, 2
    DataTypeVersion.objects.filter(pk=old.pk).update(state=DataTypeVersion.RETIRED)
    new.save()
    stage = old.stages.get(code="issued")
    template = stage.templates.get(channel="sms", language="ko")
    stage.pk, stage.version = None, new
    stage.save()
    template.pk, template.stage, template.body = None, stage, "[국민비서] #{이름}님, 고친 문구 확인코드 #{확인코드}"
    template.save()
    DataType.objects.filter(pk=fine.pk).update(live_version=new)
    assert free_waiting(now=MORNING) == 1
    assert go() == 1
    assert "고친 문구" in sandbox.rows()[0]["text"]
