"""The dashboard in a browser: accessible, on a phone too, and its figures renew themselves without a new page."""

from typing import Any

from playwright.sync_api import Browser, expect

from notifications.models import ChannelState, Feed, FeedRun
from secretary.kernel.time.clock import now
from subscriptions.accounts import roles
from subscriptions.models import Agency
from tests.browser.test_call_centre_pages import assert_fits
from tests.secretary.ops.test_dashboard import counted
from tests.subscriptions.admin.ninth_type import staff_client


def test_the_dashboard(browser: Browser, live_server: Any, transactional_db: None) -> None:
    police = Agency.objects.create(code="knpa", name_ko="경찰청", name_en="Police", phone="182")
    feed = Feed.objects.create(name="traffic-fines", agency=police, kind="http_pull")
    FeedRun.objects.create(feed=feed, started_at=now(), finished_at=now(), state=FeedRun.FINISHED)
    ChannelState.objects.create(channel="sms", handed=50, troubled=5)
    for channel, median in (("kakaotalk", 4), ("sms", 9)):
        counted(channel, "delivered", 900, duration=median)
        counted(channel, "delivered", 80, duration=median + 8)
    counted("sms", "failed", 20, code="30003")
    counted("kakaotalk", "returned", 7, code="-1006")
    staff = staff_client("operator", roles.OPERATOR)
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": staff.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    page.clock.install()
    page.goto("/admin/dashboard/?period=31d")
    assert_fits(page, "dashboard")
    sms = page.locator("section[aria-labelledby=delivered-title] tbody tr").last
    expect(sms).to_contain_text("98.0 %")
    counted("sms", "failed", 1000, code="30006")
    page.clock.run_for(60_000)
    expect(sms).to_contain_text("49.0 %")
    context.close()
