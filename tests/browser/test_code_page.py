"""The page that asks for the code, and two windows, as a person with a phone meets them."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from subscriptions.models import Citizen
from tests.browser.look import assert_good
from tests.browser.test_citizen_pages import plain as plain
from tests.browser.test_citizen_pages import prove
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.support.chromium import press

pytestmark = pytest.mark.usefixtures("offered", "provider")
WAYS = pytest.mark.parametrize("way", ["/sign-up/", "/settings/sign-in/"])


@WAYS
def test_asking_for_another_code_too_soon_does_not_lose_the_first(phone: Page, way: str) -> None:
    cast.enrol(cast.person(1))
    prove(phone, way)
    with phone.expect_navigation():
        phone.click("main form[action$='/again/'] button")
    assert "방금 인증번호를 보냈습니다" in phone.inner_text(".error-summary")
    assert_good(phone, "code, asked for again too soon")
    phone.fill("#id_code", CODE)
    press(phone)
    assert phone.url.endswith("/inbox/" if "settings" in way else "/sign-up/channels/")


@WAYS
def test_after_five_wrong_codes_only_a_new_one_is_offered(phone: Page, way: str) -> None:
    prove(phone, way)
    for _ in range(5):
        phone.fill("#id_code", "000000")
        press(phone)
    assert "5번 잘못 입력하셔서" in phone.inner_text(".error-summary")
    assert phone.query_selector("#id_code") is None
    assert_good(phone, "code, used up")
    phone.goto(f"{way}code/")
    assert "5번 잘못 입력하셔서" in phone.inner_text(".note")
    assert_good(phone, "code, used up, read again")


def test_the_time_runs_down_beside_the_hour_at_which_it_ends(phone: Page, settings: Any) -> None:
    settings.IDENTITY_CODE_SECONDS = 60
    phone.clock.install()
    prove(phone)
    hint = phone.locator("#id_code_helptext")
    expect(hint).to_contain_text("까지 입력해 주세요")
    expect(hint).to_contain_text("남은 시간 0분")
    phone.clock.run_for(60_000)
    expect(hint).to_contain_text("시간이 지났습니다. 새 인증번호를 받아 주세요")
    settings.IDENTITY_CODE_SECONDS = 0  # the server's clock has not been moved
    assert_good(phone, "code, time over")
    phone.fill("#id_code", CODE)
    press(phone)
    assert "끝났습니다. 새 인증번호를 받아 주세요" in phone.inner_text(".error-summary")


def test_without_a_script_the_page_says_the_end_as_an_hour(plain: Page) -> None:
    prove(plain)
    assert "까지 입력해 주세요" in plain.inner_text("#id_code_helptext")
    assert "남은 시간" not in plain.inner_text("#id_code_helptext")


def test_two_windows_end_with_what_was_read_last(phone: Page) -> None:
    prove(phone)
    phone.fill("#id_code", CODE)
    press(phone)
    phone.uncheck("input[name=channel][value=sms]")
    press(phone)
    phone.check("input[value=traffic_fine]")
    press(phone)
    for agree in phone.query_selector_all("input[value=yes]"):
        agree.check()
    press(phone)
    second = phone.context.new_page()
    second.goto("/sign-up/channels/")
    second.check("input[name=channel][value=naver]")
    second.uncheck("input[name=channel][value=kakaotalk]")
    press(second)
    press(phone)
    assert "앞서 보신 내용: 카카오톡" in phone.inner_text("main")
    assert_good(phone, "check, changed")
    assert not Citizen.objects.exists()
    press(phone)
    assert list(Citizen.objects.get().channels.values_list("channel", flat=True)) == ["naver"]
