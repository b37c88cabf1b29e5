from typing import Any

import pytest
from playwright.sync_api import Browser

from subscriptions.models import Citizen
from tests.browser.look import assert_good, wait_for_focus
from tests.browser.test_citizen_pages import tab_to, type_into
from tests.subscriptions import cast
from tests.support.chromium import press

pytestmark = pytest.mark.usefixtures("offered")


@pytest.fixture
def official() -> Any:
    return cast.official()


@pytest.fixture
def page(browser: Browser, live_server: Any, official: Any) -> Any:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 844})
    page = context.new_page()
    page.goto("/officials/")
    page.fill("#id_username", "official")
    page.fill("#id_password", "right-password-1")
    press(page)
    page.wait_for_url("**/officials/")
    yield page
    context.close()


def test_a_senior_is_registered_by_keyboard_only_in_the_order_of_the_paper_form(page: Any) -> None:
    wait_for_focus(page, "#id_paper_form")
    page.keyboard.type("A-1")
    for text in ("최어르신", "19480509", "01000000005"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    for radio in [found.get_attribute("id") for found in page.query_selector_all("input[value=yes]")]:
        type_into(page, str(radio), " ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/slip/")
    wait_for_focus(page, "main a.primary")  # "register the next person"
    page.keyboard.press("Enter")
    page.wait_for_url("**/officials/")
    wait_for_focus(page, "#id_paper_form")
    assert Citizen.objects.get().name == "최어르신"


def test_the_officials_pages_are_accessible_at_every_size(page: Any, official: Any) -> None:
    assert_good(page, "register")
    press(page)
    assert_good(page, "register, errors")
    page.goto("/officials/list/")
    assert_good(page, "list, empty")
    citizen = cast.register(official)
    for path in ("/officials/list/", f"/officials/list/{citizen.pk}/", f"/officials/list/{citizen.pk}/end/"):
        page.goto(path)
        assert_good(page, path)
    tab_to(page, "#id_reason")


def test_the_log_in_is_accessible_at_every_size(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/officials/login/")
    assert_good(page, "log-in")
    press(page)
    assert_good(page, "log-in, errors")
    context.close()
