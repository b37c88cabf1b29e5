"""Every page about money, at every size, errors included: accessible, never wider than the screen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from notifications.models import Record
from payments.billers.contract import Debt, DebtState
from payments.checkout.poll_payments import poll_payments
from payments.models import Payment
from secretary.kernel.time.clock import kst_date, now
from subscriptions.models import Subscription
from tests.browser.look import assert_good
from tests.notifications.cast import enrol
from tests.payments.cast import correct, let_time_pass, make_fine, owe
from tests.payments.web.conftest import knows, prove
from tests.subscriptions.web.conftest import CODE
from tests.support.chromium import press, press_towards, take_session

pytestmark = pytest.mark.usefixtures("transactional_db")
BANK = "https://bank.invalid/"  # tests/payments/bank.py


def fine(days: int = 13) -> dict[str, Any]:
    """Facts of a fine whose reduction ends in so many days."""
    ends = kst_date(now()) + timedelta(days=days)
    due = {"reduced_amount": 32000, "reduction_ends_on": str(ends), "due_on": str(ends + timedelta(days=60))}
    return {"violation": "제한속도 위반(20km/h 초과)", "plate": "12가3456", **due}


class Citizen:
    """Alice at the pages, by browser, with one fine."""

    def __init__(self, page: Page, far: Any) -> None:
        self.page, self.far = page, far
        self.alice = enrol(1, make_fine(), channels=["kakaotalk"])
        self.bill = owe(self.alice, now=now(), fields=fine())
        self.home = f"/pay/{self.bill.pk}/"

    def go(self, path: str = "") -> None:
        self.page.goto(path if path.startswith("/") else f"{self.home}{path}")

    def prove(self) -> None:
        """By the full check, which a person who signs in may choose instead of a code."""
        with self.page.expect_navigation():
            self.page.click("a[href*='other=1']")
        for field, text in (("name", "홍길동"), ("phone", "01000000001"), ("identity_number", "6001021")):
            self.page.fill(f"#id_{field}", text)
        self.page.check("input[value=KT]")
        press(self.page)
        self.page.fill("#id_code", CODE)
        press(self.page)

    def begin(self, provider: str = "toss_payments") -> None:
        """As far as the provider's page: a visitor who navigates earlier would be overtaken by it."""
        self.go(f"check/{provider}/")
        press_towards(self.page, BANK)

    def order(self, part: str = "") -> str:
        return f"/pay/orders/{Payment.objects.order_by('-pk')[0].order_id}/{part}"

    def come_back(self, how: str = "success", **query: str) -> None:
        payment = Payment.objects.order_by("-pk")[0]
        brought = self.far.banks[payment.provider].pay(payment.order_id) if how == "success" else {}
        self.page.goto(f"{self.order()}back/{how}/?{urlencode(brought | query)}")

    def sees(self, heading: str) -> None:
        """Waits for it: a click does not wait for the page that it leads to."""
        expect(self.page.locator("h1")).to_have_text(heading)
        assert_good(self.page, heading)


@pytest.fixture
def citizen(phone: Page, far: Any, provider: Any, live_server: Any, client: Client) -> Citizen:
    knows(provider, 1)
    made = Citizen(phone, far)
    prove(client)
    take_session(phone, client, live_server.url)
    return made


def test_the_list_and_a_bill(citizen: Citizen) -> None:
    objected, done = owe(citizen.alice, now=now(), fields=fine(5)), owe(citizen.alice, now=now(), fields=fine())
    owe(citizen.alice, now=now(), fields=fine(-120))
    correct(done, now=now(), state="paid", fields=fine())
    citizen.go(f"/pay/{objected.pk}/objection/")
    press(citizen.page)
    assert_good(citizen.page, "bill, objected")
    citizen.go("/pay/")
    citizen.sees("내야 할 돈")
    citizen.go()
    citizen.page.click(".steps summary")
    citizen.sees("교통과태료")
    citizen.go("print/")
    citizen.sees("교통과태료")


def test_objecting(citizen: Citizen) -> None:
    citizen.go("objection/")
    citizen.sees("내 차가 아니거나 잘못되었나요?")
    press(citizen.page)
    citizen.go("objection/")
    citizen.sees("알림이 멈춰 있습니다")
    citizen.go("service/")
    citizen.sees("알림이 멈춰 있습니다")
    assert Record.objects.get(pk=citizen.bill.record_id).objected_at is not None


def test_choosing_and_checking(citizen: Citizen) -> None:
    citizen.go("service/")
    citizen.sees("결제 방법을 골라 주세요")
    press(citizen.page)
    citizen.sees("결제 방법을 골라 주세요")
    assert citizen.page.evaluate("document.activeElement.className") == "error-summary"
    citizen.go("check/kakaopay/")
    citizen.sees("납부하기 전에 확인해 주세요")


