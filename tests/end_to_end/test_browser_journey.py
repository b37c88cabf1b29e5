"""As a person does it: sign up in a browser, an agency pushes a fine, the message appears on the phone.

Everything is real but the companies on the far side: gunicorn, Celery, PostgreSQL, Valkey, Chromium.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.faults.rig.service import Service, fine
from tests.plugin import ROOT
from tests.support.chromium import launched, press

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000  # generous: that it arrives is asserted, not when
HONG = {"name": "홍길동", "birth_date": "1985-03-14", "phone": "010-0000-0001"}


@pytest.fixture
def phones(service: Service) -> Iterator[None]:
    """The sandbox knows three people and their phones."""
    people = [sys.executable, "-m", "sandbox", "people", "--citizens", "3", "--data", str(service.sandbox.data)]
    subprocess.run(people, cwd=ROOT, check=True, capture_output=True)
    yield
    service.sandbox.handset(HONG["phone"], blocked=[])


@pytest.fixture
def browser(phones: None) -> Iterator[BrowserContext]:
    with launched() as chromium:
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="ko-KR")
        context.set_default_timeout(PATIENCE_MS)
        yield context


def sign_up(page: Page, phone: Page, base: str) -> None:
    """As 홍길동, by KakaoTalk and then text message, for traffic fines; the code is read on the phone."""
    page.goto(f"{base}/sign-up/")
    page.fill("#id_name", HONG["name"])
    page.fill("#id_phone", HONG["phone"])
    page.check("input[value=KT]")
    page.fill("#id_identity_number", "8503141")
    press(page)
    expect(phone.locator("#cards li")).to_contain_text(re.compile(r"\d{6}"), timeout=PATIENCE_MS)
    found = re.search(r"\b\d{6}\b", phone.inner_text("#cards"))
    assert found is not None
    page.fill("#id_code", found.group())
    press(page)
    page.check("input[name=channel][value=kakaotalk]")
    page.check("input[name=channel][value=sms]")
    press(page)
    page.check("input[value=traffic_fine]")
    press(page)
    page.wait_for_url("**/sign-up/consent/")
    for agree in page.query_selector_all("input[value=yes]"):
        agree.check()
    press(page)
    expect(page.locator("main")).to_contain_text(HONG["name"])
    press(page)
    expect(page).to_have_url(re.compile(r"/sign-up/done/$"))


def a_fine(number: int) -> dict[str, Any]:
    return {**fine(number, 0), "subject": HONG}


def test_from_sign_up_to_the_phone_and_by_text_message_when_kakaotalk_is_blocked(
    service: Service, browser: BrowserContext
) -> None:
    phone, page = browser.new_page(), browser.new_page()
    phone.goto(f"{service.sandbox.url}/phone/1")
    sign_up(page, phone, service.url)

    service.push([a_fine(1)])
    expect(phone.locator("#cards")).to_contain_text("카카오톡", timeout=PATIENCE_MS)
    expect(phone.locator("#cards")).to_contain_text("홍길동님, 교통과태료가 있습니다.")
    expect(phone.locator("#cards")).to_contain_text("그 뒤의 금액: 40,000원")

    service.sandbox.handset(HONG["phone"], blocked=["kakaotalk"])
    service.push([a_fine(2)])
    text_message = phone.locator("#cards li", has_text="교통과태료").filter(has_not_text="카카오톡")
    expect(text_message).to_have_count(1, timeout=PATIENCE_MS)
    assert [row["gateway"] for row in service.sandbox.rows() if row["gateway"] != "portone"] == ["nhn", "nhn", "twilio"]
