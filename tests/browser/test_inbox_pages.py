"""The inbox at every size: nothing yet, the list, its filters, notices in several states, the page for printing."""

from datetime import time
from typing import Any

import pytest
from playwright.sync_api import Page

from citizens.inbox.kinds import kind_of
from notifications.channels.contract import Verdict
from notifications.models import Record
from secretary.kernel.time.clock import now
from tests.browser.look import assert_good
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
