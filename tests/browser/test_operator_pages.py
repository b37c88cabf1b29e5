"""An operator's pages in a browser: channels set aside, alarms, runs of feeds, lists by key; on a phone too."""

from typing import Any

from playwright.sync_api import Browser, expect

from notifications.alarms import raise_alarm
from notifications.models import Alarm, ChannelState, FeedRun, ReceiptEvent, RefusedLine
from secretary.kernel.time.clock import now
from subscriptions.accounts import roles
from tests.browser.test_call_centre_pages import assert_fits
from tests.notifications.cast import make_data_type, make_feed
from tests.subscriptions.admin.ninth_type import staff_client


def replaying() -> FeedRun:
    """A dry replay under way with a refused line; beside it a channel in trouble with its alarm, and many receipts."""
    make_data_type()
    feed = make_feed()
    ChannelState.objects.create(channel="kakaotalk", handed=50, troubled=5)
    raise_alarm(kind="channel_paused", subject="kakaotalk", message="kakaotalk: too many failed (-1028)", now=now())
    run = FeedRun.objects.create(
        feed=feed, started_at=now(), dry_run=True, replay=True, read=400, new=300, expected=900
    )
    detail = {"line": 7, "external_id": "F-7", "reason": "not_a_date", "detail": "due_on", "value": "9999/99/99"}
    RefusedLine.objects.create(run=run, place="fines.jsonl", **detail)
    ReceiptEvent.objects.bulk_create(
        ReceiptEvent(gateway="nhn", event_id=f"e{number}", verdict="delivered", received_at=now())
        for number in range(120)
    )
    return run


def test_an_operators_pages(browser: Browser, live_server: Any, settings: Any, transactional_db: None) -> None:
    settings.ALARM_RECIPIENTS = [{"language": "ko", "way": "mail", "address": "ops@x.example"}]
    run = replaying()
    operator = staff_client("operator", roles.OPERATOR)
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": operator.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    run_page = f"/admin/notifications/feedrun/{run.pk}/change/"
    alarm = Alarm.objects.get()
    for name, address in {
        "reroute": "/admin/notifications/channelstate/kakaotalk/step/reroute/",
        "channel": "/admin/notifications/channelstate/kakaotalk/change/",
        "channels": "/admin/notifications/channelstate/",
        "alarms": "/admin/notifications/alarm/",
        "an alarm": f"/admin/notifications/alarm/{alarm.pk}/change/",
        "test the alarms": "/admin/notifications/alarm/test/",
        "a running dry replay": run_page,
        "receipts": "/admin/notifications/receiptevent/?gateway=nhn",
    }.items():
        page.goto(address)
        assert_fits(page, f"operator, {name}")
    page.get_by_role("link", name="더 이전").click()
    expect(page.get_by_role("link", name="더 최근")).to_be_visible()
    page.goto("/admin/notifications/channelstate/kakaotalk/step/reroute/")
    page.fill("#id_reason", "통신사 점검")
    page.fill("#id_confirmation", "네이버")
    page.press("#id_confirmation", "Enter")
    page.locator("#error-summary").wait_for()
    assert_fits(page, "operator, reroute with an error")
    page.fill("#id_confirmation", "카카오톡")
    page.press("#id_confirmation", "Enter")
    page.wait_for_url("**/change/")
    expect(page.locator("#content")).to_contain_text("우회")
    page.clock.install()
    page.goto(run_page)
    FeedRun.objects.filter(pk=run.pk).update(read=900, state="finished")
    page.clock.run_for(3_000)
    expect(page.locator("#figures")).to_contain_text("900")
    expect(page.locator("#run-progress")).to_have_count(0)
    context.close()
