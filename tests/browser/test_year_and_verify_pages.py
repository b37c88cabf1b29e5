from datetime import time
from typing import Any

from playwright.sync_api import Page

from citizens.inbox.kinds import kind_of
from notifications.delivery.check_codes import check_code
from secretary.kernel.time.clock import now
from tests.browser.look import assert_good
from tests.browser.test_inbox_pages import prove
from tests.browser.test_payment_pages import fine
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import enrol, record
from tests.payments.cast import make_fine
from tests.payments.web.conftest import knows
from tests.support.chromium import press


def test_the_year_ahead_and_the_check_of_a_code(
    phone: Page, far: Any, provider: Any, settings: Any, transactional_db: None
) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour of the run
    kind_of.cache_clear()
    knows(provider, 1)
    enrol(1, make_fine(), channels=["kakaotalk"])
    phone.goto("/year/")
    prove(phone)
    assert_good(phone, "year, nothing yet")
    [notice] = arrive(record(1, fields=fine()), now=now())
    hand_over(now=now())
    for name, path in {
        "year": "/year/",
        "year for printing": "/year/print/",
        "year, no address": "/year/calendar/",
    }.items():
        phone.goto(path)
        assert_good(phone, name)
    press(phone)
    assert phone.locator(".secret").count() == 1
    assert_good(phone, "year, the new address")
    phone.goto("/verify/")
    assert_good(phone, "verify")
    for name, typed in {
        "real": check_code(notice.pk),
        "mistyped": "ABCD",
        "unknown": check_code(notice.pk + 1),
    }.items():
        phone.goto("/verify/")
        phone.fill("main input[type=text]", typed)
        press(phone)
        assert_good(phone, f"verify, {name}")
