"""Whole ways of a person: by few taps, by the code to the number, and by a person who repeats every step."""

import unicodedata
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, Page, expect

from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen, Contact, PhoneCode
from subscriptions.web.session import sent_code, signed_in
from tests.browser.look import DISPLAYS, assert_good
from tests.browser.test_citizen_pages import plain as plain
from tests.browser.test_citizen_pages import prove
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE, FakeProvider
from tests.subscriptions.web.test_booking_link import PUBLIC, link
from tests.support.chromium import press

pytestmark = pytest.mark.usefixtures("offered")
MOST_TAPS, MOST_SECONDS = 12, 120
# A newcomer's pace by the keystroke-level model (Card, Moran, Newell, CACM 23/7, 1980), in seconds: a key of a person
# who does not know the keyboard, pointing, and thinking before it. And how long the code takes to arrive.
KEY, POINT, THINK, CODE_ARRIVES = 1.2, 1.1, 1.35, 10


class Finger:
    """Taps on what is no text field, types, and counts both."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.fields, self.keys, self.pages = page, 0, 0, 0, 1

    @property
    def seconds(self) -> float:
        """Return how long a newcomer takes, who thinks once at each page too; texts to read are not counted."""
        acts = self.taps + self.fields
        return acts * (POINT + THINK) + self.keys * KEY + self.pages * THINK + CODE_ARRIVES

    def type(self, selector: str, text: str) -> None:
        """A syllable takes a key for each of its letters."""
        self.page.fill(selector, text)
        self.fields += 1
        self.keys += len(unicodedata.normalize("NFD", text))

    def tap(self, selector: str, *, leads_on: bool = False) -> None:
        self.taps += 1
        self.pages += leads_on
        if not leads_on:
            self.page.click(selector)
            return
        with self.page.expect_navigation():
            self.page.click(selector)


def sessions_of(context: BrowserContext) -> SessionStore:
    [cookie] = [each for each in context.cookies() if each["name"] == "session"]
    return SessionStore(cookie["value"])


def set_session(context: BrowserContext, **values: Any) -> None:
    store = sessions_of(context)
    for name, value in values.items():
        store[name] = value
    store.save()


def identified(page: Page) -> None:
    """Pass the identity check of a sign-up."""
    prove(page)
    page.fill("#id_code", CODE)
    press(page)


def come_to_the_kinds(finger: Finger) -> None:
    """From the first page of the sign-up."""
    finger.type("#id_name", "홍길동")
    finger.type("#id_phone", "01000000001")
    finger.tap("label[for=id_carrier_1]")
    finger.type("#id_identity_number", "8503141")
    finger.tap("main button.primary", leads_on=True)
    finger.type("#id_code", CODE)
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main button.primary", leads_on=True)  # KakaoTalk, then a text message


def test_a_person_signs_up_in_twelve_taps_and_two_minutes_and_is_signed_in(phone: Page, provider: FakeProvider) -> None:
    for code in ("fine_two", "fine_three", "fine_four", "fine_five"):
        cast.offer(code, group="traffic")
    finger = Finger(phone)
    phone.goto("/")
    finger.tap("main a.primary", leads_on=True)
    come_to_the_kinds(finger)
    finger.tap("button[name=all][value=traffic]", leads_on=True)
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main .consent label:text-is('동의')")
    finger.tap(".together label")
    assert_good(phone, "consent, together")
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main button.primary", leads_on=True)
    assert "신청이 끝났습니다" in phone.inner_text("h1")
    assert finger.taps <= MOST_TAPS, finger.taps
    assert finger.seconds <= MOST_SECONDS, finger.seconds
    citizen = Citizen.objects.get()
    assert citizen.subscriptions.count() == citizen.consents.count() - 1 == 5  # each consent is a record of its own
    assert list(citizen.channels.values_list("channel", flat=True)) == ["kakaotalk", "sms"]
    phone.click("nav >> text=내 설정")
    phone.wait_for_url("**/settings/")  # signed in, by the bar


def test_who_comes_from_a_booking_site_sees_what_it_has_ticked_and_signs_up_in_twelve_taps(
    phone: Page, provider: FakeProvider, settings: Any
) -> None:
    settings.BOOKING_SITE_KEYS = {"ncvr": PUBLIC}
    finger = Finger(phone)
    phone.goto(link(until=int(clock_now().timestamp()) + 3600))
    come_to_the_kinds(finger)
    assert phone.url.endswith("/data-types/") and phone.is_checked("input[value=health_checkup]")
    assert "예약 누리집을 통해 오셔서" in phone.inner_text("main .note")
    assert_good(phone, "data types, from a booking site", checked=DISPLAYS[4:])
    finger.tap("main button.primary", leads_on=True)
    for agree in phone.query_selector_all("main .consent label:text-is('동의')"):
        finger.taps += 1
        agree.click()
    finger.tap("main button.primary", leads_on=True)
    finger.tap("main button.primary", leads_on=True)
    assert "신청이 끝났습니다" in phone.inner_text("h1") and finger.taps <= MOST_TAPS, finger.taps
    assert [each.data_type.code for each in Citizen.objects.get().subscriptions.all()] == ["health_checkup"]


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


def test_a_person_who_changes_the_display_while_typing_loses_nothing(phone: Page, provider: FakeProvider) -> None:
    phone.goto("/sign-up/")
    phone.fill("#id_name", "홍길동")
    phone.fill("#id_phone", "01000000001")
    phone.check("input[value=KT]")
    phone.fill("#id_identity_number", "85031")
    phone.click("button[name=set-language]")
    phone.click("summary")
    phone.click("button[name=set-size][value='150']")
    phone.click("button[name=set-language]")
    typed = [phone.input_value(f"#id_{name}") for name in ("name", "phone", "identity_number")]
    assert typed == ["홍길동", "01000000001", "85031"] and phone.is_checked("input[value=KT]")
    assert phone.get_attribute("html", "class") == "size-150"
    press(phone)
    assert "7자리" in phone.inner_text(".error-summary")
    phone.fill("#id_identity_number", "8503141")
    phone.press("#id_identity_number", "Enter")  # sends the form, not one of the header's buttons
    phone.wait_for_url("**/sign-up/code/")


def test_a_page_in_another_text_size_is_read_again_and_not_posted_again(
    phone: Page, plain: Page, provider: FakeProvider
) -> None:
    """With nothing typed by a redirect, without a script too; else by a script."""
    for page, typed in ((plain, ""), (phone, "홍길동")):
        page.goto("/sign-up/")
        page.fill("#id_name", typed)
        page.click("summary")
        with page.expect_navigation():
            page.click("button[name=set-size][value='130']")
        assert page.input_value("#id_name") == typed and page.get_attribute("html", "class") == "size-130"
        for again in (page.reload(), page.goto("/verify/") and page.go_back()):
            assert again is not None and (again.request.method, again.status) == ("GET", 200), typed


def test_a_person_who_repeats_the_step_of_the_code_loses_nothing(
    phone: Page, provider: FakeProvider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove(phone)
    phone.fill("#id_code", "000000")
    press(phone)
    phone.reload()
    phone.click("text=이전")
    phone.wait_for_url("**/sign-up/")
    assert phone.input_value("#id_name") == "홍길동"
    settings.IDENTITY_CODE_SECONDS = 0
    phone.goto("/sign-up/code/")
    assert "끝났습니다" in phone.inner_text("main")
    settings.IDENTITY_CODE_SECONDS = 180
    monkeypatch.setattr(sent_code, "RESEND_SECONDS", 0)
    phone.goto("/sign-up/code/")
    with phone.expect_navigation():
        phone.click("main form[action$='/again/'] button")
    phone.fill("#id_code", CODE)
    press(phone)
    phone.go_back()  # to the code that is used
    phone.goto("/sign-up/")
    assert "본인확인을 마쳤습니다" in phone.inner_text("h1")
    assert_good(phone, "identified")
    phone.click("main a.primary")
    phone.wait_for_url("**/channels/")


def test_a_person_who_repeats_the_steps_of_choosing_loses_nothing(
    phone: Page, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    identified(phone)
    press(phone)
    phone.check("input[value=traffic_fine]")
    phone.click("text=이전")
    phone.wait_for_url("**/channels/")
    press(phone)
    assert phone.is_checked("input[value=traffic_fine]")
    press(phone)
    phone.check("main .consent input[value=yes] >> nth=0")
    set_session(phone.context, draft_until=clock_now().timestamp() + 119)
    with monkeypatch.context() as patch:
        patch.setattr(signed_in, "MINUTES_TO_FINISH", 0)
        phone.goto("/sign-up/consent/")
        expect(phone.locator("#session-end")).to_contain_text("남았습니다")
        phone.check("main .consent input[value=yes] >> nth=0")
        assert_good(phone, "consent, the end is near")
        set_session(phone.context, draft_until=0)
        press(phone)
    assert "고르신 내용은 그대로 있습니다" in phone.inner_text("main")
    identified(phone)
    phone.goto("/sign-up/consent/")
    assert phone.is_checked("main .consent input[value=yes] >> nth=0")
    for agree in phone.query_selector_all("main .consent input[value=yes]"):
        agree.check()
    press(phone)
    other = phone.context.new_page()
    other.goto("/sign-up/check/")
    press(other)
    press(phone)
    assert "신청이 끝났습니다" in phone.inner_text("h1") and Citizen.objects.count() == 1
