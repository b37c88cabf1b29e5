"""The call centre's screen in a browser: by keyboard from the number to the person, accessible, and on a phone too."""

from datetime import time
from itertools import product
from typing import Any

from playwright.sync_api import Browser, Page

from citizens.inbox.kinds import kind_of
from notifications.channels.contract import Verdict
from notifications.delivery.check_codes import check_code
from secretary.kernel.time.clock import now
from subscriptions.accounts import roles
from tests.browser.look import ADMIN_WIDTH, EVERYWHERE, of_width, picture, wait_for_focus
from tests.browser.test_payment_pages import fine
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import enrol, make_data_type, record
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.accessibility import measured, violations

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDTHS = (1280, 390, 320)
CHOICES = ("", "contrast", "size-150")  # the others where a run asks for them (--every-display)


def assert_fits(page: Page, name: str) -> None:
    for width, choice in product(WIDTHS, CHOICES if EVERYWHERE else CHOICES[:1]):
        of_width(page, width)
        wide, structure = measured(page, ADMIN_WIDTH, choice)
        assert wide <= width, f"{name} at {width} px, {choice}: {wide} px wide"
        assert violations(page, WCAG, anew=bool(EVERYWHERE), structure=structure) == [], (
            f"{name} at {width} px, {choice}"
        )
        if width != WIDTHS[-1] and not choice:
            picture(page, name, width)
    page.evaluate("() => document.body.classList.remove('contrast', 'size-150')")


def test_the_call_centre(browser: Browser, live_server: Any, settings: Any, transactional_db: None) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour of the run
    kind_of.cache_clear()
    enrol(1, make_data_type(), channels=["kakaotalk", "sms"])
    [notice] = arrive(record(1, fields=fine()), now=now())
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"), now=now())
    member = staff_client("telephone", roles.CALL_CENTRE)
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": member.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/call-centre/")
    assert_fits(page, "call centre")
    for name, typed in {"false": check_code(notice.pk + 1), "no such number": "1"}.items():
        page.fill("#id_number", typed)
        page.check("input[name=why][value=genuine]")
        page.press("#id_number", "Enter")
        page.locator("#answer").wait_for()
        assert_fits(page, f"call centre, {name}")
        page.goto("/admin/call-centre/")
    wait_for_focus(page, "#id_number")
    page.keyboard.type(check_code(notice.pk))
    page.check("input[name=why][value=genuine]")
    page.press("#id_number", "Enter")
    page.locator("#person-title").wait_for()
    assert_fits(page, "call centre, the notice of a code")
    page.goto("/admin/call-centre/caller/who/")
    page.fill("#id_birth_date", "19600102")
    page.fill("#id_digits", "0001")
    page.press("#id_digits", "Enter")
    page.locator("h2", has_text="최근").wait_for()
    assert_fits(page, "call centre, the caller's notices")
    page.goto(f"/admin/call-centre/caller/{notice.pk}/another-way/")
    assert_fits(page, "call centre, another way")
    page.goto("/admin/call-centre/caller/withdraw/")
    page.press("#id_digits", "Enter")
    page.locator("#error-summary").wait_for()
    assert_fits(page, "call centre, withdraw")
    context.close()
