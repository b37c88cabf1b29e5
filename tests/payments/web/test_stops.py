"""Whatever keeps a payment from happening has its own page: what it is, what to do, a way on, and the truth about the
money."""

from typing import Any

import pytest

from payments import gateways
from payments.ask_payments import ask_payments
from payments.desks.contract import Debt, DebtState
from payments.gateways import NotOffered
from payments.models import Bill
from payments.web.stop_words import STOPS, WAYS
from payments.words import REFUSALS
from tests.notifications.cast import MORNING
from tests.payments.cast import correct, let_time_pass, owe
from tests.payments.web.conftest import Desk

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


@pytest.mark.parametrize(
    ("state", "title", "way"),
    [
        (DebtState.PAID, "이미 납부된 건입니다", "/pay/"),
        (DebtState.WITHDRAWN, "기관에서 취소한 건입니다", "/pay/"),
        (DebtState.OBJECTION, "이의제기 중입니다", ""),
    ],
)
def test_what_the_agency_says_at_the_last_moment(desk: Desk, state: Any, title: Any, way: Any) -> None:
    desk.begin()
    desk.far.desk.debts[desk.bill.record.external_id] = Debt(state)
    way = way if way.startswith("/") else f"{desk.home}{way}"
    assert_says(desk.come_back(), 409, title, way)
    assert_says(desk.get("service/"), 409, title, way)
    assert desk.far.bank.total() == 0


@pytest.mark.parametrize(
    ("state", "title"), [("paid", "이미 납부된 건입니다"), ("withdrawn", "기관에서 취소한 건입니다")]
)
def test_what_the_feed_says_while_the_page_is_open(desk: Desk, state: Any, title: Any) -> None:
    correct(desk.bill, state=state)
    assert_says(desk.begin(), 409, title, "/pay/")


def test_the_same_violation_settled_another_way(desk: Desk) -> None:
    twin = [owe(desk.alice, fields={"case_number": "C-1"}) for _ in range(2)]
    page = f"/pay/{twin[1].pk}/"
    desk.client.post(f"/pay/{twin[0].pk}/check/toss_payments/", {"amount": 40000})
    desk.come_back()
    assert_says(desk.get(f"{page}service/"), 409, "이미 처리된 위반입니다", "/pay/")


def test_the_notices_are_paused(desk: Desk) -> None:
    desk.client.post(f"{desk.home}objection/")
    assert_says(desk.get("service/"), 409, "알림이 멈춰 있습니다", f"{desk.home}objection/")
    assert_says(desk.begin(), 409, "알림이 멈춰 있습니다", f"{desk.home}objection/")


def test_the_back_button_after_paying(desk: Desk) -> None:
    paid = desk.pay()
    for answer in (desk.get("check/toss_payments/"), desk.get("service/"), desk.begin()):
        assert_says(answer, 409, "이미 납부하셨습니다", f"/pay/orders/{paid.order_id}/receipt/")
    assert desk.far.bank.total() == 32000


def test_another_device_is_confirming(desk: Desk) -> None:
    desk.begin()
    desk.far.bank.faults["confirm"].append("lost")
    desk.come_back()
    pending = f"/pay/orders/{desk.payment().order_id}/"
    assert_says(desk.begin(), 409, "결제를 확인하고 있습니다", pending)
    assert_says(desk.client.post(f"{desk.home}objection/"), 409, "결제를 확인하고 있습니다", pending)
    assert f'href="{pending}"' in desk.text()


@pytest.mark.parametrize(
    ("fault", "status", "title"),
    [("down", 503, "결제 서비스가 응답하지 않습니다"), ("refused", 409, "결제를 시작하지 못했습니다")],
)
def test_a_provider_that_does_not_open(desk: Desk, fault: Any, status: Any, title: Any) -> None:
    desk.far.bank.faults["begin"].append(fault)
    assert_says(desk.begin(), status, title, f"{desk.home}service/")
    assert desk.begin("kakaopay").status_code == 200


def test_a_silent_agency_is_asked_again_at_the_same_address(desk: Desk) -> None:
    desk.begin()
    desk.far.desk.faults["ask"].append("down")
    answer = desk.come_back()
    again = answer.wsgi_request.get_full_path().replace("&", "&amp;")
    assert_says(answer, 503, "지금은 기관에 확인할 수 없습니다", again)
    desk.come_back()
    assert desk.payment().state == "paid"


