"""Whatever keeps a payment from happening has its own page: what it is, what to do, a way on, and the truth about the
money."""

import re
from typing import Any

import pytest
from django.utils import translation

from payments import adapters
from payments.adapters import NotOffered
from payments.billers.contract import Debt, DebtState
from payments.checkout.poll_payments import poll_payments
from payments.models import Bill
from payments.web.stop_words import STOPS, WAYS
from payments.words import REFUSALS
from tests.notifications.cast import MORNING
from tests.payments.cast import correct, let_time_pass, owe
from tests.payments.web.conftest import Visitor

pytestmark = pytest.mark.django_db


def assert_says(answer: Any, status: int, title: str, way: str) -> None:
    page = answer.content.decode()
    assert answer.status_code == status, answer.status_code
    assert f"<h1>{title}</h1>" in page
    assert f'href="{way}"' in page, page
    assert page.count('class="button primary"') == 1


def test_every_refusal_of_the_engine_has_a_page_and_every_way_leads_somewhere() -> None:
    assert set(REFUSALS) <= set(STOPS)
    assert {name for stop in STOPS.values() for name in stop.ways} == set(WAYS)


def test_the_page_promises_nothing_of_itself_that_it_does_not_do() -> None:
    """It shows no amount and no date, and stays as it is until the person goes on."""
    with translation.override("en"):
        words = [str(text) for stop in STOPS.values() for text in (stop.remedy, stop.cause) if text]
    assert [text for text in words if re.search("updates|shown|below|above", text)] == []


@pytest.mark.parametrize(
    ("state", "title", "way"),
    [
        (DebtState.PAID, "이미 납부된 건입니다", "/pay/"),
        (DebtState.WITHDRAWN, "기관에서 취소한 건입니다", "/pay/"),
        (DebtState.OBJECTION, "이의제기 중입니다", ""),
    ],
)
def test_what_the_agency_says_at_the_last_moment(visitor: Visitor, state: Any, title: Any, way: Any) -> None:
    visitor.begin()
    visitor.far.biller.debts[visitor.bill.record.external_id] = Debt(state)
    way = way if way.startswith("/") else f"{visitor.home}{way}"
    assert_says(visitor.come_back(), 409, title, way)
    assert_says(visitor.get("service/"), 409, title, way)
    assert visitor.far.bank.total() == 0


@pytest.mark.parametrize(
    ("state", "title"), [("paid", "이미 납부된 건입니다"), ("withdrawn", "기관에서 취소한 건입니다")]
)
def test_what_the_feed_says_while_the_page_is_open(visitor: Visitor, state: Any, title: Any) -> None:
    correct(visitor.bill, state=state)
    assert_says(visitor.begin(), 409, title, "/pay/")


def test_the_same_violation_settled_another_way(visitor: Visitor) -> None:
    twin = [owe(visitor.alice, fields={"case_number": "C-1"}) for _ in range(2)]
    page = f"/pay/{twin[1].pk}/"
    visitor.client.post(f"/pay/{twin[0].pk}/check/toss_payments/", {"amount": 40000})
    visitor.come_back()
    assert_says(visitor.get(f"{page}service/"), 409, "이미 처리된 위반입니다", "/pay/")


def test_the_notices_are_paused(visitor: Visitor) -> None:
    visitor.client.post(f"{visitor.home}objection/")
    assert_says(visitor.get("service/"), 409, "알림이 멈춰 있습니다", f"{visitor.home}objection/")
    assert_says(visitor.begin(), 409, "알림이 멈춰 있습니다", f"{visitor.home}objection/")


def test_the_back_button_after_paying(visitor: Visitor) -> None:
    paid = visitor.pay()
    for answer in (visitor.get("check/toss_payments/"), visitor.get("service/"), visitor.begin()):
        assert_says(answer, 409, "이미 납부하셨습니다", f"/pay/orders/{paid.order_id}/receipt/")
    assert visitor.far.bank.total() == 32000


def test_another_device_is_confirming(visitor: Visitor) -> None:
    visitor.begin()
    visitor.far.bank.faults["confirm"].append("lost")
    visitor.come_back()
    pending = f"/pay/orders/{visitor.payment().order_id}/"
    assert_says(visitor.begin(), 409, "결제를 확인하고 있습니다", pending)
    assert_says(visitor.client.post(f"{visitor.home}objection/"), 409, "결제를 확인하고 있습니다", pending)
    assert f'href="{pending}"' in visitor.text()


@pytest.mark.parametrize(
    ("fault", "status", "title"),
    [("down", 503, "결제 서비스가 응답하지 않습니다"), ("refused", 409, "결제를 시작하지 못했습니다")],
)
def test_a_provider_that_does_not_open(visitor: Visitor, fault: Any, status: Any, title: Any) -> None:
    visitor.far.bank.faults["begin"].append(fault)
    assert_says(visitor.begin(), status, title, f"{visitor.home}service/")
    assert visitor.begin("kakaopay").status_code == 200


def test_a_silent_agency_is_polled_again_at_the_same_address(visitor: Visitor) -> None:
    visitor.begin()
    visitor.far.biller.faults["poll"].append("down")
    answer = visitor.come_back()
    again = answer.wsgi_request.get_full_path().replace("&", "&amp;")
    assert_says(answer, 503, "지금은 기관에 확인할 수 없습니다", again)
    visitor.come_back()
    assert visitor.payment().state == "paid"


