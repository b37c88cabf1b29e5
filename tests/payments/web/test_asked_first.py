"""The agency is asked before the person goes to a payment service: no person is sent to pay what cannot be paid."""

from typing import Any

import pytest

from notifications.models import Alarm
from payments.desks.contract import Debt, DebtState
from payments.models import Payment
from tests.payments.cast import correct
from tests.payments.web.conftest import Desk
from tests.payments.web.test_stops import assert_says

pytestmark = pytest.mark.django_db
PAY = "32,000원 납부하기"
UNKNOWN = "기관에서 확인되지 않는 건입니다"


def nothing_began(desk: Any) -> None:
    assert not Payment.objects.exists()
    assert all("begin" not in bank.calls for bank in desk.far.banks.values())


@pytest.mark.parametrize("service", ["toss_payments", "kakaopay", "naverpay"])
def test_what_the_agency_does_not_know_is_not_handed_over_and_not_offered_any_more(desk: Desk, service: Any) -> None:
    assert PAY in desk.text()
    desk.far.desk.faults["ask"].append("refused")
    assert_says(desk.begin(service), 409, UNKNOWN, desk.home)
    nothing_began(desk)
    assert Alarm.objects.filter(kind="desk_refused").exists()
    assert PAY not in desk.text() and UNKNOWN in desk.text() and "tel:" in desk.text()
    assert "확인되지 않는 건" in desk.text("/pay/") and "1건" not in desk.text("/pay/")
    for page in ("service/", f"check/{service}/"):
        assert_says(desk.get(page), 409, UNKNOWN, desk.home)


def test_a_person_can_ask_the_agency_once_more(desk: Desk) -> None:
    desk.far.desk.faults["ask"].extend(["refused", "refused", "down"])
    desk.begin()
    for status, title in ((409, UNKNOWN), (503, "지금은 기관에 확인할 수 없습니다")):
        assert_says(desk.client.post(f"{desk.home}ask/"), status, title, desk.home)
        assert PAY not in desk.text()
    assert desk.client.post(f"{desk.home}ask/")["Location"] == desk.home
    assert PAY in desk.text()
    assert desk.pay().state == "paid"


def test_it_is_offered_again_when_the_agency_sends_its_record_anew(desk: Desk) -> None:
    desk.far.desk.faults["ask"].append("refused")
    desk.begin()
    correct(desk.bill, fields=desk.bill.record.payload)
    assert PAY in desk.text()


def test_what_the_agency_forgets_while_the_person_pays_is_not_taken_and_not_offered(desk: Desk) -> None:
    desk.begin()
    desk.far.desk.faults["ask"].append("refused")
    assert_says(desk.come_back(), 409, UNKNOWN, desk.home)
    assert desk.far.bank.total() == 0 and PAY not in desk.text()


@pytest.mark.parametrize(
    ("state", "title"),
    [
        (DebtState.PAID, "이미 납부된 건입니다"),
        (DebtState.WITHDRAWN, "기관에서 취소한 건입니다"),
        (DebtState.OBJECTION, "이의제기"),
    ],
)
def test_what_is_not_due_any_more_is_not_handed_over(desk: Desk, state: Any, title: Any) -> None:
    desk.far.desk.debts[desk.bill.record.external_id] = Debt(state)
    answer = desk.begin()
    assert answer.status_code == 409 and title in answer.content.decode()
    nothing_began(desk)
    assert desk.reload().state == "closed" and PAY not in desk.text()


def test_another_amount_is_shown_beside_the_one_before_and_can_be_paid(desk: Desk) -> None:
    desk.far.desk.debts[desk.bill.record.external_id] = Debt(DebtState.OPEN, 35000)
    answer = desk.begin()
    assert answer.status_code == 409
    assert "32,000원" in answer.content.decode() and "35,000원" in answer.content.decode()
    nothing_began(desk)
    assert "35,000원 납부하기" in desk.text()
    desk.begin(amount=35000)
    desk.come_back()
    assert (desk.payment().state, desk.far.bank.total()) == ("paid", 35000)


def test_an_agency_that_does_not_answer_keeps_nobody_from_trying_again(desk: Desk) -> None:
    desk.far.desk.faults["ask"].append("down")
    assert_says(desk.begin(), 503, "지금은 기관에 확인할 수 없습니다", f"{desk.home}check/toss_payments/")
    nothing_began(desk)
    assert PAY in desk.text()
    assert desk.pay().state == "paid"


def test_it_is_asked_again_before_money_is_taken(desk: Desk) -> None:
    desk.begin()
    assert desk.far.desk.calls == ["ask"]
    desk.come_back()
    assert desk.far.desk.calls == ["ask", "ask"]


def test_nobody_asks_about_the_bill_of_another(stranger: Desk) -> None:
    assert stranger.client.post(f"{stranger.home}ask/")["Location"] == "/settings/sign-in/"
    assert stranger.far.desk.calls == []
