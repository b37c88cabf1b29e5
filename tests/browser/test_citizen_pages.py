from typing import Any

import pytest
from django.test import RequestFactory
from playwright.sync_api import Browser, Page

from secretary.ops.views import unavailable
from subscriptions.models import Citizen
from tests.browser.look import assert_good, wait_for_focus
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.support.chromium import press

pytestmark = pytest.mark.usefixtures("offered", "provider")


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Any:
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser, live_server: Any) -> Any:
    """JavaScript off."""
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    yield context.new_page()
    context.close()


def prove(page: Page, way: str = "/sign-up/") -> None:
    page.goto(way)
    page.fill("#id_name", "홍길동")
    page.fill("#id_phone", "010-0000-0001")
    page.check("input[value=KT]")
    page.fill("#id_identity_number", "8503141")
    press(page)


def test_every_page_of_the_sign_up_is_accessible_at_every_size_errors_included(page: Any) -> None:
    page.goto("/")
    assert_good(page, "landing")
    page.goto("/sign-up/")
    assert_good(page, "identify")
    press(page)
    assert_good(page, "identify, errors")
    wait_for_focus(page, ".error-summary")
    prove(page)
    assert_good(page, "code")
    page.fill("#id_code", "000000")
    press(page)
    assert_good(page, "code, wrong")
    page.fill("#id_code", CODE)
    press(page)
    assert_good(page, "channels")
    page.uncheck("input[name=channel][value=kakaotalk]")
    page.uncheck("input[name=channel][value=sms]")
    press(page)
    assert_good(page, "channels, errors")
    page.check("input[name=channel][value=kakaotalk]")
    page.check("input[name=channel][value=sms]")
    press(page)
    assert_good(page, "data types")
    press(page)
    assert_good(page, "data types, errors")
    page.check("input[value=traffic_fine]")
    page.check("input[value=health_checkup]")
    press(page)
    assert_good(page, "consent")
    press(page)
    assert_good(page, "consent, errors")
    for agree in page.query_selector_all("input[value=yes]"):
        agree.check()
    press(page)
    assert_good(page, "check")
    press(page)
    assert_good(page, "done")


@pytest.mark.parametrize(
    ("words", "first"), [("ko", "꼭 필요한 행정 알림,"), ("en", "What the state has to tell you,")]
)
def test_the_headline_breaks_between_its_two_halves_on_a_phone(
    page: Any, live_server: Any, words: Any, first: Any
) -> None:
    page.context.add_cookies([{"name": "django_language", "value": words, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    halves = page.locator("h1 .phrase")
    assert halves.first.inner_text() == first
    top, bottom = halves.all()
    assert bottom.bounding_box()["y"] >= top.bounding_box()["y"] + top.bounding_box()["height"] - 1
    assert_good(page, f"landing, {words}")


def test_the_settings_are_accessible_at_every_size(page: Any) -> None:
    cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    page.goto("/settings/")
    assert_good(page, "settings, identify")
    prove(page, "/settings/sign-in/")
    page.fill("#id_code", CODE)
    press(page)
    assert_good(page, "settings")
    for path in ("/settings/end/traffic_fine/", "/settings/end/", "/settings/undo/", "/nowhere/", "/settings/more/"):
        page.goto(path)
        assert_good(page, path)
    page.check("input[value=health_checkup]")
    press(page)
    assert_good(page, "more kinds, consent")
    page.goto("/settings/number/")
    assert_good(page, "number")
    prove(page, "/settings/number/?other=1")
    assert_good(page, "number, code")


def test_the_page_while_the_database_is_away_is_accessible_at_every_size(page: Any) -> None:
    answer = unavailable(RequestFactory().get("/", headers={"accept": "text/html"}))
    page.route("**/away/", lambda route: route.fulfill(status=503, content_type="text/html", body=answer.content))
    page.goto("/away/")
    assert page.inner_text("h1") == "잠시 연결할 수 없습니다"
    assert_good(page, "unavailable")


def test_a_link_of_the_error_summary_leads_to_its_field(page: Any) -> None:
    page.goto("/sign-up/")
    press(page)
    for field in ("id_name", "id_phone", "id_carrier_0", "id_identity_number"):
        page.click(f".error-summary a[href='#{field}']")
        wait_for_focus(page, f"#{field}")
        assert page.evaluate("document.activeElement.id") == field


def test_without_a_script_and_by_keyboard_only_a_person_signs_up(plain: Any) -> None:
    plain.goto("/")
    plain.focus("main a.primary")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/sign-up/")
    type_into(plain, "id_name", "홍길동")
    type_into(plain, "id_phone", "01000000001")
    type_into(plain, "id_carrier_0", " ")
    type_into(plain, "id_identity_number", "8503141")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/code/")
    type_into(plain, "id_code", CODE)
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/channels/")
    tab_to(plain, "#id_channel_2")  # KakaoTalk and a text message are ticked
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/data-types/")
    type_into(plain, "id_traffic_0", " ")
    tab_to(plain, "button.primary")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/consent/")
    for radio in [found.get_attribute("id") for found in plain.query_selector_all("input[value=yes]")]:
        type_into(plain, str(radio), " ")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/check/")
    tab_to(plain, "main button.primary")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/done/")
    assert list(Citizen.objects.get().channels.values_list("channel", flat=True)) == ["kakaotalk", "sms"]


def test_text_size_and_contrast_survive_the_next_page_without_a_script(plain: Any) -> None:
    plain.goto("/")
    plain.fill("#check-code", "K7MP")
    plain.click(".display summary")
    plain.click("button[value='150']")
    plain.click(".display summary")
    plain.click("button[name=set-contrast]")
    assert (
        plain.url.count("/") == 3 and plain.input_value("#check-code") == "K7MP"
    )  # typed into the form of another page
    plain.goto("/sign-up/")
    assert plain.get_attribute("html", "class") == "size-150 contrast"


def type_into(page: Page, identity: str, text: str) -> None:
    tab_to(page, f"#{identity}")
    page.keyboard.type(text)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; it must be seen, and nothing may trap the way to it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"no visible focus on {selector}"
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")
