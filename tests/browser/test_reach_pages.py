"""The report on reach in a browser, and an office's figures and call list: accessible, and on a phone too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from notifications.channels.contract import Verdict
from notifications.models import Notice
from notifications.operations.count_ended import count_reach
from secretary.kernel.time.clock import kst_date, now
from subscriptions.accounts import roles
from subscriptions.data_types.load import (
    ensure_family_consents,
    ensure_office_call_consent,
    ensure_service_consent,
)
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.models import FamilyMember, Stage
from subscriptions.registration.register_senior import register_senior
from tests.browser.look import assert_good
from tests.browser.test_call_centre_pages import assert_fits
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import make_data_type, record
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.chromium import press


@pytest.fixture
def missed(transactional_db: None) -> Notice:
    """An urgent notice of three days ago, which failed on the only channel of a senior who agreed to be called."""
    ensure_service_consent()
    call = ensure_office_call_consent()
    ensure_family_consents()
    make_data_type("vaccination")
    Stage.objects.filter(code="issued").update(urgent=True)
    form, then = replace(cast.GRANDMOTHER, phone="+821000001234"), now() - timedelta(days=3)
    texts = [*texts_for(live_data_types(["vaccination"])), call]
    register_senior(official=cast.official(), form=form, consents=texts, now=then)
    subject = {"name": form.name, "birth_date": form.birth_date.isoformat(), "phone": form.phone}
    [notice] = arrive(record(1, data_type="vaccination", subject=subject), now=then)
    hand_over((Verdict.UNDELIVERABLE, "30003"), now=then)
    hand_over(now=then)
    count_reach()
    return notice


def month_of(notice: Notice) -> str:
    """Return the month in whose figures it is: Korea's, which begins while UTC has the last day of the one before."""
    return f"{kst_date(notice.created_at):%Y-%m}"


def test_the_report_on_reach(browser: Browser, live_server: Any, missed: Notice) -> None:
    member = staff_client("runs", roles.OPERATOR)
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": member.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    month = month_of(missed)
    page.goto(f"/admin/reach/?month={month}")
    assert_fits(page, "reach")
    for place in ("vaccination/", "vaccination/notices/"):
        page.goto(f"/admin/reach/{place}?month={month}&outcome=enough")
        assert_fits(page, f"reach, {place.strip('/').rpartition('/')[2]}")
    assert page.locator(".lines-of-notices li").count() == 1
    context.close()


def test_an_office_calls_who_was_not_reached(browser: Browser, live_server: Any, missed: Notice) -> None:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 844})
    page = context.new_page()
    page.goto("/officials/")
    page.fill("#id_username", "official")
    page.fill("#id_password", "right-password-1")
    press(page)
    page.wait_for_url("**/officials/")
    assert_good(page, "register, with calls")
    page.goto(f"/officials/reach/?month={month_of(missed)}")
    assert_good(page, "office reach")
    page.click("main td a")
    assert_good(page, "office reach, people")
    page.goto("/officials/calls/")
    assert_good(page, "calls")
    page.click("main td a")
    page.fill("#id_reason", "알림 미도달 확인")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("010-0000-1234")
    assert_good(page, "call, with the number")
    page.locator("main button.primary").last.click()
    page.locator("#id_outcome_error, .errors").first.wait_for()
    assert_good(page, "call, errors")
    page.check("input[name=outcome][value=no_answer]")
    page.locator("main button.primary").last.click()
    page.wait_for_url("**/officials/calls/")
    assert_good(page, "calls, to be called again")
    _name_and_answer(page, missed)
    context.close()


def _name_and_answer(page: Page, missed: Notice) -> None:
    """Name a family member at the office, and answer in their place by the code."""
    page.goto(f"/officials/list/{missed.citizen_id}/family/")
    page.check("input[name=family_consent][value=yes]")
    page.fill("#id_family_name", "큰딸")
    page.fill("#id_family_phone", "010-0000-0077")
    page.locator("main button.primary").click()
    page.locator("main dl.answers >> text=큰딸").wait_for()
    assert_good(page, "family member, named")
    page.goto("/family/")
    assert_good(page, "family, code")
    page.fill("#id_code", FamilyMember.objects.get().code)
    page.keyboard.press("Enter")
    page.locator("button[value=agree]").wait_for()
    assert_good(page, "family, asked")
    page.click("button[value=agree]")
    page.locator("button[value=decline]").wait_for()
    assert_good(page, "family, agreed")
