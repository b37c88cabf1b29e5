"""The editor in a real browser: quiet under the strict CSP, accessible, and the preview follows the typing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from subscriptions.models import DataTypeVersion
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client

CHROMIUM = Path("/usr/bin/chromium")
WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium is installed"),
]


@pytest.fixture(scope="module", autouse=True)
def emptied_between_tests(django_db_setup: None) -> Iterator[None]:
    """A live server's database is emptied with TRUNCATE, which the audit trail refuses."""
    with pgtrigger.ignore("common.AuditEvent:audit_no_truncate"):
        yield


@contextmanager
def browser(client: Client, base: str, complaints: list[str]) -> Iterator[Page]:
    """A page that is signed in as `client` is; what its console complains of ends up in `complaints`.

    Nothing may ask the database in here: Playwright's loop runs in this thread.
    """
    cookies = [{"name": "session", "value": client.cookies["session"].value, "url": base}]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        context = chromium.new_context(base_url=base, viewport={"width": 1280, "height": 900}, locale="ko-KR")
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        yield page
        chromium.close()


def test_the_preview_follows_the_typing_under_the_strict_policy(live_server: Any) -> None:
    alice = staff_client("alice")
    version = draft_ninth_type(alice)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    complaints: list[str] = []
    with browser(alice, live_server.url, complaints) as page:
        page.goto(version.replace("change/", f"stages/{stage.pk}/wordings/sms/ko/"))
        page.fill("#id_body", "")
        page.type("#id_body", "여권 #{만료일} #{확인코드} bit.ly/x")
        page.locator("#preview", has_text="bit.ly/x").wait_for()
        assert "여권 2026. 6. 30.(화) K7MP-2QX9 bit.ly/x" in page.inner_text("#preview")
        assert "사칭" in page.inner_text("#preview")
    assert complaints == []


def test_the_pages_pass_the_accessibility_rules(live_server: Any) -> None:
    alice = staff_client("alice")
    version = draft_ninth_type(alice)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    paths = ["change/", "stages/add/", f"stages/{stage.pk}/wordings/toss/en/"]
    urls = ["/admin/", *(version.replace("change/", path) for path in paths)]
    with browser(alice, live_server.url, []) as page:
        for url in urls:
            page.goto(url)
            found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
            assert found == [], (url, [(item["id"], item["nodes"][0]["html"]) for item in found])


def test_everything_works_without_javascript(live_server: Any) -> None:
    alice = staff_client("alice")
    version = draft_ninth_type(alice)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    with browser(alice, live_server.url, []) as signed_in:
        plain = signed_in.context.browser
        assert plain is not None
        context = plain.new_context(base_url=live_server.url, java_script_enabled=False)
        context.add_cookies(signed_in.context.cookies())  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(version.replace("change/", f"stages/{stage.pk}/wordings/sms/ko/"))
        page.fill("#id_body", "여권 #{만료일} 확인코드 #{확인코드}")
        page.click("button[name=save_preview]")
        assert "여권 2026. 6. 30.(화) 확인코드 K7MP-2QX9" in page.inner_text("#preview")
    assert stage.wordings.get(channel="sms", language="ko").body == "여권 #{만료일} 확인코드 #{확인코드}"
