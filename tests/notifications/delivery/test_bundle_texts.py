"""What a bundled message says, and what happens where it cannot be said."""

import re
from datetime import date
from typing import Any

import pytest

from notifications.channels.contract import Verdict
from notifications.delivery.bundled.details import details
from notifications.delivery.bundled.lines import LINE_CHARS, Detail, Line, distinguished
from notifications.models import Alarm, Delivery, Notice, Record, TemplateStop
from notifications.own_data.sent_texts import bundled_text, sent_texts
from secretary.kernel.korean.korean import euc_kr_bytes
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate, Stage
from subscriptions.specs import FieldSpec, Words
from tests.notifications.calm_cast import AT, calm, go, receipt, wait_together
from tests.notifications.calm_cast import fine as fine
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.support.catalogue import SPECS
from tests.support.present import present
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


VIOLATED = FieldSpec("violated_at", "datetime", "위반일시", Words("위반 일시", "Date and time"), required=False)


@pytest.mark.parametrize(
    ("language", "amounts", "hours", "lines"),
    [
        ("ko", (40000, 50000), (9, 9), ["(40,000원) D-23(4. 2.) 안내", "(50,000원) D-23(4. 2.) 안내"]),
        ("en", (40000, 50000), (9, 9), [f"({each} won) 23 days left (2 Apr): 안내" for each in ("40,000", "50,000")]),
        ("ko", (40000, 40000), (9, 14), ["(3. 2. 오전 9:05) D-23(4. 2.) 안내", "(3. 2. 오후 2:05) D-23(4. 2.) 안내"]),
        ("ko", (40000, 40000), (9, 9), ["(1/2) D-23(4. 2.) 안내", "(2/2) D-23(4. 2.) 안내"]),
    ],
)
def test_two_fines_in_one_message_of_toss_differ_by_amount_or_time(
    fine: DataType, sandbox: SandboxProcess, language: str, amounts: list[int], hours: list[int], lines: list[str]
) -> None:
    """Its two lines are all that a person has of them there: the number of a line names no fine."""
    MessageTemplate.objects.exclude(stage__code="bundle").update(title="안내")
    version = present(fine.live_version)
    version.fields = [*version.fields, VIOLATED.to_json()]
    version.save()
    calm(enrol(1, fine, channels=["toss"], toss_user_key="443000001", language=language))
    for nth, (amount, hour) in enumerate(zip(amounts, hours, strict=True)):
        fields = {"amount": amount, "violated_at": f"2026-03-02T{hour:02}:05:00+09:00"}
        ingest(record(1, external_id=f"F-{nth}", fields=fields))
    assert (go(), go(AT)) == (0, 2)
    assert sorted(lines_of(sandbox)) == lines  # of one day: which of both comes first is the database's choice
    assert len(sandbox.rows()[0]["text"]) <= 200
    shown = [bundled_text(each) for each in sent_texts([notice.pk for notice in Notice.objects.all()])]
    assert {filled.text if filled else "" for filled in shown} == {sandbox.rows()[0]["text"]}


def test_a_debt_is_distinguished_by_the_price_of_its_bill(fine: DataType) -> None:
    [spec] = [each for each in SPECS if each.code == "traffic_fine"]
    DataType.objects.filter(pk=fine.pk).update(payable=spec.payable)
    version = present(fine.live_version)
    version.fields = [item.to_json() for item in spec.fields]
    version.save()
    reduced: dict[str, Any] = {"violated_at": "2026-03-02T09:05:00+09:00", "place": "종로 3가", "vehicle": "00가0000"}
    reduced |= {"reduced_amount": 32000, "reduction_ends_on": "2026-03-23"}
    enrol(1, fine, channels=["toss"], toss_user_key="443000001")
    ingest(record(1, external_id="F-0", fields=reduced))
    assert go() == 1
    [delivery] = Delivery.objects.all()
    assert details([delivery.pk], on=date(2026, 3, 10), language="ko")[delivery.pk].amount == "32,000원"
    assert details([delivery.pk], on=date(2026, 3, 24), language="ko")[delivery.pk].amount == "40,000원"
    Record.objects.update(state="paid")
    assert details([delivery.pk], on=date(2026, 3, 10), language="ko")[delivery.pk] == ("", "3. 2. 오전 9:05")
    DataTypeVersion.objects.filter(pk=version.pk).update(sensitive=True)
    assert details([delivery.pk], on=date(2026, 3, 10), language="ko") == {}


def test_a_record_that_moved_has_no_detail(fine: DataType) -> None:
    enrol(2, fine)
    wait_together(fine, notices=1)
    assert go(AT) == 1
    [his] = Delivery.objects.all()
    assert details([his.pk], on=AT.date(), language="ko")[his.pk].amount == "40,000원"
    ingest(record(2, external_id="F-0", version=2, fields={"amount": 98765}))
    assert details([his.pk], on=AT.date(), language="ko") == {}


def test_a_long_line_keeps_its_detail_and_its_title_and_has_the_day_alone() -> None:
    day = date(2026, 4, 2)
    lines = [Line(nth, None, "Traffic fine: due soon", day, day, False, True) for nth in (1, 2)]
    known = {1: Detail("40,000 won", "2 Mar, 9:05 am"), 2: Detail("40,000 won", "2 Mar, 2:05 pm")}
    texts = distinguished(lines, on=date(2026, 3, 10), language="en", details=lambda _: known)
    assert texts == [f"({each.when}) 2 Apr: Traffic fine: due soon" for each in known.values()]
    assert max(map(len, texts)) <= LINE_CHARS


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
