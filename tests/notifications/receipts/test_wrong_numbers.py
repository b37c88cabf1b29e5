"""Wrong numbers: a few are given up; more than a share of a batch stop the message template, until staff resume it."""

from typing import Any

import pytest

from notifications.channels.contract import Receipt, Verdict
from notifications.delivery.deliver import deliver_due
from notifications.delivery.gateways import reference
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice, TemplateStop
from notifications.operations.free_waiting import free_waiting
from notifications.receipts.receipts import apply_receipts, take_receipts
from subscriptions.models import DataType, MessageTemplate
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
PEOPLE = range(1, 25)


@pytest.fixture
def fine(sandbox: SandboxProcess, settings: Any) -> DataType:
    data_type = make_data_type()
    sandbox.register(*templates())
    for number in PEOPLE:
        enrol(number, data_type, channels=["kakaotalk"])
    return data_type


def send() -> list[Delivery]:
    ingest(*(record(number) for number in PEOPLE))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    return list(Delivery.objects.filter(state="sent").order_by("pk"))


def report(sent: list[Delivery], wrong: int, code: str = "1020") -> None:
    """One batch of receipts, of which so many are about the person."""
    given = [
        Receipt(f"e-{each.pk}", reference(each.pk), each.vendor_id, Verdict.UNDELIVERABLE, code)
        if nth in range(0, 2 * wrong, 2)
        else Receipt(f"e-{each.pk}", reference(each.pk), each.vendor_id, Verdict.DELIVERED, "1000")
        for nth, each in enumerate(sent)
    ]
    take_receipts(gateway="nhn", receipts=given, now=MORNING)
    apply_receipts(now=MORNING)


@pytest.mark.parametrize(
    ("wrong", "code", "least", "rate", "stopped"),
    [(10, "1020", 10, 0.1, 0), (11, "1020", 10, 0.1, 1), (11, "1020", 11, 0.1, 0), (11, "1020", 10, 0.6, 0),
     (12, "3019", 10, 0.1, 0)],
)  # fmt: skip
def test_so_many_wrong_numbers_stop_it(
    fine: DataType, settings: Any, wrong: int, code: str, least: int, rate: float, stopped: int
) -> None:
    """Not using KakaoTalk (3019) is no mistake in a number."""
    settings.WRONG_NUMBERS_LEAST, settings.WRONG_NUMBERS_RATE = least, rate
    report(send(), wrong, code)
    assert TemplateStop.objects.filter(cleared_at=None).count() == stopped
    assert Alarm.objects.filter(kind="wording_refused").count() == stopped


def test_a_stopped_kind_waits_and_goes_on_when_staff_resume_it(fine: DataType) -> None:
    report(send(), 11)
    assert send() == []
    assert Notice.objects.filter(state="ready", reason="wording_stopped").count() == len(PEOPLE)
    stop = TemplateStop.objects.get()
    page = f"/admin/notifications/templatestop/{stop.pk}/step/clear/"
    fill_in(staff_client("operator"), page, reason="번호를 확인했음")
    free_waiting(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == len(PEOPLE)


def test_a_template_that_a_gateway_refuses_raises_one_alarm_and_the_rest_goes_another_way(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    settings.CLAIM_BATCH = 8
    for each in MessageTemplate.objects.filter(channel="kakaotalk"):
        MessageTemplate.objects.filter(pk=each.pk).update(vendor_template=f"gone-{each.pk}")
    for number in range(31, 71):
        enrol(number, fine, channels=["kakaotalk", "sms"])
    ingest(*(record(number) for number in range(31, 71)))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    assert Alarm.objects.filter(kind="wording_refused").count() == 1
    assert Delivery.objects.filter(channel="kakaotalk").count() == 8, "only the first batch was refused"
    assert len(sandbox.rows(gateway="twilio")) == 40
