"""What a bundled message says, and what happens where it cannot be said."""

import re

import pytest

from notifications.channels.contract import Verdict
from notifications.models import Alarm, Delivery, Notice, TemplateStop
from secretary.kernel.korean.korean import euc_kr_bytes
from subscriptions.models import DataType, MessageTemplate, Stage
from tests.notifications.calm_cast import AT, calm, go, receipt, wait_together
from tests.notifications.calm_cast import fine as fine
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
LONG = "지방세외수입 체납액 분할납부 신청 결과와 앞으로 내실 금액과 날짜에 관한 안내"


@pytest.mark.parametrize(
    ("language", "first", "rest"),
    [
        ("ko", f"- (1/12) D-23(4. 2.) {LONG[:20]}", "외 7건은 누리집 알림함에 있습니다."),
        ("en", "- (1/12) 23 days left (2 Apr): ", "7 more are"),
    ],
)
@pytest.mark.parametrize("channel", ["sms", "kakaotalk", "toss"])
def test_a_long_list_fits_and_names_the_days_left(
    fine: DataType, sandbox: SandboxProcess, channel: str, language: str, first: str, rest: str
) -> None:
    MessageTemplate.objects.exclude(stage__code="bundle").exclude(channel="toss").update(title=LONG)
    stage = Stage.objects.get(code="issued", version=fine.live_version)
    wait_together(fine, channel, notices=12, language=language)
    stage.trigger, stage.date_slot, stage.offset_days = "date", 1, -23
    stage.save()
    Notice.objects.update(cause="issued:2026-04-02")
    assert go(AT) == 12
    [row] = sandbox.rows()
    assert "12" in row["text"]
    assert (rest in row["text"]) == (channel != "toss")
    if channel == "toss":
        assert len(row["text"]) <= 200
        return
    assert first in row["text"]
    assert row["text"].count("\n- ") == 5
    assert euc_kr_bytes(row["text"]) <= 2000
    assert "신호위반" not in row["text"]


def lines_of(sandbox: SandboxProcess) -> list[str]:
    [row] = sandbox.rows()
    return re.findall(r"^- (.*)$", row["text"], re.MULTILINE)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("ko", ["D-21(3. 31.) 안내", "(1/2) D-23(4. 2.) 안내", "(2/2) D-23(4. 2.) 안내"]),
        ("en", ["21 days left (31 Mar): 안내", "(1/2) 23 days left (2 Apr): 안내", "(2/2) 23 days left (2 Apr): 안내"]),
    ],
)
def test_notices_of_one_title_are_distinguished_by_their_days_or_their_number(
    fine: DataType, sandbox: SandboxProcess, language: str, lines: list[str]
) -> None:
    MessageTemplate.objects.exclude(stage__code="bundle").update(title="안내")
    calm(enrol(1, fine, language=language))
    days = ("2026-04-02", "2026-03-31", "2026-04-02")
    ingest(*(record(1, external_id=f"F-{nth}", fields={"due_on": day}) for nth, day in enumerate(days)))
    assert (go(), go(AT)) == (0, 3)
    assert lines_of(sandbox) == lines


def test_what_differs_already_says_no_more_and_a_sensitive_kind_shows_no_day(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    MessageTemplate.objects.exclude(stage__code="bundle").update(title="안내")
    DataType.objects.get(pk=fine.pk).versions.update(sensitive=True)
    wait_together(fine, notices=2)
    go(AT)
    assert lines_of(sandbox) == ["(1/2) 안내", "(2/2) 안내"]


@pytest.mark.parametrize("why", ["no code", "stopped", "variant"])
def test_without_a_template_of_the_service_each_is_sent_by_itself(
    fine: DataType, sandbox: SandboxProcess, why: str
) -> None:
    wait_together(fine)
    template = MessageTemplate.objects.get(stage__code="bundle", channel="kakaotalk", language="ko")
    if why == "no code":
        MessageTemplate.objects.filter(pk=template.pk).update(vendor_template="")
    elif why == "stopped":
        TemplateStop.objects.create(template=template, code="x", stopped_at=MORNING)
    else:
        template.variants.all().delete()
    assert go(AT) == 3
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn"] * 3
    assert not Delivery.objects.filter(carrier__isnull=False).exists()
    assert Alarm.objects.filter(kind="template_missing").exists() == (why == "variant")


def test_a_gateway_that_refuses_the_template_stops_it_and_not_those_of_the_notices(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    wait_together(fine)
    go(AT)
    receipt(Verdict.TEMPLATE_REJECTED)
    stop = TemplateStop.objects.get()
    assert (stop.template.stage.code, stop.template.channel) == ("bundle", "kakaotalk")
    assert (go(AT), sandbox.messages(gateway="twilio")["total"]) == (3, 1)
