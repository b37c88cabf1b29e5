"""The preferences in a browser: every page and state at every size, and all of it by keyboard without JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from subscriptions.models import Citizen, Contact, TossLink
from subscriptions.web.session import signed_in as sessions
from tests.browser.look import assert_good
from tests.browser.test_citizen_pages import tab_to, type_into
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed
from tests.support.chromium import press, take_session

pytestmark = pytest.mark.usefixtures("offered", "provider")
TOSS = {
    **{f"APPS_IN_TOSS_{name}": "/nowhere" for name in ("CERT", "KEY", "AAD")},
    "APPS_IN_TOSS_DECRYPTION_KEY": "a2V5",
    "APPS_IN_TOSS_MINI_APP_URL": "https://mini-app.example/",
}


@pytest.fixture
def alice(offered: None) -> Citizen:
    return cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")


def signed_in(browser: Browser, live_server: Any, **options: Any) -> Page:
    page: Page = browser.new_context(base_url=live_server.url, locale="ko-KR", **options).new_page()
    client = Client()
    confirmed(client, "/settings/sign-in/")
    take_session(page, client, live_server.url)
    return page


def test_the_preferences_are_accessible_at_every_size_in_every_state(
    browser: Browser, live_server: Any, alice: Citizen, settings: Any
) -> None:
    settings.ADAPTER_CONFIG = TOSS
    page = signed_in(browser, live_server)
    for path in ("channels", "hours", "calm", "reading", "number", "toss", "history"):
        page.goto(f"/settings/{path}/")
        assert_good(page, f"settings, {path}")
    page.goto("/settings/channels/")
    page.uncheck("input[value=kakaotalk]")
    page.uncheck("input[value=sms]")
    press(page)
    assert_good(page, "settings, channels, none")
    page.check("input[value=sms]")
    press(page)
    page.go_back()  # over the page with the error, which asks to send nothing once more
    assert page.is_checked("input[value=sms]") and page.locator(".error-summary").count() == 0
    page.goto("/settings/hours/")
    page.check("input[value=own]")
    page.select_option("#id_starts", "21:00")
    page.select_option("#id_ends", "07:00")
    press(page)
    assert_good(page, "settings, hours, refused")
    page.select_option("#id_starts", "07:00")
    page.select_option("#id_ends", "00:00")
    press(page)
    assert_good(page, "settings, with undo")
    page.context.close()


def test_with_the_largest_letters_a_page_begins_on_the_upper_half_of_a_phone(
    browser: Browser, live_server: Any, alice: Citizen
) -> None:
    page = signed_in(browser, live_server, viewport={"width": 390, "height": 844})
    page.context.add_cookies([{"name": "text_size", "value": "150", "url": live_server.url}])
    for path in ("/inbox/", "/settings/hours/", "/my-data/"):
        page.goto(path)
        assert page.get_attribute("html", "class") == "size-150"
        heading, button = page.locator("h1").bounding_box(), page.locator("#session-end button").bounding_box()
        assert heading and heading["y"] < 844 / 2, path
        assert button and button["height"] >= 44, path
        assert page.evaluate("getComputedStyle(document.body).fontSize") == "25.5px", path
    page.context.close()


def test_linking_toss_is_accessible_at_every_size_in_every_state(
    browser: Browser, live_server: Any, alice: Citizen, settings: Any
) -> None:
    settings.ADAPTER_CONFIG = TOSS
    page = signed_in(browser, live_server)
    page.goto("/settings/toss/")
    press(page)
    assert_good(page, "settings, toss, code")
    link = TossLink.objects.get()
    for state in (TossLink.ANOTHER_PERSON, TossLink.REFUSED):
        TossLink.objects.update(state=state)
        page.goto("/settings/toss/")
        assert_good(page, f"settings, toss, {state}")
    TossLink.objects.update(state=TossLink.WAITING, expires_at=timezone.now() - timedelta(minutes=1))
    page.goto("/settings/toss/")
    assert_good(page, "settings, toss, expired")
    contact = Contact(citizen=link.citizen, kind=Contact.TOSS_USER_KEY, verified_at=timezone.now())
    contact.value = "443000001"
    contact.save()
    page.goto("/settings/toss/")
    assert_good(page, "settings, toss, linked")
    page.context.close()


def test_by_keyboard_and_without_a_script_the_order_changes_and_is_taken_back(
    browser: Browser, live_server: Any, alice: Citizen
) -> None:
    page = signed_in(browser, live_server, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/settings/")
    tab_to(page, "a[href='/settings/channels/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/channels/")
    type_into(page, "id_channel_1", " ")
    tab_to(page, "button[value='up naver']")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[value='down naver']:focus")
    assert page.get_attribute("#id_channel_0", "value") == "naver"
    type_into(page, "id_channel_1", " ")  # Enter in a box saves, and moves nothing
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/")
    assert list(alice.channels.values_list("channel", flat=True)) == ["naver", "sms"]
    tab_to(page, "form[action='/settings/undo/'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=마지막 변경을 되돌렸습니다")
    assert list(alice.channels.values_list("channel", flat=True)) == ["kakaotalk", "sms"]
    page.goto("/settings/hours/")
    tab_to(page, "#id_which_0")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#id_ends")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    tab_to(page, "button.primary, input.primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/")
    assert Citizen.objects.get().hours_to is not None
    page.context.close()


SEEK = "seconds => document.getAnimations().forEach(each => { each.currentTime = seconds * 1000 })"
DELAYS = "document.getAnimations().map(each => each.effect.getTiming().delay / 1000)"


def test_without_a_script_a_page_that_stays_open_warns_by_its_style_sheet(
    browser: Browser, live_server: Any, alice: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MINUTES_TO_FINISH", 4)
    page = signed_in(browser, live_server, reduced_motion="reduce", viewport={"width": 390, "height": 844})
    page.route("**/*.js", lambda route: route.abort())  # the test itself looks by script
    page.goto("/settings/number/")
    page.fill("#id_phone", "010-0000-00")
    bar, warned, ended = page.locator("#session-end"), page.locator(".warned"), page.locator(".ended")
    left = int(page.get_attribute("#session-end", "data-seconds") or 0)
    end = -(-left // 10) * 10
    assert set(page.evaluate(DELAYS)) == {end - 120, end}
    page.evaluate(SEEK, end - 121)
    assert bar.is_visible() and not warned.is_visible() and not ended.is_visible()
    page.mouse.wheel(0, 400)
    page.evaluate(SEEK, end - 119)
    assert warned.is_visible() and not ended.is_visible() and "로그인되어 있습니다" in bar.inner_text()
    box = bar.bounding_box()
    assert box is not None and box["y"] == 0  # it stays in sight
    assert_good(page, "settings, the end is near without a script")
    page.evaluate(SEEK, end + 1)
    assert ended.is_visible() and not warned.is_visible()
    assert page.input_value("#id_phone") == "010-0000-00"
    page.context.close()
