"""The inbox at every size: nothing yet, the list, its filters, notices in several states, the page for printing."""

from datetime import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from citizens.inbox.kinds import kind_of
from citizens.models import Erasure
from citizens.tasks import erase
from notifications.channels.contract import Verdict
from notifications.models import Record
from secretary.kernel.time.clock import now
from subscriptions.models import Citizen
from tests.browser.look import assert_good
from tests.browser.test_citizen_pages import plain as plain
from tests.browser.test_citizen_pages import tab_to
from tests.browser.test_payment_pages import fine
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.notifications.cast import enrol, make_data_type, record
from tests.payments.cast import make_fine
from tests.payments.web.conftest import knows
from tests.subscriptions.web.conftest import CODE
from tests.support.chromium import press

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


def test_by_keyboard_and_without_a_script_a_notice_is_read_calm_mode_chosen_and_all_erased(
    plain: Page, far: Any, provider: Any, settings: Any
) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)
    kind_of.cache_clear()
    knows(provider, 1)
    enrol(1, make_fine(), channels=["kakaotalk"])
    [notice] = arrive(record(1, fields=fine()), now=now())
    hand_over((Verdict.DELIVERED, ""), now=now())
    plain.goto("/inbox/")
    prove(plain)
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
    [waiting] = arrive(record(1, fields=fine(20)), now=now())
    hand_over(now=now())
    enter(plain, "nav a[href='/inbox/']", "**/inbox/")
    assert "모아서 보냅니다" in plain.inner_text(f"li:has(a[href='/inbox/{waiting.pk}/'])")
    erase_all(plain)
    plain.goto("/inbox/")
    assert plain.url.endswith("/sign-in/")