def test_an_agency_that_knows_nothing_of_it(desk: Desk) -> None:
    desk.begin()
    desk.far.desk.faults["ask"].append("refused")
    assert_says(desk.come_back(), 409, "기관에서 확인되지 않는 건입니다", desk.home)


def test_a_declined_payment_leads_to_another_service(desk: Desk) -> None:
    desk.begin()
    desk.far.bank.faults["confirm"].append("declined")
    assert_says(desk.come_back(), 200, "결제가 거절되었습니다", f"{desk.home}service/")
    assert_says(
        desk.get(f"/pay/orders/{desk.payment().order_id}/"), 200, "결제가 거절되었습니다", f"{desk.home}service/"
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
def test_what_happened_at_the_provider(desk: Desk, service: Any, how: Any, code: Any, title: Any) -> None:
    desk.begin(service)
    path = f"/pay/orders/{desk.payment().order_id}/back/{how}/"
    query = {"code": code} if code else {}
    for _ in range(2):  # looked at again it says the same
        assert_says(desk.client.get(path, query), 200, title, f"{desk.home}service/")
    assert desk.far.banks[service].total() == 0
    assert desk.begin(service).status_code == 200  # and it can be begun again


def test_both_amounts_side_by_side_when_the_price_has_changed_at_the_provider(desk: Desk, clock: Any) -> None:
    desk.begin()
    desk.far.desk.debts[desk.bill.record.external_id] = Debt(DebtState.OPEN, 20000)
    answer = desk.come_back()
    assert_says(answer, 409, "금액이 바뀌었습니다", f"{desk.home}check/toss_payments/")
    assert "<s>32,000원</s>" in answer.content.decode() and "20,000원으로 계속하기" in answer.content.decode()
    assert "20,000원" in desk.text("check/toss_payments/")
    assert desk.begin(amount=20000).status_code == 200
    desk.come_back()
    assert desk.far.bank.total() == 20000


def test_both_amounts_side_by_side_when_a_page_was_open_over_midnight(desk: Desk) -> None:
    answer = desk.begin(amount=30000)
    assert_says(answer, 409, "금액이 바뀌었습니다", f"{desk.home}check/toss_payments/")
    assert "<s>30,000원</s>" in answer.content.decode() and "32,000원으로 계속하기" in answer.content.decode()
    assert desk.far.bank.calls == []


def test_a_page_that_nobody_came_back_from(desk: Desk) -> None:
    desk.begin()
    order = f"/pay/orders/{desk.payment().order_id}/"
    assert_says(desk.get(order), 200, "끝나지 않은 결제입니다", f"{desk.home}service/")
    let_time_pass(dropped=True)
    ask_payments(now=MORNING)
    assert_says(desk.get(order), 200, "결제 시간이 지났습니다", f"{desk.home}service/")
    assert_says(desk.come_back(), 200, "결제 시간이 지났습니다", f"{desk.home}service/")


def test_a_payment_that_was_begun_anew(desk: Desk) -> None:
    desk.begin()
    first = desk.payment().order_id
    desk.begin("kakaopay")
    assert_says(desk.get(f"/pay/orders/{first}/"), 200, "결제를 새로 시작하셨습니다", desk.home)


def test_something_that_does_not_fit(desk: Desk) -> None:
    desk.begin()
    assert_says(desk.come_back(amount="1"), 400, "결제 정보가 맞지 않습니다", desk.home)
    assert desk.far.bank.total() == 0


def test_what_cannot_be_quoted(desk: Desk) -> None:
    Bill.objects.filter(pk=desk.bill.pk).update(tariff="traffic_penalty")  # whose deadline the record lacks
    assert_says(desk.get("service/"), 409, "오늘은 여기에서 납부하실 수 없습니다", desk.home)


def test_an_agency_without_a_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(agency: str) -> None:
        raise NotOffered(agency)

    monkeypatch.setattr(gateways, "desk", none)
    assert_says(desk.begin(), 409, "지금은 쓸 수 없는 결제 서비스입니다", f"{desk.home}service/")
