"""From our page to each provider's sandbox page and back, on a phone and by keyboard alone."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from payments.providers import registry
from tests.browser import handover_urls
from tests.browser.look import assert_good
from tests.payments.providers.samples import build
from tests.support.accessibility import violations
from tests.support.sandbox_process import SandboxProcess

PROVIDERS = sorted(registry.providers())
pytestmark = pytest.mark.urls("tests.browser.handover_urls")
PHONE = "Mozilla/5.0 (Linux; Android 15; Sample) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as sandbox:
        handover_urls.environment.update(sandbox.environment)
        yield sandbox


@pytest.fixture
def page(browser: Browser, live_server: object, sandbox: SandboxProcess) -> Iterator[Page]:
    sandbox.request("DELETE", "/control/payments")
    viewport = {"width": 390, "height": 844}
    context = browser.new_context(base_url=live_server.url, locale="ko-KR", user_agent=PHONE, viewport=viewport)  # type: ignore[arg-type, attr-defined]
    yield context.new_page()
    context.close()


def arrive(page: Page, name: str) -> None:
    page.goto(f"/test-begin/{name}/")
    page.get_by_role("button", name="pay").press("Enter")
    page.wait_for_selector("text=연습용 결제창입니다")


def came_back(page: Page) -> tuple[str, dict[str, str]]:
    page.wait_for_url("**/test-back/**")
    parts = urlsplit(page.url)
    return parts.path.rpartition("/")[2], dict(parse_qsl(parts.query))


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_fine_is_paid_on_a_phone_by_keyboard_alone(page: Page, name: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda entry: complaints.append(entry.text) if "Content Security Policy" in entry.text else None)
    arrive(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []
    page.keyboard.press("Tab")  # onto the choices
    assert page.evaluate("document.activeElement.name") == "outcome"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    how, query = came_back(page)
    returned = build(name, handover_urls.environment).read_return(query)
    assert (how, returned.code) == ("success", "")
    assert complaints == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_who_gives_up_is_sent_back(page: Page, name: str) -> None:
    arrive(page, name)
    page.get_by_role("button", name="결제 취소").press("Enter")
    _, query = came_back(page)
    assert build(name, handover_urls.environment).read_return(query).code


STANDS_STILL = "window.TossPayments = () => ({payment: () => ({requestPayment: () => new Promise(() => {})})});"


@pytest.mark.parametrize("name", ["toss_payments", "kakaopay"])
def test_the_step_between_is_accessible_at_every_size(page: Page, name: str) -> None:
    page.route("**/v2/standard", lambda route: route.fulfill(body=STANDS_STILL, content_type="text/javascript"))
    page.route("**/kakaopay/mobile/**", lambda route: route.fulfill(status=204))  # nothing there: the browser stays
    page.goto(f"/test-begin/{name}/")
    page.get_by_role("button", name="pay").press("Enter")
    page.get_by_text("결제 화면 열기").wait_for()
    assert_good(page, f"{name}, handover")


def test_without_javascript_a_window_says_so(browser: Browser, live_server: object, sandbox: SandboxProcess) -> None:
    context = browser.new_context(base_url=live_server.url, locale="ko-KR", java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/test-begin/toss_payments/")
    page.get_by_role("button", name="pay").press("Enter")
    page.get_by_text("결제 화면 열기").wait_for()
    assert "<noscript>" in page.content() and "자바스크립트가 있어야" in page.content()
    context.close()


def test_a_window_whose_script_is_blocked_sends_the_citizen_back(page: Page) -> None:
    page.route("**/v2/standard", lambda route: route.abort())
    page.goto("/test-begin/toss_payments/")
    page.get_by_role("button", name="pay").press("Enter")
    how, query = came_back(page)
    assert (how, query["code"], query["orderId"]) == ("fail", "WINDOW_NOT_OPENED", "ps-browser-toss_payments")
