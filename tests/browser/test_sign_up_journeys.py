"""Whole ways of a person: by few taps, and by the code to the number."""

import pytest
from playwright.sync_api import Page

from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen, Contact, PhoneCode
from tests.browser.look import assert_good
from tests.browser.test_citizen_pages import plain as plain
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE, FakeProvider
from tests.support.chromium import press

pytestmark = pytest.mark.usefixtures("offered")
MOST_TAPS = 12


class Finger:
    """Taps on what is no text field, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, selector: str, *, leads_on: bool = False) -> None:
        self.taps += 1
        if not leads_on:
            self.page.click(selector)
            return
        with self.page.expect_navigation():
            self.page.click(selector)


def test_a_person_signs_up_in_twelve_taps_and_is_signed_in(phone: Page, provider: FakeProvider) -> None:
    for code in ("fine_two", "fine_three", "fine_four", "fine_five"):
        cast.offer(code, group="traffic")
    finger = Finger(phone)
    phone.goto("/")
    finger.tap("main a.primary", leads_on=True)
    phone.fill("#id_name", "홍길동")
    phone.fill("#id_phone", "01000000001")
    finger.tap("label[for=id_carrier_1]")
    phone.fill("#id_identity_number", "8503141")
    finger.tap("main button.primary", leads_on=True)
    phone.fill("#id_code", CODE)
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main button.primary", leads_on=True)  # KakaoTalk, then a text message
    finger.tap("button[name=all][value=traffic]", leads_on=True)
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main .consent label:text-is('동의')")
    finger.tap(".together label")
    assert_good(phone, "consent, together")
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main button.primary", leads_on=True)
    assert "신청이 끝났습니다" in phone.inner_text("h1")
    assert finger.taps <= MOST_TAPS, finger.taps
    citizen = Citizen.objects.get()
    assert citizen.subscriptions.count() == citizen.consents.count() - 1 == 5  # each consent is a record of its own
    assert list(citizen.channels.values_list("channel", flat=True)) == ["kakaotalk", "sms"]
    phone.click("nav >> text=내 설정")
    phone.wait_for_url("**/settings/")  # signed in, by the bar


def test_a_returning_person_gives_the_number_and_one_code_without_a_script(plain: Page, provider: FakeProvider) -> None:
    enrolled = cast.enrol(cast.person(1))
    Contact.objects.update(verified_at=clock_now())
    plain.goto("/")
    plain.click("header >> text=로그인")
    plain.fill("#id_phone", "010-0000-0001")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/sign-in/code/")
    assert "가입하셨다면" in plain.inner_text("main")
    plain.fill("#id_code", PhoneCode.objects.get().held()[1])
    plain.keyboard.press("Enter")
    plain.wait_for_url(lambda url: "/sign-in/" not in url)
    plain.goto("/settings/more/")
    plain.check("input[value=health_checkup]")
    assert "까지 로그인되어 있습니다" in plain.inner_text("#session-end")
    plain.click("#session-end >> text=30분 더")
    assert plain.is_checked("input[value=health_checkup]")
    plain.goto("/settings/sign-in/")
    assert "010-****-0001" in plain.inner_text("main") and not plain.query_selector("#id_name")
    plain.check("input[value=KT]")
    with plain.expect_navigation():
        plain.click("button[name=app]")
    press(plain)
    assert "아직 인증되지 않았습니다" in plain.inner_text(".error-summary")
    provider.people["+821000000001"] = cast.person(1)
    provider.approved |= set(provider.waiting)
    press(plain)
    for page in ("/settings/more/", "/settings/end/", "/"):
        plain.goto(page)
        plain.click("header >> text=로그아웃", trial=True)  # a way out of every page
        plain.click("nav >> text=내야 할 돈", trial=True)
    plain.click("header >> text=로그아웃")
    assert enrolled.pk == Citizen.objects.get().pk


def test_the_pages_of_the_sign_in_are_accessible_at_every_size(phone: Page, provider: FakeProvider) -> None:
    cast.enrol(cast.person(1))
    Contact.objects.update(verified_at=clock_now())
    phone.goto("/sign-in/")
    assert_good(phone, "sign in")
    phone.fill("#id_phone", "010-0000-0001")
    press(phone)
    assert_good(phone, "sign in, code")
    phone.fill("#id_code", PhoneCode.objects.get().held()[1])
    press(phone)
    phone.goto("/settings/sign-in/")
    assert_good(phone, "full check of a known person")
    phone.check("input[value=KT]")
    with phone.expect_navigation():
        phone.click("button[name=app]")
    assert_good(phone, "code, app")