def test_nothing_to_pay_and_nothing_paid(phone: Page, far: Any, provider: Any) -> None:
    knows(provider, 1)
    enrol(1, make_fine())
    phone.goto("/pay/")
    Citizen.prove(type("Visitor", (), {"page": phone})())
    expect(phone.locator(".panel")).to_contain_text("내실 돈이 없습니다.")
    assert_good(phone, "nothing to pay")
    phone.goto("/pay/history/")
    expect(phone.locator(".panel")).to_contain_text("아직 여기에서 납부하신 것이 없습니다.")
    assert_good(phone, "nothing paid")
    Subscription.objects.update(ended_at=now())
    phone.goto("/pay/")
    expect(phone.locator(".panel")).to_contain_text("새로 나온 고지는 여기에 보이지 않습니다")
    assert_good(phone, "bills, of no kind")


def test_waiting_and_what_it_becomes(citizen: Citizen) -> None:
    citizen.begin()
    citizen.far.bank.faults["confirm"].append("taken_lost")
    citizen.come_back()
    citizen.go(f"{citizen.order()}?look=off")
    citizen.sees("확인 중입니다. 중복 결제되지 않습니다.")
    citizen.go("service/")
    citizen.sees("결제를 확인하고 있습니다")
    citizen.go()
    assert_good(citizen.page, "bill, being confirmed")
    let_time_pass()
    poll_payments(now=now())
    citizen.go(citizen.order())
    citizen.sees("납부되었습니다")
    citizen.go(citizen.order("receipt/"))
    citizen.sees("영수증")
    citizen.go("/pay/history/")
    citizen.sees("납부 내역")
    citizen.go("service/")
    citizen.sees("이미 납부하셨습니다")


def test_the_pending_page_looks_again_without_a_script(citizen: Citizen, browser: Any, live_server: Any) -> None:
    citizen.begin()
    citizen.far.bank.faults["confirm"].append("taken_lost")
    citizen.come_back()
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies(citizen.page.context.cookies())
    page = plain.new_page()
    page.goto(citizen.order())
    let_time_pass()
    poll_payments(now=now())
    page.get_by_role("heading", name="납부되었습니다").wait_for(timeout=60_000)
    assert page.url.endswith("?look=1")
    plain.close()


REFUSED: dict[str, Callable[[Citizen], object]] = {
    "지금은 기관에 확인할 수 없습니다": lambda it: it.far.biller.faults["poll"].append("down"),
    "결제가 거절되었습니다": lambda it: it.far.bank.faults["confirm"].append("declined"),
}
# After these the bill is not offered again before the agency has answered anew.
ENDED: dict[str, Callable[[Citizen], object]] = {
    "기관에서 확인되지 않는 건입니다": lambda it: it.far.biller.faults["poll"].append("refused"),
    "금액이 바뀌었습니다": lambda it: it.far.biller.debts.update(
        {it.bill.record.external_id: Debt(DebtState.OPEN, 20000)}
    ),
}


def test_what_can_go_wrong_after_the_providers_page(citizen: Citizen) -> None:
    for heading, prepare in REFUSED.items():
        citizen.begin()
        prepare(citizen)
        citizen.come_back()
        citizen.sees(heading)
    citizen.begin()
    citizen.come_back(amount="1")
    citizen.sees("결제 정보가 맞지 않습니다")
    assert citizen.far.bank.total() == 0


@pytest.mark.parametrize("heading", ENDED)
def test_what_the_agency_can_say_after_the_providers_page(citizen: Citizen, heading: str) -> None:
    citizen.begin()
    ENDED[heading](citizen)
    citizen.come_back()
    citizen.sees(heading)
    assert citizen.far.bank.total() == 0


def test_who_leaves_the_providers_page(citizen: Citizen) -> None:
    citizen.begin()
    citizen.go(citizen.order())
    citizen.sees("끝나지 않은 결제입니다")
    citizen.come_back("fail", code="PAY_PROCESS_CANCELED")
    citizen.sees("결제하지 않고 나오셨습니다")
    citizen.begin()
    citizen.come_back("fail", code="WINDOW_NOT_OPENED")
    citizen.sees("결제창이 열리지 않았습니다")
    assert citizen.far.bank.total() == 0


def test_a_provider_that_is_down(citizen: Citizen) -> None:
    citizen.far.bank.faults["begin"].append("down")
    citizen.go("check/toss_payments/")
    press(citizen.page)
    citizen.sees("결제 서비스가 응답하지 않습니다")
    assert citizen.far.bank.total() == 0


def test_a_bill_in_english_fits_a_phone_with_large_text(citizen: Citizen, live_server: Any) -> None:
    """An agency's name is longer there, and so is an amount."""
    page = citizen.page
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        citizen.go()
        page.evaluate("document.documentElement.className = 'size-150'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".panel .sum").evaluate("sum => sum.scrollWidth <= sum.clientWidth")
