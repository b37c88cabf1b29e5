"""Test that message templates reach the vendors' consoles once, and that a console that is down is tried again."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Alarm
from notifications.operations.submit_templates import AT_ONCE, submit_templates, template_code
from secretary.celery import app
from subscriptions.message_templates import compile_lines, compile_template, variants
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine() -> DataType:
    """Make a data type whose templates were not submitted to any vendor yet."""
    data_type = make_data_type()
    MessageTemplate.objects.update(vendor_template="")
    return data_type


def without_code() -> set[str]:
    return set(MessageTemplate.objects.filter(vendor_template="").values_list("channel", flat=True))


def test_what_was_handed_in_can_be_sent(fine: DataType, sandbox: SandboxProcess) -> None:
    assert submit_templates(now=MORNING) == MessageTemplate.objects.exclude(channel="sms").count()
    assert without_code() == {"sms"}
    enrol(1, fine, channels=["kakaotalk"])
    ingest(record(1))
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn"]


def test_a_template_is_handed_in_once(fine: DataType, sandbox: SandboxProcess) -> None:
    submit_templates(now=MORNING)
    assert submit_templates(now=MORNING) == 0


def test_the_texts_of_all_templates_are_not_kept_in_memory(fine: DataType, sandbox: SandboxProcess) -> None:
    compile_template("kept")
    submit_templates(now=MORNING)
    assert [cache.cache_info().currsize for cache in (compile_template, compile_lines, variants)] == [0, 0, 0]


def test_a_repeat_after_a_crash_hands_in_the_same_codes(fine: DataType, sandbox: SandboxProcess) -> None:
    submit_templates(now=MORNING)
    codes = dict(MessageTemplate.objects.values_list("pk", "vendor_template"))
    MessageTemplate.objects.update(vendor_template="")  # as if the console had them and our commit had not happened
    assert submit_templates(now=MORNING) > 0
    assert dict(MessageTemplate.objects.values_list("pk", "vendor_template")) == codes


def test_a_code_that_an_operator_typed_stays(fine: DataType, sandbox: SandboxProcess) -> None:
    typed = MessageTemplate.objects.filter(channel="naver").first()
    assert typed is not None
    MessageTemplate.objects.filter(pk=typed.pk).update(vendor_template="KA01TP")
    submit_templates(now=MORNING)
    typed.refresh_from_db()
    assert typed.vendor_template == "KA01TP"


def test_only_live_templates_are_handed_in(fine: DataType, sandbox: SandboxProcess) -> None:
    DataTypeVersion.objects.update(state=DataTypeVersion.DRAFT)
    assert submit_templates(now=MORNING) == 0


def test_a_console_that_is_down_raises_an_alarm_and_is_tried_again(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    console, settings.TEMPLATE_CONSOLE_URL = settings.TEMPLATE_CONSOLE_URL, "http://127.0.0.1:9/console/templates"
    assert submit_templates(now=MORNING) == 0
    assert submit_templates(now=MORNING) == 0
    assert Alarm.objects.get(kind="templates").times == 2
    settings.TEMPLATE_CONSOLE_URL = console
    assert submit_templates(now=MORNING) > 0


def test_a_lost_message_is_made_good_by_the_schedule() -> None:
    assert "notifications.submit_templates" in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_more_than_one_batch_is_handed_in_whole(fine: DataType, sandbox: SandboxProcess, monkeypatch: Any) -> None:
    monkeypatch.setattr("notifications.operations.submit_templates.AT_ONCE", 7)
    assert AT_ONCE > 7
    submit_templates(now=MORNING)
    assert without_code() == {"sms"}


def test_a_code_fits_the_vendors_twenty_characters(fine: DataType) -> None:
    assert len(template_code(MessageTemplate(pk=10**12), 99)) <= 20


def test_every_text_that_a_template_can_come_out_as_is_handed_in_once(fine: DataType, sandbox: SandboxProcess) -> None:
    body = "[국민비서] #{이름}님, #{위반내용} 건입니다.\n출석: #{출석일시}\n확인코드 #{확인코드}"
    MessageTemplate.objects.filter(stage__code="issued").update(body=body)
    templated = MessageTemplate.objects.exclude(channel="sms")
    both = templated.filter(stage__code="issued")
    assert submit_templates(now=MORNING) == templated.count() + both.count()
    assert submit_templates(now=MORNING) == 0
    for template in both:
        [variant] = template.variants.all()
        assert variant.vendor_template == f"{template_code(template)}-1"
    enrol(1, fine, channels=["kakaotalk"])
    ingest(record(1))
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 1
    [row] = sandbox.rows()
    assert row["text"].startswith("[국민비서] 홍길동님, 신호위반 건입니다.\n확인코드")


def test_a_live_template_from_before_gets_its_further_texts_handed_in(fine: DataType, sandbox: SandboxProcess) -> None:
    submit_templates(now=MORNING)
    template = MessageTemplate.objects.get(channel="kakaotalk", language="ko", stage__code="issued")
    MessageTemplate.objects.filter(pk=template.pk).update(body="#{위반내용}\n출석: #{출석일시}\n확인코드 #{확인코드}")
    assert submit_templates(now=MORNING) == 1
    assert template.variants.get().vendor_template == template_code(template, 1)


def test_a_dry_run_prints_what_would_be_submitted_and_submits_nothing(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    settings.CHANNELS = {**settings.CHANNELS, "kakaotalk": "nhn_alimtalk,solapi_alimtalk"}
    out = StringIO()
    call_command("submit_templates", "--dry-run", stdout=out)
    lines = out.getvalue().splitlines()
    of_channel = MessageTemplate.objects.filter(channel="kakaotalk").count()
    assert sum(line.startswith("nhn ") for line in lines) == sum(line.startswith("solapi_alimtalk ") for line in lines)
    assert sum(line.startswith("nhn ") for line in lines) >= of_channel
    assert "kakaotalk" in without_code()
    assert submit_templates(now=MORNING) == len(lines)
