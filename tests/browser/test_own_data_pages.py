"""A person's own data in a browser, at every size: copy, accesses, erasure and its receipt, empty and error states."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from citizens.models import DataExport, Erasure
from citizens.tasks import erase, make_export
from payments.checkout.poll_payments import poll_payments
from payments.models import Payment
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen
from tests.browser.look import assert_good
from tests.citizens.own_data.rich import NAME, make_rich
from tests.payments.cast import confirm, let_time_pass
from tests.subscriptions.web.conftest import CODE, FakeProvider
from tests.support.chromium import press, take_session

pytestmark = pytest.mark.usefixtures("transactional_db")


def prove(page: Page) -> None:
    """By the full check, to which the page of signing in leads."""
    with page.expect_navigation():
        page.click("a[href*='other=1']")
    for field, text in (("name", NAME), ("phone", "01000007771"), ("identity_number", "4102031")):
        page.fill(f"#id_{field}", text)
    page.check("input[value=KT]")
    press(page)
    page.fill("#id_code", CODE)
    press(page)


@pytest.fixture
def rich(phone: Page, provider: FakeProvider, far: Any, live_server: Any, client: Client) -> Citizen:
    """A person with everything that can be held about one, signed in on the page of their data."""
    citizen = make_rich(provider, far.bank, client)
    take_session(phone, client, live_server.url)
    phone.goto("/my-data/")
    return citizen


def test_a_person_takes_their_data_along(phone: Page, rich: Citizen) -> None:
    phone.context.clear_cookies()
    phone.goto("/my-data/")
    prove(phone)
    expect(phone.locator("h1")).to_have_text("내 정보")
    DataExport.objects.all().delete()
    phone.reload()
    assert_good(phone, "my data")
    phone.click("text=이용·제공 내역 보기")
    assert_good(phone, "uses of my data")
    phone.click("text=해마다 보내는 안내 다시 받기")
    assert_good(phone, "uses of my data, the yearly message wanted")
    phone.goto("/my-data/")
    press(phone)
    phone.goto("/my-data/?look=off")  # otherwise it looks again while it is looked at
    assert_good(phone, "my data, a copy is being made")
    export = DataExport.objects.get()
    make_export(export_id=export.pk)
    phone.goto("/my-data/")
    assert_good(phone, "my data, the copy is ready")
    with phone.expect_download() as download:
        phone.click("text=내 정보 내려받기")
    assert download.value.suggested_filename.startswith("my-data-")
    DataExport.objects.update(state=DataExport.FAILED)
    phone.goto("/my-data/")
    assert_good(phone, "my data, the copy failed")


def test_a_person_sees_who_looked_at_their_data(phone: Page, rich: Citizen) -> None:
    for number in range(30):
        record_audit(now=now(), actor=f"staff:{number}", action="looked at", citizen_id=rich.pk)
    phone.click("text=직원 열람 내역 보기")
    assert_good(phone, "accesses by staff")
    phone.click("text=이전 내역")
    assert_good(phone, "accesses by staff, the last page")
    phone.goto("/my-data/accesses/?before=1")
    assert_good(phone, "accesses by staff, none")


def test_a_person_erases_themselves(phone: Page, rich: Citizen, far: Any) -> None:
    payment = Payment.objects.get(state="opened")
    far.bank.faults["confirm"].append("taken_lost")
    confirm(rich, payment, far.bank)
    phone.goto("/my-data/erase/")
    assert_good(phone, "erase, a payment is being checked")
    let_time_pass()
    poll_payments(now=now())
    phone.goto("/my-data/erase/")
    assert_good(phone, "erase")
    phone.click("main button.danger")
    expect(phone.locator(".error-summary")).to_be_visible()
    assert_good(phone, "erase, not confirmed")
    phone.check("input[name=sure]")
    phone.click("main button.danger")
    expect(phone.locator("h1")).to_have_text("개인정보 파기 확인서")
    erasure = Erasure.objects.get()
    phone.goto(f"/erased/{erasure.number}/?look=off")
    assert_good(phone, "erased, under way")
    erase(erasure_id=erasure.pk)
    phone.reload()
    assert_good(phone, "erased")
    phone.click("text=English")
    expect(phone.locator("h1")).to_have_text("Receipt of an erasure")


def test_who_withdraws_reads_what_goes_and_when(phone: Page, rich: Citizen) -> None:
    phone.goto("/settings/end/traffic_fine/")
    expect(phone.locator("main")).to_contain_text("5일 안에 이 종류의 자료와 발송 기록을 지우며")
    assert_good(phone, "end one kind")
    phone.goto("/settings/end/")
    expect(phone.locator("main")).to_contain_text("법에 따라 보관해야 하는 것을 빼고 5일 안에 모두 지웁니다")
    assert_good(phone, "end everything")
    withdraw(citizen=rich, data_types=None, actor="citizen", now=now())
    phone.goto("/settings/")
    expect(phone.locator("main")).to_contain_text("철회하신 날부터 5일 안에, 법에 따라 보관해야 하는 것을 빼고 모두")
    assert_good(phone, "settings, withdrawn")
