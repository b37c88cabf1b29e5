"""The inbox at every size: nothing yet, the list, its filters, notices in several states, the page for printing."""

from datetime import datetime, time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from citizens.inbox.kinds import kind_of
from citizens.models import Erasure
from citizens.tasks import erase
from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.bundle import bundle
from notifications.delivery.claim import claim_bundles
from notifications.delivery.compose import approved
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.models import Notice, Record
from secretary.kernel.time.clock import kst_date, now
from subscriptions.models import Citizen
from tests.browser.look import assert_good
from tests.browser.test_citizen_pages import plain as plain
from tests.browser.test_citizen_pages import tab_to, type_into
from tests.browser.test_payment_pages import fine
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.notifications.calm_cast import load_bundle
from tests.notifications.cast import enrol, make_data_type, record, templates
from tests.payments.cast import make_fine
from tests.payments.web.conftest import knows
from tests.subscriptions.web.conftest import CODE
from tests.support.chromium import press
from tests.support.present import present

pytestmark = pytest.mark.usefixtures("transactional_db")


def prove(page: Page) -> None:
    with page.expect_navigation():
        page.click("a[href*='other=1']")
    for field, text in (("name", "홍길동"), ("phone", "01000000001"), ("identity_number", "6001021")):
        page.fill(f"#id_{field}", text)
    page.check("input[value=KT]")
    press(page)
    page.fill("#id_code", CODE)
    press(page)


def test_the_inbox(phone: Page, far: Any, provider: Any, settings: Any) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour of the run
    kind_of.cache_clear()
    knows(provider, 1)
    enrol(1, make_fine(), make_data_type("licence_renewal"), channels=["kakaotalk", "sms"])
    phone.goto("/inbox/")
    prove(phone)
    assert_good(phone, "inbox, nothing yet")
    facts = fine() | {"hearing_at": f"{fine(5)['reduction_ends_on']}T14:00:00+09:00"}
    arrived = arrive(record(1, fields=facts), record(1, data_type="licence_renewal", fields=facts), now=now())
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"), now=now())
    hand_over(now=now())
    for notice in arrived:
        report(Verdict.DELIVERED, notice=notice, now=now())
    settled = arrive(record(1, fields=facts, state="open"), now=now())
    Record.objects.filter(pk=settled[0].record_id).update(state="paid")
    hand_over(now=now())
    pages = {
        "inbox": "/inbox/",
        "inbox, nothing of this kind": "/inbox/?kind=unheard-of",
        "notice with a bill": f"/inbox/{arrived[0].pk}/",
        "notice with days": f"/inbox/{arrived[1].pk}/",
        "notice that was not sent": f"/inbox/{settled[0].pk}/",
        "notice for printing": f"/inbox/{arrived[0].pk}/print/",
    }
    for name, path in pages.items():
        phone.goto(path)
        assert_good(phone, name)
    Record.objects.update(state="withdrawn")
    phone.goto("/inbox/?show=to-do")
    assert phone.inner_text(".panel strong") == "남은 할 일이 없습니다"
    assert_good(phone, "inbox, nothing left to do")


def enter(page: Page, selector: str, leads_to: str) -> None:
    """Go there by the Tab key and press Enter."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_url(leads_to)


def prove_by_keys(page: Page) -> None:
    """The full check by the keyboard alone, from the page of signing in."""
    enter(page, "a[href*='other=1']", "**/sign-in/?other=1")
    for field, text in (
        ("name", "홍길동"),
        ("phone", "01000000001"),
        ("carrier_0", " "),
        ("identity_number", "6001021"),
    ):
        type_into(page, f"id_{field}", text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code/")
    type_into(page, "id_code", CODE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/")


def bundle_arrives(at: datetime) -> None:
    """The bundled message of the day goes out in one, and the gateway reports of it."""
    attempts, day = claim_bundles(now=at).attempts, kst_date(at)
    [(carrier, _message)] = bundle(attempts, contents=approved(each.template_id for each in attempts), day=day).messages
    delivered = Outcome("", Verdict.DELIVERED, "")
    apply_outcomes([Reported(carrier.delivery_id, delivered, carrier.channel, by_receipt=True)], now=at)


def read_digest(plain: Page) -> None:
    """By keyboard, from the page of a signed-in person: what came in is held back, then one message has both."""
    waiting = arrive(record(1, fields=fine(20)), record(1, fields=fine(21)), now=now())
    hand_over(now=now())
    enter(plain, "nav a[href='/inbox/']", "**/inbox/")
    for each in waiting:
        assert "모아서 보냅니다" in plain.inner_text(f"li:has(a[href='/inbox/{each.pk}/'])")
    bundle_arrives(present(Notice.objects.get(pk=waiting[0].pk).bundle_at))
    plain.reload()
    enter(plain, f"a[href='/inbox/{waiting[0].pk}/']", f"**/inbox/{waiting[0].pk}/")
    assert "카카오톡 알림이 도착했습니다" in plain.inner_text("main")
    assert "모아 둔 알림 2건" in plain.inner_text(".bubble-text")


def erase_all(plain: Page) -> None:
    """By keyboard, from any page of a signed-in person to the finished receipt."""
    enter(plain, "nav a[href='/my-data/']", "**/my-data/")
    enter(plain, "a[href='/my-data/erase/']", "**/erase/")
    tab_to(plain, "input[name=sure]")
    plain.keyboard.press("Space")
    enter(plain, "main button.danger", "**/erased/**")
    enter(plain, "main a[href='?look=off']", "**/erased/*/?look=off")  # else it would load while Tab is pressed
    erase(erasure_id=Erasure.objects.get().pk)
    tab_to(plain, "main a[href^='/erased/']")
    plain.keyboard.press("Enter")
    expect(plain.locator("main")).to_contain_text("파기 완료")


def test_by_keyboard_and_without_a_script_a_notice_is_read_calm_mode_chosen_its_message_read_and_all_erased(
    plain: Page, far: Any, provider: Any, settings: Any
) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)
    kind_of.cache_clear()
    knows(provider, 1)
    enrol(1, make_fine(), channels=["kakaotalk"])
    [notice] = arrive(record(1, fields=fine()), now=now())
    hand_over((Verdict.DELIVERED, ""), now=now())
    load_bundle()
    templates()  # with their codes
    plain.goto("/inbox/")
    prove_by_keys(plain)
    assert "새 알림" in plain.inner_text("main")
    enter(plain, f"a[href='/inbox/{notice.pk}/']", f"**/inbox/{notice.pk}/")
    assert "카카오톡 알림이 도착했습니다" in plain.inner_text("main")
    enter(plain, f"a[href='/inbox/{notice.pk}/print/']", "**/print/")
    plain.goto("/inbox/")
    assert "새 알림" not in plain.inner_text("main")
    enter(plain, "nav a[href='/year/']", "**/year/")
    enter(plain, "nav a[href='/settings/']", "**/settings/")
    enter(plain, "a[href='/settings/calm/']", "**/calm/")
    tab_to(plain, "#id_calm_0")
    plain.keyboard.press("ArrowDown")
    plain.keyboard.press("Enter")  # sends the form from within it
    plain.wait_for_url("**/settings/")
    assert Citizen.objects.get().calm == Citizen.DAILY
    read_digest(plain)
    erase_all(plain)
    plain.goto("/inbox/")
    assert plain.url.endswith("/sign-in/")
