"""The agency is queried before the citizen goes to a payment service: no citizen is sent to pay what cannot be paid."""

from typing import Any

import pytest

from notifications.models import Alarm
from payments.billers.contract import Debt, DebtState
from payments.models import Payment
from tests.payments.cast import correct
from tests.payments.web.conftest import Visitor
from tests.payments.web.test_stops import assert_says

pytestmark = pytest.mark.django_db
PAY = "32,000원 납부하기"
UNKNOWN = "기관에서 확인되지 않는 건입니다"


def nothing_began(visitor: Any) -> None:
    assert not Payment.objects.exists()
    assert all("begin" not in bank.calls for bank in visitor.far.banks.values())


@pytest.mark.parametrize("service", ["toss_payments", "kakaopay", "naverpay"])
def test_what_the_agency_does_not_know_is_not_handed_over_and_not_offered_any_more(
    visitor: Visitor, service: Any
) -> None:
    assert PAY in visitor.text()
    visitor.far.biller.faults["poll"].append("refused")
    assert_says(visitor.begin(service), 409, UNKNOWN, visitor.home)
    nothing_began(visitor)
    assert Alarm.objects.filter(kind="biller_refused").exists()
    assert PAY not in visitor.text() and UNKNOWN in visitor.text() and "tel:" in visitor.text()
    assert "확인되지 않는 건" in visitor.text("/pay/") and "1건" not in visitor.text("/pay/")
    for page in ("service/", f"check/{service}/"):
        assert_says(visitor.get(page), 409, UNKNOWN, visitor.home)


def test_a_person_can_ask_the_agency_once_more(visitor: Visitor) -> None:
    visitor.far.biller.faults["poll"].extend(["refused", "refused", "down"])
    visitor.begin()
    for status, title in ((409, UNKNOWN), (503, "지금은 기관에 확인할 수 없습니다")):
        assert_says(visitor.client.post(f"{visitor.home}ask/"), status, title, visitor.home)
        assert PAY not in visitor.text()
    assert visitor.client.post(f"{visitor.home}ask/")["Location"] == visitor.home
    assert PAY in visitor.text()
    assert visitor.pay().state == "paid"


def test_it_is_offered_again_when_the_agency_sends_its_record_anew(visitor: Visitor) -> None:
    visitor.far.biller.faults["poll"].append("refused")
    visitor.begin()
    correct(visitor.bill, fields=visitor.bill.record.payload)
    assert PAY in visitor.text()


def test_what_the_agency_forgets_while_the_person_pays_is_not_captured_and_not_offered(visitor: Visitor) -> None:
    visitor.begin()
    visitor.far.biller.faults["poll"].append("refused")
    assert_says(visitor.come_back(), 409, UNKNOWN, visitor.home)
    assert visitor.far.bank.total() == 0 and PAY not in visitor.text()


@pytest.mark.parametrize(
    ("state", "title"),
    [
        (DebtState.PAID, "이미 납부된 건입니다"),
        (DebtState.WITHDRAWN, "기관에서 취소한 건입니다"),
        (DebtState.OBJECTION, "이의제기"),
    ],
)
def test_what_is_not_due_any_more_is_not_handed_over(visitor: Visitor, state: Any, title: Any) -> None:
    visitor.far.biller.debts[visitor.bill.record.external_id] = Debt(state)
    answer = visitor.begin()
    assert answer.status_code == 409 and title in answer.content.decode()
    nothing_began(visitor)
    assert visitor.reload().state == "closed" and PAY not in visitor.text()


def test_another_amount_is_shown_beside_the_one_before_and_can_be_paid(visitor: Visitor) -> None:
    visitor.far.biller.debts[visitor.bill.record.external_id] = Debt(DebtState.OPEN, 35000)
    answer = visitor.begin()
    assert answer.status_code == 409
    assert "32,000원" in answer.content.decode() and "35,000원" in answer.content.decode()
    nothing_began(visitor)
    assert "35,000원 납부하기" in visitor.text()
    visitor.begin(amount=35000)
    visitor.come_back()
    assert (visitor.payment().state, visitor.far.bank.total()) == ("paid", 35000)


def test_an_agency_that_does_not_answer_does_not_keep_the_citizen_from_trying_again(visitor: Visitor) -> None:
    visitor.far.biller.faults["poll"].append("down")
    assert_says(visitor.begin(), 503, "지금은 기관에 확인할 수 없습니다", f"{visitor.home}check/toss_payments/")
    nothing_began(visitor)
    assert PAY in visitor.text()
    assert visitor.pay().state == "paid"


def test_it_is_polled_again_before_money_is_captured(visitor: Visitor) -> None:
    visitor.begin()
    assert visitor.far.biller.calls == ["poll"]
    visitor.come_back()
    assert visitor.far.biller.calls == ["poll", "poll"]


def test_a_citizen_cannot_query_the_bill_of_another(stranger: Visitor) -> None:
    assert stranger.client.post(f"{stranger.home}ask/")["Location"] == "/sign-in/"
    assert stranger.far.biller.calls == []
