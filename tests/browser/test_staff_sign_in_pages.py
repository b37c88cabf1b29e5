"""The pages of the second factor, on both sites of the staff, and the clock of their sessions, in a browser."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page

from subscriptions.accounts.second_factor import CODES, codes_left
from subscriptions.models import Official
from tests.browser.look import assert_good
from tests.browser.test_call_centre_pages import assert_fits
from tests.subscriptions import cast
from tests.support.authenticators import code_for
from tests.support.chromium import press

pytestmark = pytest.mark.usefixtures("offered")


@pytest.fixture
def person(settings: Any, offered: None) -> User:
    settings.STAFF_TOTP_REQUIRED = True
    user = cast.official("person").user
    user.is_staff = True
    user.save()
    return user


def submit(page: Page) -> None:
    page.click("main form[method=post] button.primary")


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}login/")
    page.fill("#id_username", "person")
    page.fill("#id_password", "right-password-1")
    page.press("#id_password", "Enter")
    page.wait_for_url("**/login/*/")


@pytest.mark.parametrize("site", ["/officials/", "/admin/"])
def test_the_second_factor_is_set_up(browser: Browser, live_server: Any, person: User, site: str) -> None:
    look = assert_good if site == "/officials/" else assert_fits
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    page, name = context.new_page(), site.strip("/")
    sign_in(page, site)
    look(page, f"{name} second factor, set up")
    page.fill("#id_code", "000000")
    submit(page)
    page.locator("#id_code").wait_for()
    look(page, f"{name} second factor, wrong code")
    page.fill("#id_code", code_for(page.content()))
    submit(page)
    page.wait_for_url("**/second-factor/codes/")
    look(page, f"{name} recovery codes")
    code = page.locator(".recovery-codes li").first.inner_text()
    submit(page)
    page.goto(f"{site}second-factor/")
    look(page, f"{name} my second factor")
    page.goto(f"{site}more-time/")
    look(page, f"{name} more time")
    context.clear_cookies()
    sign_in(page, site)
    look(page, f"{name} code")
    page.click("main a[href$='/recovery/']")
    page.wait_for_url("**/recovery/")
    page.fill("#id_code", "00000-00000")
    submit(page)
    page.locator("#id_code").wait_for()
    look(page, f"{name} recovery code, wrong")
    page.fill("#id_code", code)
    submit(page)
    page.wait_for_url("**/second-factor/")
    assert codes_left(person) == CODES - 1
    context.close()


def test_the_office_manager(browser: Browser, live_server: Any, settings: Any, person: User) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    cast.register(cast.official("clerk"))
    Official.objects.filter(user=person).update(manager=True)
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    page = context.new_page()
    page.goto("/officials/login/")
    page.fill("#id_username", "person")
    page.fill("#id_password", "right-password-1")
    press(page)
    page.wait_for_url("**/officials/list/")
    assert_good(page, "manager, the office's list")
    page.click("table a")
    page.wait_for_url("**/officials/list/*/")
    assert_good(page, "manager, an entry")
    page.goto("/officials/staff/")
    assert_good(page, "manager, officials")
    page.fill("#id_new_name", "no such name")
    press(page)
    page.locator("#error-summary, .error-summary").wait_for()
    assert_good(page, "manager, officials, wrong name")
    page.fill("#id_new_name", "newcomer")
    press(page)
    page.locator("dl.answers").wait_for()
    assert_good(page, "manager, an invitation")
    page.goto("/officials/staff/")
    page.click("table a[href$='/']:has-text('newcomer')")
    page.wait_for_url("**/officials/staff/*/")
    assert_good(page, "manager, an official")
    for address, name in (("/officials/lists/", "lists"), ("/officials/", "not hers")):
        page.goto(address)
        assert_good(page, f"manager, {name}")
    context.clear_cookies()
    page.goto("/officials/invitation/")
    assert_good(page, "invitation")
    lock_out(page)
    assert_good(page, "locked out")
    context.close()


def lock_out(page: Page) -> None:
    for _try in range(5):
        page.goto("/officials/login/")
        page.fill("#id_username", "clerk0")
        page.fill("#id_password", "wrong")
        press(page)
    page.locator("main .lead:has-text('로그인하실 수 없습니다')").wait_for()


def test_two_minutes_before_the_end_the_page_warns_and_the_button_keeps_what_was_typed(
    browser: Browser, live_server: Any, settings: Any, person: User
) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    settings.SESSION_COOKIE_AGE = 119
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("#id_username", "person")
    page.fill("#id_password", "right-password-1")
    page.press("#id_password", "Enter")
    page.wait_for_url("**/admin/")
    page.goto("/admin/password_change/")
    page.fill("#id_new", "half-typed")
    page.locator(".session-end.soon").wait_for()
    assert_fits(page, "admin session ends soon")
    settings.SESSION_COOKIE_AGE = 1000
    page.click("[data-more]")
    page.locator(".session-end:not(.soon)").wait_for()
    assert page.input_value("#id_new") == "half-typed"
    context.close()
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/officials/login/")
    page.fill("#id_username", "person")
    page.fill("#id_password", "right-password-1")
    press(page)
    page.fill("#id_paper_form", "A-77")
    with plain.expect_page() as opened:
        page.click("[data-more]")
    opened.value.locator("[data-until]").wait_for()
    assert page.input_value("#id_paper_form") == "A-77"
    plain.close()
