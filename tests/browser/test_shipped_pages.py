"""Every page with the shipped data types, in Korean and in English, at every size: what docs/screens shows."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, expect

from citizens.inbox.kinds import kind_of
from citizens.models import DataExport, Erasure
from citizens.tasks import erase, make_export
from notifications.delivery.check_codes import check_code
from notifications.models import TrialMessage, YearlyRun
from payments.checkout.poll_payments import poll_payments
from payments.models import Bill, Payment
from secretary.kernel.time import database_clock
from secretary.kernel.time.clock import now
from subscriptions.models import Citizen
from tests.browser.shipped import (
    CODE,
    NAME,
    NUMBER,
    PHONE,
    RECORDS,
    Walk,
    agencies_write,
    load_shipped,
    was_notified,
)
from tests.browser.test_call_centre_pages import assert_fits
from tests.notifications.cast import MORNING
from tests.payments.cast import let_time_pass
from tests.payments.web.conftest import knows
from tests.secretary.ops.test_dashboard import counted
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.chromium import press_towards, take_session
from tests.support.prepared_database import written_once

pytestmark = pytest.mark.usefixtures("transactional_db")
FURTHER = "solapi_alimtalk"  # a provider beside the first
BANK = "https://bank.invalid/"  # tests/payments/bank.py
TITLES = {
    "toss_payments": {"ko": "토스페이먼츠", "en": "Toss Payments"},
    "kakaopay": {"ko": "카카오페이", "en": "KakaoPay"},
    "naverpay": {"ko": "네이버페이", "en": "Naver Pay"},
}


@pytest.fixture
def installed(settings: Any, time_machine: Any) -> Iterator[None]:
    """The shipped data types on a site of its own name. Ten in the morning."""
    time_machine.move_to(MORNING)
    settings.PUBLIC_BASE_URL = "https://secretary.example"
    settings.SITE_IN_WORDS = {"ko": "secretary 점 example", "en": "secretary dot example"}
    kind_of.cache_clear()
    written_once(load_shipped)
    yield
    kind_of.cache_clear()


@pytest.fixture(params=["ko", "en"])
def walk(request: pytest.FixtureRequest, browser: Browser, live_server: Any, installed: None) -> Iterator[Walk]:
    """A browser of that language: without a choice on the site, its language is the site's."""
    locale = {"ko": "ko-KR", "en": "en-GB"}[request.param]
    context = browser.new_context(base_url=live_server.url, locale=locale, viewport={"width": 390, "height": 844})
    yield Walk(context.new_page(), request.param)
    context.close()


def sign_up(walk: Walk) -> None:
    page, see = walk.page, walk.see
    page.goto("/sign-up/")
    see("sign-up 1 who you are")
    walk.fill(name=NAME, phone=PHONE, identity_number=NUMBER)
    page.check("input[value=KT]")
    walk.press()
    see("sign-up 2 code")
    walk.fill(code=CODE)
    walk.press()
    see("sign-up 3 channels")
    walk.press()
    for kind in RECORDS:
        page.check(f"input[value={kind}]")
    see("sign-up 4 kinds")
    walk.press()
    for agree in page.query_selector_all("main .consent input[value=yes]"):
        agree.check()
    see("sign-up 5 consent")
    walk.press()
    see("sign-up 6 check")
    walk.press()
    see("sign-up 7 done")


def try_a_message(walk: Walk) -> None:
    """Asked for on the last page; then each thing that may come of it."""
    walk.press()
    walk.see("settings test message, being sent", "/settings/test-message/?look=off")
    TrialMessage.objects.update(state="sending", started_at=now())
    TrialMessage.objects.update(state="failed", code="3020", look_at=None)
    walk.see("settings test message, failed", "/settings/test-message/")
    TrialMessage.objects.update(state="delivered", code="")
    walk.see("settings test message", "/settings/test-message/")


