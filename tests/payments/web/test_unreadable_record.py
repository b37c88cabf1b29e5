"""A record that cannot be read: its bill states it and cannot be paid; all others are shown and paid as ever."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.models import Alarm, Record
from payments.bills.follow_records import follow_records
from payments.checkout.poll_payments import poll_payments
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import AgencyPosting, Bill, Payment, Settlement
from payments.reconciliation.reconcile import reconcile
from payments.web.stop_words import STOPS
from tests.notifications.cast import MORNING
from tests.payments.cast import correct, let_time_pass, owe
from tests.payments.web.conftest import Visitor

pytestmark = pytest.mark.django_db

UNREADABLE = [b"", b"\x01\x02k1", b"of a key that is lost"]
NOT_SHOWN = "지금은 이 고지 내용을 보여 드릴 수 없습니다"
NO_DETAILS = "지금은 자세한 내용을 보여 드릴 수 없습니다"
CALL = 'href="tel:182"'


def spoil(bill: Bill, payload: bytes = UNREADABLE[2]) -> None:
    """As if a key had been removed from FIELD_KEYS too early, or the row had been damaged."""
    Record.objects.filter(pk=bill.record_id).update(payload_encrypted=payload)


@pytest.mark.parametrize("payload", UNREADABLE)
def test_its_bill_says_so_and_whom_to_call_and_the_others_are_payable(visitor: Visitor, payload: bytes) -> None:
    other = owe(visitor.alice)
    spoil(visitor.bill, payload)
    listed = visitor.text("/pay/")
    assert "지금은 보여 드릴 수 없음" in listed and "1건, 오늘 기준 40,000원" in listed
    assert f'href="{visitor.home}"' in listed and f'href="/pay/{other.pk}/"' in listed
    page = visitor.text()
    assert NOT_SHOWN in page and CALL in page and visitor.bill.record.external_id in page
    assert "service/" not in page and "deadlines.ics" not in page
    alarm = Alarm.objects.get(kind="record_unreadable")
    assert (alarm.subject, alarm.cleared_at) == ("knpa", None)
    assert str(visitor.bill.record_id) in alarm.message
    visitor.home = f"/pay/{other.pk}/"
    visitor.begin(amount=40000)
    assert visitor.come_back().status_code == 302
    assert Bill.objects.get(pk=other.pk).state == "paid"


def test_it_says_so_in_english_too(visitor: Visitor) -> None:
    spoil(visitor.bill)
    visitor.client.cookies["django_language"] = "en"
    assert "This bill cannot be shown right now" in visitor.text()
    assert "cannot be shown right now" in visitor.text("/pay/")


@pytest.mark.parametrize("path", ["service/", "check/toss_payments/"])
def test_it_cannot_be_paid_here(visitor: Visitor, path: str) -> None:
    spoil(visitor.bill)
    for answer in (visitor.get(path), visitor.client.post(f"{visitor.home}{path}", {"amount": 32000})):
        assert (answer.status_code, answer.context["stop"]) == (409, STOPS["unreadable"])
        assert CALL in answer.content.decode()
    assert (Payment.objects.count(), visitor.far.bank.total()) == (0, 0)


def test_its_other_pages_answer_and_an_objection_can_be_paused_and_resumed(visitor: Visitor) -> None:
    spoil(visitor.bill)
    assert NO_DETAILS in visitor.text("print/")
    assert "VEVENT" not in visitor.get("deadlines.ics").content.decode()
    page = visitor.text("objection/")
    assert NOT_SHOWN in page and CALL in page and "법정 기한이 다가오면" not in page
    visitor.client.post(f"{visitor.home}objection/")
    assert visitor.reload().reason == "objection"
    for path in ("/pay/", "", "objection/"):
        assert visitor.get(path).status_code == 200
    assert "그 알림은 계속 보내 드립니다" not in visitor.text()
    visitor.client.post(f"{visitor.home}objection/", {"take_back": "yes"})
    assert visitor.reload().state == "open"


def test_what_was_paid_keeps_its_state_its_receipt_and_its_place_in_the_history(visitor: Visitor) -> None:
    paid = visitor.pay()
    spoil(visitor.bill)
    for path in ("/pay/", "/pay/history/", f"/pay/orders/{paid.order_id}/", f"/pay/orders/{paid.order_id}/receipt/"):
        assert visitor.get(path).status_code == 200, path
    assert paid.settlement.receipt_number in visitor.text("/pay/history/")
    page = visitor.text()
    assert paid.settlement.receipt_number in page and NO_DETAILS in page and NOT_SHOWN not in page


def test_nothing_is_captured_where_it_cannot_be_read_when_the_person_comes_back(visitor: Visitor) -> None:
    visitor.begin()
    spoil(visitor.bill)
    answer = visitor.come_back()
    assert (answer.status_code, answer.context["stop"]) == (409, STOPS["not_payable"])
    assert (visitor.payment().state, visitor.far.bank.calls.count("confirm")) == ("abandoned", 0)
    assert visitor.far.bank.total() == 0


def test_what_was_captured_before_is_booked_posted_and_reconciled_all_the_same(visitor: Visitor, settings: Any) -> None:
    settings.PAYMENT_PROVIDERS, settings.PAYMENT_BILLERS = ["toss_payments"], {"knpa": "memory"}
    visitor.begin()
    visitor.far.bank.faults["confirm"].append("taken_lost")
    visitor.come_back()
    spoil(visitor.bill)
    let_time_pass()
    poll_payments(now=MORNING)
    assert (visitor.payment().state, visitor.reload().state) == ("paid", "paid")
    assert visitor.far.bank.total() == Settlement.objects.get().amount == 32000
    post_to_agencies(now=MORNING)
    assert AgencyPosting.objects.get().state == "acknowledged"
    visitor.far.at(MORNING + timedelta(days=1))
    reconcile(day=MORNING.date(), now=MORNING + timedelta(days=1))
    assert not Alarm.objects.exclude(kind="record_unreadable").exists()


def test_its_bill_follows_its_record(visitor: Visitor) -> None:
    correct(visitor.bill, state="withdrawn")
    spoil(visitor.bill)
    follow_records(now=MORNING)
    assert (visitor.reload().state, visitor.reload().reason) == ("closed", "cancelled_by_agency")
    assert not Alarm.objects.filter(kind="row_failed").exists()
