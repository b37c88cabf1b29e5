"""Pages of auditors and of agencies in a browser: accessible, and on a phone too."""

from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Browser, Page

from notifications.matching.match import match_batches
from notifications.models import AgencyKey, Feed
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import link_audit
from secretary.kernel.audit.report_looks import report_looks
from secretary.kernel.http.standard_webhooks import new_secret
from secretary.kernel.models import AuditEvent, LookReport, LookReportMember
from subscriptions.accounts import roles
from tests.browser.test_call_centre_pages import assert_fits
from tests.notifications.agencies.test_agency_pages import browser as signed_in
from tests.notifications.agencies.test_agency_pages import member_of, newest
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.subscriptions.admin.ninth_type import staff, staff_client

APRIL = datetime(2026, 4, 1, 1, tzinfo=UTC)
SUBJECT = {"name": "홍길동", "birth_date": "1985-03-14", "phone": "02-123-4567"}


def opened(browser: Browser, live_server: Any, client: Any) -> Page:
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    return context.new_page()


def test_an_auditors_pages(browser: Browser, live_server: Any, transactional_db: None) -> None:
    clerk, person = staff("clerk", roles.CALL_CENTRE), enrol(1)
    for hour in (1, 2, 13):
        at = datetime(2026, 3, 10, hour, tzinfo=UTC)
        record_audit(
            now=at, actor=f"staff:{clerk.pk}", action="revealed", citizen_id=person.pk, object="citizen", reason="민원"
        )
    link_audit()
    report_looks(now=APRIL)
    page = opened(browser, live_server, staff_client("auditor", roles.AUDITOR))
    for name, address in {
        "trail": "/admin/common/auditevent/",
        "trail, one choice": f"/admin/common/auditevent/?actor=staff:{clerk.pk}&since=2026-03-01",
        "trail, none": "/admin/common/auditevent/?actor=staff:0",
        "trail, error": "/admin/common/auditevent/?since=2026-03-09&until=2026-03-01",
        "a line": f"/admin/common/auditevent/{AuditEvent.objects.earliest('pk').pk}/change/",
        "monthly report": f"/admin/common/lookreport/{LookReport.objects.get().pk}/change/",
        "one member of staff": f"/admin/common/lookreportmember/{LookReportMember.objects.get().pk}/change/",
    }.items():
        page.goto(address)
        assert_fits(page, f"auditor, {name}")
    page.context.close()


def test_an_agencys_pages(browser: Browser, live_server: Any, transactional_db: None) -> None:
    fine = make_data_type()
    for number in range(1, 15):
        enrol(number, fine)
    ingest(*[record(number) for number in range(1, 20)], record(20, external_id="F-20", subject=SUBJECT))
    match_batches(now=MORNING)
    key = AgencyKey(feed=Feed.objects.get(), key_id="knpa-1")
    key.secret = new_secret()
    key.save()
    page = opened(browser, live_server, signed_in(member_of("knpa")))
    for name, address in {
        "batches": "/agencies/",
        "a batch": f"/agencies/batches/{newest().pk}/",
        "no earlier batches": "/agencies/?before=1",
        "keys": "/agencies/keys/",
        "revoke": "/agencies/keys/knpa-1/revoke/",
        "the API": "/api/agencies/",
    }.items():
        page.goto(address)
        assert_fits(page, f"agency, {name}")
    page.goto("/agencies/keys/knpa-1/replace/")
    page.fill("#id_reason", "정기 교체")
    page.press("#id_reason", "Enter")
    page.locator(".secret").wait_for()
    assert_fits(page, "agency, new key")
    page.goto("/agencies/keys/")
    assert_fits(page, "agency, two keys")
    page.context.clear_cookies()
    page.goto("/agencies/")
    page.press("#id_password", "Enter")
    page.locator(".error-summary").wait_for()
    assert_fits(page, "agency, sign-in with an error")
    page.context.close()