def test_from_the_landing_page_to_the_end_of_the_sign_up(walk: Walk, provider: Any) -> None:
    knows(provider, 1)
    walk.see("landing", "/")
    walk.see("sign-in", "/sign-in/")
    walk.press()
    walk.see("sign-in, nothing typed")
    sign_up(walk)
    try_a_message(walk)
    walk.see("inbox, nothing yet", "/inbox/")
    walk.see("year, nothing yet", "/year/")
    walk.see("to pay, nothing", "/pay/")
    walk.see("payments, none", "/pay/history/")


def test_what_is_mine(walk: Walk, provider: Any, far: Any) -> None:
    knows(provider, 1)
    walk.enter()
    notices = agencies_write(now=now())
    fine, dose = notices["traffic_fine"], notices["vaccination"]
    for name, path in {
        "inbox": "/inbox/",
        "inbox, still to do": "/inbox/?show=to-do",
        "notice of a fine": f"/inbox/{fine.pk}/",
        "notice of a vaccination": f"/inbox/{dose.pk}/",
        "notice of a licence": f"/inbox/{notices['licence_renewal'].pk}/",
        "notice of a check-up": f"/inbox/{notices['health_checkup'].pk}/",
        "notice for printing": f"/inbox/{fine.pk}/print/",
        "year": "/year/",
        "year for printing": "/year/print/",
        "year, calendar": "/year/calendar/",
        "settings": "/settings/",
        **{f"settings {each}": f"/settings/{each}/" for each in ("channels", "hours", "calm", "reading", "number")},
        "settings, more kinds": "/settings/more/",
        "settings, stop one": "/settings/end/vaccination/",
        "settings, stop all": "/settings/end/",
        "privacy policy": "/privacy/",
        "verify": "/verify/",
        "not there": "/nowhere/",
    }.items():
        walk.see(name, path)
    for name, typed in {
        "verify yes": check_code(dose.pk),
        "verify, mistyped": "K7MP",
        "verify, unknown": check_code(dose.pk + 99),
    }.items():
        walk.page.goto("/verify/")
        walk.fill(code=typed)
        walk.press()
        walk.see(name)
    walk.page.goto("/settings/calm/")
    walk.page.locator("input[name=calm]").nth(1).check()
    walk.press()
    walk.see("settings, changed")
    walk.see("settings, history", "/settings/history/")


