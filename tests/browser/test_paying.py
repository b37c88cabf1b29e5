"""A fine is paid on a phone and by keyboard alone, through each provider's page in the sandbox, from list to receipt.

With JavaScript off, but for Toss Payments: its window opens by the vendor's own script only.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect

from payments import adapters
from payments.models import Payment
from secretary.kernel.time.clock import now
from tests.browser.test_citizen_pages import tab_to, type_into
from tests.browser.test_payment_pages import fine
from tests.notifications.cast import enrol
from tests.payments.cast import make_fine, owe
from tests.payments.web.conftest import knows
from tests.subscriptions.web.conftest import CODE
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.usefixtures("transactional_db")
PHONE = "Mozilla/5.0 (Linux; Android 15; Sample) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
NEEDS_SCRIPT = ("toss_payments",)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def sandbox(running: SandboxProcess, settings: Any, provider: Any) -> Iterator[SandboxProcess]:
    running.clear_faults()
    settings.ADAPTER_CONFIG = running.environment
    adapters.forget()
    knows(provider, 1)
    yield running
    adapters.forget()


def alice_owes(sandbox: SandboxProcess) -> str:
    """A fine that the sandbox's agency knows too; the address of its page."""
    bill = owe(enrol(1, make_fine(), channels=["sms"]), now=now(), fields=fine())
    notified = {"external_id": bill.record.external_id, "data_type": "traffic_fine", "version": 1}
    sandbox.request("POST", "/control/agencies/knpa/records", [{**notified, "state": "open", "fields": {}}])
    return f"/pay/{bill.pk}/"


def a_phone(browser: Browser, live_server: Any, *, script: bool) -> Page:
    context = browser.new_context(
        base_url=live_server.url,
        locale="ko-KR",
        user_agent=PHONE,
        viewport={"width": 390, "height": 844},
        java_script_enabled=script,
    )
    return context.new_page()


@pytest.fixture(autouse=True)
def any_amount_needs_the_full_check(settings: Any) -> None:
    settings.PAYMENT_FULL_CHECK_WON = 0


def prove(page: Page, *, signed_in: bool = False) -> None:
    """Pass the full check. `signed_in`: name and number are known, and not entered again."""
    if not signed_in:
        press(page, "a[href*='other=1']", "**/settings/sign-in/?other=1")
        type_into(page, "id_name", "홍길동")
        type_into(page, "id_phone", "01000000001")
    type_into(page, "id_carrier_0", " ")
    type_into(page, "id_identity_number", "6001021")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/")
    type_into(page, "id_code", CODE)
    page.keyboard.press("Enter")


def press(page: Page, selector: str, then: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_url(then)


def choose(page: Page, name: str) -> None:
    """The space bar takes the radio that has the focus, the arrows the ones after it."""
    page.keyboard.press("Space")
    for _ in range(3):
        if page.locator(f"input[value={name}]").is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} cannot be chosen by keyboard")


def let_the_identity_check_grow_old(page: Page) -> None:
    [cookie] = [each for each in page.context.cookies() if each["name"] == "session"]
    session = SessionStore(cookie["value"])
    session["citizen"] = session["citizen"] | {"at": session["citizen"]["at"] - 600}
    session.save()


@pytest.mark.parametrize("name", ["kakaopay", "naverpay", "toss_payments"])
def test_a_fine_is_paid_by_keyboard_alone_from_the_list_to_the_receipt(
    browser: Browser, live_server: Any, sandbox: SandboxProcess, name: str
) -> None:
    home = alice_owes(sandbox)
    page = a_phone(browser, live_server, script=name in NEEDS_SCRIPT)
    page.goto("/pay/")
    prove(page)
    page.wait_for_url("**/pay/")
    press(page, f"a[href='{home}']", f"**{home}")
    press(page, "main a.primary", "**/service/")
    tab_to(page, "input[name=provider]")
    choose(page, name)
    let_the_identity_check_grow_old(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/sign-in/")
    assert page.inner_text("h1") == "본인이 맞으신가요?"
    prove(page, signed_in=True)
    page.wait_for_url(f"**{home}check/{name}/")
    tab_to(page, "main button.primary")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{sandbox.url}/**")
    tab_to(page, "button.pay")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="납부되었습니다").wait_for()
    press(page, "main a.primary", "**/receipt/")
    payment = Payment.objects.get()
    assert payment.settlement.receipt_number in page.inner_text(".paper")
    moved = sandbox.payments(order_id=payment.order_id)["movements"]
    assert [each["amount"] for each in moved] == [32000]
    page.context.close()


def test_a_clumsy_person_pays_once(browser: Browser, live_server: Any, sandbox: SandboxProcess) -> None:
    """Two clicks, leaving, the back button, another provider, the back button after paying, an old address again."""
    home = alice_owes(sandbox)
    page = a_phone(browser, live_server, script=True)
    page.goto(f"{home}check/kakaopay/")
    prove(page)
    page.wait_for_url("**/check/kakaopay/")
    page.dblclick("main button.primary")
    # The second click may abort the navigation of the first, which `wait_for_url` takes for a failure.
    expect(page).to_have_url(re.compile(f"{re.escape(sandbox.url)}/"))
    page.click("button.leave")
    page.get_by_role("heading", name="결제하지 않고 나오셨습니다").wait_for()
    page.goto(f"{home}check/naverpay/")
    page.click("main button.primary")
    page.wait_for_url(f"{sandbox.url}/**")
    page.goto(f"{home}check/naverpay/")  # the tab was closed; begun anew
    page.click("main button.primary")
    page.wait_for_url(f"{sandbox.url}/**")
    with page.expect_request("**/back/success/**") as returned:
        page.click("button.pay")
    page.get_by_role("heading", name="납부되었습니다").wait_for()
    page.goto(returned.value.url)
    page.get_by_role("heading", name="납부되었습니다").wait_for()
    page.goto(f"{home}check/naverpay/")
    page.get_by_role("heading", name="이미 납부하셨습니다").wait_for()
    taken = [order for order in sandbox.payments()["movements"] if order["amount"] > 0]
    assert [each["order_id"] for each in taken].count(Payment.objects.get(state="paid").order_id) == 1
    assert sandbox.payments()["duplicates"] == []
    page.context.close()