def test_an_agency_that_knows_nothing_of_it(visitor: Visitor) -> None:
    visitor.begin()
    visitor.far.biller.faults["poll"].append("refused")
    assert_says(visitor.come_back(), 409, "기관에서 확인되지 않는 건입니다", visitor.home)


def test_a_declined_payment_leads_to_another_service(visitor: Visitor) -> None:
    visitor.begin()
    visitor.far.bank.faults["confirm"].append("declined")
    assert_says(visitor.come_back(), 200, "결제가 거절되었습니다", f"{visitor.home}service/")
    assert_says(
        visitor.get(f"/pay/orders/{visitor.payment().order_id}/"),
        200,
        "결제가 거절되었습니다",
        f"{visitor.home}service/",
    )


@pytest.mark.parametrize(
    ("service", "how", "code", "title"),
    [
        ("kakaopay", "cancel", "", "결제하지 않고 나오셨습니다"),
        ("kakaopay", "fail", "", "결제가 완료되지 않았습니다"),
        ("toss_payments", "fail", "PAY_PROCESS_CANCELED", "결제하지 않고 나오셨습니다"),
        ("toss_payments", "fail", "PAY_PROCESS_ABORTED", "결제가 완료되지 않았습니다"),
        ("toss_payments", "fail", "WINDOW_NOT_OPENED", "결제창이 열리지 않았습니다"),
        ("naverpay", "success", "UserCancel", "결제하지 않고 나오셨습니다"),
        ("naverpay", "success", "PaymentTimeExpire", "결제 화면의 시간이 지났습니다"),
    ],
)
def test_what_happened_at_the_provider(visitor: Visitor, service: Any, how: Any, code: Any, title: Any) -> None:
    visitor.begin(service)
    path = f"/pay/orders/{visitor.payment().order_id}/back/{how}/"
    query = {"code": code} if code else {}
    for _ in range(2):  # opened again it shows the same
        assert_says(visitor.client.get(path, query), 200, title, f"{visitor.home}service/")
    assert visitor.far.banks[service].total() == 0
    assert visitor.begin(service).status_code == 200  # and it can be begun again


def test_both_amounts_side_by_side_when_the_price_has_changed_at_the_provider(visitor: Visitor, clock: Any) -> None:
    visitor.begin()
    visitor.far.biller.debts[visitor.bill.record.external_id] = Debt(DebtState.OPEN, 20000)
    answer = visitor.come_back()
    assert_says(answer, 409, "금액이 바뀌었습니다", f"{visitor.home}check/toss_payments/")
    assert "<s>32,000원</s>" in answer.content.decode() and "20,000원으로 계속하기" in answer.content.decode()
    assert "20,000원" in visitor.text("check/toss_payments/")
    assert visitor.begin(amount=20000).status_code == 200
    visitor.come_back()
    assert visitor.far.bank.total() == 20000


def test_both_amounts_side_by_side_when_a_page_was_open_over_midnight(visitor: Visitor) -> None:
    answer = visitor.begin(amount=30000)
    assert_says(answer, 409, "금액이 바뀌었습니다", f"{visitor.home}check/toss_payments/")
    assert "<s>30,000원</s>" in answer.content.decode() and "32,000원으로 계속하기" in answer.content.decode()
    assert visitor.far.bank.calls == []


def test_an_abandoned_page(visitor: Visitor) -> None:
    visitor.begin()
    order = f"/pay/orders/{visitor.payment().order_id}/"
    assert_says(visitor.get(order), 200, "끝나지 않은 결제입니다", f"{visitor.home}service/")
    let_time_pass(dropped=True)
    poll_payments(now=MORNING)
    assert_says(visitor.get(order), 200, "결제 시간이 지났습니다", f"{visitor.home}service/")
    assert_says(visitor.come_back(), 200, "결제 시간이 지났습니다", f"{visitor.home}service/")


def test_a_payment_that_was_begun_anew(visitor: Visitor) -> None:
    visitor.begin()
    first = visitor.payment().order_id
    visitor.begin("kakaopay")
    assert_says(visitor.get(f"/pay/orders/{first}/"), 200, "결제를 새로 시작하셨습니다", visitor.home)


def test_something_that_does_not_fit(visitor: Visitor) -> None:
    visitor.begin()
    assert_says(visitor.come_back(amount="1"), 400, "결제 정보가 맞지 않습니다", visitor.home)
    assert visitor.far.bank.total() == 0


def test_what_cannot_be_quoted(visitor: Visitor) -> None:
    Bill.objects.filter(pk=visitor.bill.pk).update(tariff="traffic_penalty")  # whose deadline the record lacks
    assert_says(visitor.get("service/"), 409, "오늘은 여기에서 납부하실 수 없습니다", visitor.home)


def test_an_agency_without_a_biller(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(agency: str) -> None:
        raise NotOffered(agency)

    monkeypatch.setattr(adapters, "biller", none)
    assert_says(visitor.begin(), 409, "지금은 쓸 수 없는 결제 서비스입니다", f"{visitor.home}service/")