def test_paying(
    walk: Walk, provider: Any, far: Any, client: Client, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.at(MORNING)
    for name, words in TITLES.items():
        monkeypatch.setattr(far.banks[name], "title", words)
    knows(provider, 1)
    walk.enter_as(client, live_server.url)
    fine = agencies_write(now=now())["traffic_fine"]
    walk.see("to pay", "/pay/")
    bill = Bill.objects.get()
    home = f"/pay/{bill.pk}/"
    for name, path in {
        "bill": "",
        "bill for printing": "print/",
        "bill, objection": "objection/",
        "pay 1 service": "service/",
        "pay 2 check": "check/kakaopay/",
    }.items():
        walk.see(name, f"{home}{path}")
    press_towards(walk.page, BANK)
    payment = Payment.objects.get()
    order = f"/pay/orders/{payment.order_id}/"
    far.banks["kakaopay"].faults["confirm"].append("taken_lost")
    brought = far.banks["kakaopay"].pay(payment.order_id)
    walk.page.goto(f"{order}back/success/?{urlencode(brought)}")
    walk.see("pay 3 being confirmed", f"{order}?look=off")
    let_time_pass()
    poll_payments(now=now())
    walk.see("pay 4 paid", order)
    walk.see("receipt", f"{order}receipt/")
    walk.see("payments", "/pay/history/")
    walk.see("bill, paid", home)
    walk.see("notice, paid", f"/inbox/{fine.pk}/")


def test_my_data(
    walk: Walk, provider: Any, far: Any, client: Client, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(provider, 1)
    monkeypatch.setattr(database_clock, "now", now)  # the receipt of an erasure has days of one morning
    walk.enter_as(client, live_server.url)
    agencies_write(now=now())
    was_notified(Citizen.objects.get(), year=2025, now=now())
    walk.see("my data", "/my-data/")
    walk.press()
    walk.see("my data, copy being made", "/my-data/?look=off")
    make_export(export_id=DataExport.objects.get().pk)
    walk.see("my data, copy ready", "/my-data/")
    walk.see("my data, accesses", "/my-data/accesses/")
    walk.see("uses of my data", "/my-data/uses/")
    walk.see("erase", "/my-data/erase/")
    walk.page.click("main button.danger")
    expect(walk.page.locator(".error-summary")).to_be_visible()
    walk.see("erase, not confirmed")
    walk.page.check("input[name=sure]")
    walk.page.click("main button.danger")
    expect(walk.page.locator(".slip")).to_be_visible()
    erase(erasure_id=Erasure.objects.get().pk)
    walk.see("erased", f"/erased/{Erasure.objects.get().number}/")


def test_the_officials_pages(walk: Walk) -> None:
    official = cast.official()
    walk.see("official sign-in", "/officials/login/")
    walk.press()
    walk.see("official sign-in, nothing typed")
    walk.fill(username="official", password="right-password-1")
    walk.press()
    walk.see("official register")
    walk.press()
    walk.see("official register, nothing typed")
    walk.see("official list, empty", "/officials/list/")
    entry = f"/officials/list/{cast.register(official).pk}/"
    for name, path in {
        "list": "/officials/list/",
        "entry": entry,
        "correct": f"{entry}correct/",
        "withdraw": f"{entry}end/",
        "password": "/officials/password/",
    }.items():
        walk.see(f"official {name}", path)
    walk.page.goto("/officials/")
    walk.fill(paper_form="A-7", name="최어르신", birth_date="19480509", phone="010-0000-0005")
    for agree in walk.page.query_selector_all("input[value=yes]:not([name=family_consent])"):
        agree.check()
    walk.press()
    walk.see("official register, a warning")
    walk.page.click("button[name=confirmed][value=on]")
    walk.see("official slip", "/officials/slip/")


def _codes_of_a_further_provider() -> bytes:
    """The first texts of the file to begin with, filled in."""
    out = StringIO()
    call_command("load_template_codes", "--write", FURTHER, stdout=out)
    head, *lines = csv.reader(StringIO(out.getvalue()))
    place, written = head.index("code"), StringIO()
    for number, line in enumerate(lines[:5], start=1):
        line[place] = f"KA01TP26031000{number:04}"
    csv.writer(written).writerows([head, *lines[:5]])
    return written.getvalue().encode()


def test_the_administrations_pages(browser: Browser, live_server: Any, installed: None, settings: Any) -> None:
    """In Korean: the dashboard, the kinds of data, and where a further provider's template codes are loaded."""
    settings.CHANNELS = {**settings.CHANNELS, "kakaotalk": f"nhn_alimtalk,{FURTHER}"}
    for channel, duration in (("kakaotalk", 4), ("sms", 9)):
        counted(channel, "delivered", 900, duration=duration)
    counts = {"delivered": 9_120, "sent": 300, "waiting": 41, "cancelled": 12}
    YearlyRun.objects.create(year=2025, begun_at=now(), people=9_473, listed_at=now(), counts=counts, counted_at=now())
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    page = context.new_page()
    take_session(page, staff_client("chief", superuser=True), live_server.url)
    for name, path in {"dashboard": "/admin/dashboard/", "kinds of data": "/admin/subscriptions/datatype/"}.items():
        page.goto(path)
        assert_fits(page, f"ko admin {name}")
    page.goto("/admin/subscriptions/messagetemplate/codes/")
    file: Any = {"name": "codes.csv", "mimeType": "text/csv", "buffer": _codes_of_a_further_provider()}
    page.set_input_files("input[type=file]", file)
    page.click("button.default")
    page.locator("table.plain").wait_for()
    assert_fits(page, "ko admin template codes")
    context.close()
