from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from secretary.kernel.time import clock
from subscriptions.models import BulkUpload, Citizen
from subscriptions.registration.bulk.check_list import check_list
from subscriptions.registration.bulk.write_list import write_list
from tests.browser.look import assert_good, wait_for_focus
from tests.browser.test_citizen_pages import tab_to
from tests.subscriptions import cast
from tests.subscriptions.registration.bulk import lists
from tests.support.chromium import press, take_session

pytestmark = pytest.mark.usefixtures("offered")


@pytest.fixture
def official() -> Any:
    return cast.official()


@pytest.fixture
def page(browser: Browser, live_server: Any, official: Any, client: Client) -> Any:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 844})
    page = context.new_page()
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})
    take_session(page, client, live_server.url)
    page.goto("/officials/")
    yield page
    context.close()


class Keys:
    """A keyboard that counts the keys that are pressed besides typing; a chord counts as each of its keys."""

    def __init__(self, page: Any) -> None:
        self.page, self.pressed = page, 0

    def press(self, chord: str) -> None:
        self.pressed += len(chord.split("+"))
        self.page.keyboard.press(chord)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


def test_a_senior_is_registered_with_12_key_presses_besides_typing(page: Any) -> None:
    keys = Keys(page)
    wait_for_focus(page, "#id_paper_form")
    for text in ("A-1", "최어르신", "19480509", "01000000005"):
        keys.type(text)
        keys.press("Enter")
    keys.press("Enter")  # by text message
    keys.press("Space")
    keys.press("Enter")
    keys.press("Space")
    keys.press("Control+Enter")
    page.wait_for_url("**/slip/")
    assert page.inner_text(".slip .receipt")
    wait_for_focus(page, "main a.primary")  # "register the next person"
    keys.press("Enter")
    page.wait_for_url("**/officials/")
    wait_for_focus(page, "#id_paper_form")
    assert Citizen.objects.get().name == "최어르신"
    assert keys.pressed <= 12


def type_the_form(keys: Keys, number: str, phone: str) -> None:
    """Fill in and send a form about the same woman; the keys are those of the run above."""
    for text in (number, "최어르신", "19480509", phone):
        keys.type(text)
        keys.press("Enter")
    keys.press("Enter")
    keys.press("Space")
    keys.press("Enter")
    keys.press("Space")
    keys.press("Control+Enter")


def test_both_ways_out_of_a_warning_are_a_few_key_presses(page: Any, official: Any) -> None:
    first = cast.register(official)
    for number, phone, button, presses, people in (
        ("A-2", "01000000056", "on", 3, 1),  # the same woman with a new number
        ("A-3", "01000000057", "other", 4, 2),
    ):
        page.goto("/officials/")
        wait_for_focus(page, "#id_paper_form")
        type_the_form(Keys(page), number, phone)
        page.locator(".note.warn button").first.wait_for()
        wait_for_focus(page, ".error-summary")
        keys = Keys(page)
        while not page.evaluate(f"document.activeElement.matches('.note.warn button[value={button}]')"):
            keys.press("Tab")
            assert keys.pressed < presses, button
        keys.press("Enter")
        page.wait_for_url("**/slip/")
        assert keys.pressed <= presses
        assert Citizen.objects.count() == people
    assert [contact.value for contact in first.contacts.all()] == ["+821000000056"]


def test_a_number_is_corrected_with_8_key_presses_besides_typing(page: Any, official: Any) -> None:
    citizen = cast.register(official)
    page.goto("/officials/list/")
    keys = Keys(page)
    wait_for_focus(page, "#id_text")
    keys.type("최어르신")
    keys.press("Enter")
    page.wait_for_url(f"**/{citizen.pk}/")
    wait_for_focus(page, "main .links a")
    keys.press("Enter")
    page.wait_for_url("**/correct/")
    wait_for_focus(page, "#id_name")
    keys.press("Enter")
    keys.press("Enter")
    wait_for_focus(page, "#id_phone")
    keys.type("01000000056")
    keys.press("Enter")
    keys.type("번호 오타")
    keys.press("Control+Enter")
    page.wait_for_url(f"**/{citizen.pk}/")
    assert [contact.value for contact in citizen.contacts.all()] == ["+821000000056"]
    assert keys.pressed <= 8


def test_a_senior_is_registered_by_keyboard_without_scripts(browser: Browser, live_server: Any, official: Any) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/officials/login/")
    page.fill("#id_username", "official")
    page.fill("#id_password", "right-password-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/officials/")
    page.focus("#id_paper_form")
    page.keyboard.type("A-1")
    for text in ("최어르신", "19480509", "01000000005"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    for radio in page.query_selector_all("input[value=yes]"):
        radio.focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/slip/")
    context.close()
    assert [contact.value for contact in Citizen.objects.get().contacts.all()] == ["+821000000005"]


def test_the_officials_pages_are_accessible_at_every_size(page: Any, official: Any) -> None:
    assert_good(page, "register")
    press(page)
    assert_good(page, "register, errors")
    page.goto("/officials/list/")
    assert_good(page, "list, empty")
    citizen = cast.register(official)
    entry = f"/officials/list/{citizen.pk}/"
    for path in ("/officials/list/", entry, f"{entry}end/", f"{entry}correct/", f"{entry}move/", "/officials/figures/"):
        page.goto(path)
        assert_good(page, path.replace(str(citizen.pk), "entry"))
    page.goto(f"{entry}move/")
    tab_to(page, "#id_reason")
    page.fill("#id_office", cast.official("other", "9911052000").office.code)
    page.fill("#id_reason", "이사하셨음")
    press(page)
    assert_good(page, "move, to be confirmed")
    page.click("[name=confirmed][value]:visible")
    page.wait_for_url("**/moves/")
    assert_good(page, "moves")
    page.goto("/officials/list/")
    page.fill("#id_text", "최어르신")
    page.keyboard.press("Enter")
    page.locator("main h2").wait_for()  # "Search result"
    assert_good(page, "search, nothing found")


def test_a_list_is_registered_by_keyboard_and_its_pages_are_accessible(page: Any) -> None:
    page.goto("/officials/lists/")
    assert_good(page, "lists, none yet")
    press(page)
    assert_good(page, "lists, no file chosen")
    rows = lists.listed(lists.OLD_WOMAN, lists.row(2, 이름="", 생년월일="480509"), lists.row(3, 휴대전화="02-000-0000"))
    page.set_input_files("#id_file", {"name": "list.csv", "mimeType": "text/csv", "buffer": rows})
    tab_to(page, "main button.primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/officials/lists/*/")
    upload = BulkUpload.objects.get()
    page.goto(f"/officials/lists/{upload.pk}/?look=off")
    assert_good(page, "list, waits")
    check_list(upload_id=upload.pk, now=clock.now())
    page.goto(f"/officials/lists/{upload.pk}/")
    assert_good(page, "list, checked")
    tab_to(page, "main button.primary")
    page.keyboard.press("Enter")
    page.locator("main progress").wait_for()
    page.goto(f"/officials/lists/{upload.pk}/?look=off")
    assert_good(page, "list, being registered")
    write_list(upload_id=upload.pk, now=clock.now())
    page.goto(f"/officials/lists/{upload.pk}/")
    assert_good(page, "list, registered")
    page.goto("/officials/lists/")
    assert_good(page, "lists, one")
    assert Citizen.objects.get().name == "김어르신"


def test_the_log_in_is_accessible_at_every_size(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/officials/login/")
    assert_good(page, "log-in")
    press(page)
    assert_good(page, "log-in, errors")
    context.close()
