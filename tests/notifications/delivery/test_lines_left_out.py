"""Test that the line of a missing value is left out, and that the vendor has approved the remaining text."""

from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery
from subscriptions.models import DataTypeVersion, MessageTemplate, TemplateVariant
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


def go() -> int:
    match_everything(now=MORNING)
    return deliver_due(now=lambda: MORNING)


WITH_A_HEARING = """[국민비서] #{이름}님, #{위반내용} 건입니다.
출석: #{출석일시}
#{?만나이 65 이상}65세 이상 안내
확인코드 #{확인코드}"""


@pytest.fixture
def hearing(sandbox: SandboxProcess) -> Any:
    """A template of which a line needs a value that records may lack, and another an age; no vendor has seen it yet."""
    fine = make_data_type()
    MessageTemplate.objects.filter(stage__code="issued").update(body=WITH_A_HEARING)
    DataTypeVersion.objects.update(digest="with-a-hearing")
    sandbox.register(*templates())
    return fine


@pytest.mark.parametrize("channel", ["kakaotalk", "naver", "toss", "sms"])
def test_a_line_without_its_value_is_left_out_in_every_channel(
    hearing: Any, sandbox: SandboxProcess, channel: Any
) -> None:
    enrol(1, hearing, channels=[channel], toss_user_key="443000001")
    ingest(record(1), record(1, fields={"hearing_at": "2026-04-01T10:00:00+09:00"}))
    assert go() == 2
    reported = sorted("\n".join(row["text"].splitlines()[:-1]) for row in sandbox.rows())
    bare = "[국민비서] 홍길동님, 신호위반 건입니다.\n65세 이상 안내"
    assert reported == [bare, bare.replace("\n", "\n출석: 2026. 4. 1.(수) 오전 10:00\n")]


def test_a_text_that_the_vendor_has_not_approved_goes_by_the_next_channel(
    hearing: Any, sandbox: SandboxProcess
) -> None:
    TemplateVariant.objects.filter(template__channel="kakaotalk").update(vendor_template="")
    enrol(1, hearing, channels=["kakaotalk", "sms"])
    ingest(record(1))
    assert go() == 2
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]
    first = Delivery.objects.earliest("pk")
    assert (first.channel, first.code) == ("kakaotalk", "template_missing")
    assert Alarm.objects.get(kind="template_missing").times == 1
    ingest(record(1, fields={"hearing_at": "2026-04-01T10:00:00+09:00"}))
    go()
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio", "nhn"]  # its text has a code: it is the main one


def test_a_code_that_comes_later_is_used_at_once(hearing: Any, sandbox: SandboxProcess) -> None:
    codes = dict(TemplateVariant.objects.values_list("pk", "vendor_template"))
    TemplateVariant.objects.update(vendor_template="")
    enrol(1, hearing, channels=["kakaotalk", "sms"])
    ingest(record(1))
    go()
    for pk, code in codes.items():
        TemplateVariant.objects.filter(pk=pk).update(vendor_template=code)
    ingest(record(1))
    go()
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio", "nhn"]
