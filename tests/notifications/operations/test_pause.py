"""Test that pausing and resuming a channel has the effect that the page states, and so has stopping a template."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.breaker import note_health
from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import ChannelState, Notice, TemplateStop
from notifications.operations.free_waiting import free_waiting
from notifications.operations.sweep import find_waiting
from notifications.tasks import free_what_waits
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


def pause(operator: Client, channel: str = "kakaotalk") -> None:
    fill_in(operator, f"/admin/notifications/channelstate/{channel}/step/pause/", reason="통신사 점검")


def resume(operator: Client) -> Any:
    return fill_in(operator, f"{PAGE}step/resume/", reason="점검이 끝남")


def go(now: Any = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def test_while_a_channel_is_paused_the_next_way_is_taken_and_who_has_none_waits(
    operator: Client, fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["kakaotalk", "sms"])
    enrol(2, fine, channels=["kakaotalk"])
    ingest(record(1), record(2))
    reported = operator.get(f"{PAGE}step/pause/").content.decode()
    assert "다음 방법" in reported and "기다립니다" in reported
    pause(operator)
    assert go() == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]
    waits = Notice.objects.get(state="ready")
    assert (waits.citizen.contacts.count(), waits.reason) == (1, "channel_paused")
    assert timedelta(minutes=59) < waits.not_before - MORNING < timedelta(minutes=61)


def test_where_every_way_is_paused_the_notice_waits_and_the_first_that_is_used_again_takes_it(
    operator: Client, fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine, channels=["naver", "kakaotalk"])
    ingest(record(1))
    pause(operator)
    pause(operator, "naver")
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
    pause(operator)
    assert go() == 0
    assert go() == 0
    with django_capture_on_commit_callbacks(execute=True):
        resume(operator)
    assert enqueued == ["free_waiting"]
    assert find_waiting(now=MORNING).resumed  # whether the task is enqueued or not
    assert free_waiting(now=MORNING) == 2
    assert not find_waiting(now=MORNING).resumed
    assert go() == 2


def test_the_task_frees_and_is_not_asked_for_again(operator: Client, fine: DataType) -> None:
    pause(operator)
    resume(operator)
    free_what_waits()
    assert ChannelState.objects.filter(resumed_at=None).count() == 2


def test_what_was_under_way_does_not_shorten_an_operators_pause(operator: Client) -> None:
    pause(operator)
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
