"""Test the editor in a real browser: no CSP violation, accessible, and the preview follows the typing."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from subscriptions.models import DataTypeVersion
from tests.browser.conftest import browser, chromium
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client
from tests.support.accessibility import violations

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]

__all__ = ["browser", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def signed_in(browser: Browser, client: Client, base: str, complaints: list[str]) -> Iterator[Page]:
    """A page that is signed in as `client` is; errors of its console are added to `complaints`."""
    context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900}, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": base}])
    page = context.new_page()
    page.on("console", lambda entry: complaints.append(entry.text) if entry.type == "error" else None)
    yield page
    context.close()


def test_the_preview_follows_the_typing_under_the_strict_policy(browser: Browser, live_server: Any) -> None:
    alice = staff_client("alice")
    version = draft_ninth_type(alice)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    complaints: list[str] = []
    with signed_in(browser, alice, live_server.url, complaints) as page:
        page.goto(version.replace("change/", f"stages/{stage.pk}/templates/sms/ko/"))
        page.fill("#id_body", "")
        page.type("#id_body", "여권 #{만료일} #{확인코드} bit.ly/x")
        page.locator("#preview", has_text="bit.ly/x").wait_for()
        assert "여권 2026. 6. 30.(화) K7MP-2QX9-3HVC bit.ly/x" in page.inner_text("#preview")
        assert "사칭" in page.inner_text("#preview")
        page.goto(version.replace("change/", "write/"))
        cell = f"text-{stage.pk}-toss-en"
        page.locator(f"#texts-{stage.pk} > summary").click()
        page.locator(f"details.cell:has(#id_{cell}-body) > summary").click()
        page.fill(f"#id_{cell}-body", "")
        page.type(f"#id_{cell}-body", "Passport #{만료일}")
        page.locator(f"#preview-{cell}", has_text="Passport Tue, 30 June 2026").wait_for()
        assert "#{확인코드}" in page.inner_text(f"#preview-{cell}")
    assert complaints == []


def test_the_pages_pass_the_accessibility_rules(browser: Browser, live_server: Any) -> None:
    alice = staff_client("alice")
    version = draft_ninth_type(alice)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    paths = ["change/", "stages/add/", f"stages/{stage.pk}/templates/toss/en/"]
    urls = ["/admin/", "/admin/subscriptions/datatype/", *(version.replace("change/", path) for path in paths)]
    with signed_in(browser, alice, live_server.url, []) as page:
        for url in urls:
            page.goto(url)
            assert violations(page, WCAG) == [], url


def test_everything_works_without_javascript(browser: Browser, live_server: Any) -> None:
    alice = staff_client("alice")
    version = draft_ninth_type(alice)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    with closing(context):
        context.add_cookies([{"name": "session", "value": alice.cookies["session"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(version.replace("change/", f"stages/{stage.pk}/templates/sms/ko/"))
        page.fill("#id_body", "여권 #{만료일} 확인코드 #{확인코드}")
        page.click("button[name=save_preview]")
        assert "여권 2026. 6. 30.(화) 확인코드 K7MP-2QX9-3HVC" in page.inner_text("#preview")
    assert stage.templates.get(channel="sms", language="ko").body == "여권 #{만료일} 확인코드 #{확인코드}"
