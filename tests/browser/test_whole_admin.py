"""The whole administrators' site in a browser: every page accessible, and none wider than a phone's screen."""

from collections.abc import Iterator
from datetime import time
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Browser, Page

from citizens.inbox.kinds import kind_of
from notifications.channels.contract import Verdict
from secretary.kernel.time.clock import now
from tests.browser.look import picture, violations
from tests.browser.test_payment_pages import fine
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import enrol, make_data_type, record
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDTHS = ((1280, "100%"), (390, "100%"), (320, "150%"))  # a width, and the reader's size of text
# Axe, which takes most of the time, looks at every page at the last of these, and at each kind of page at all.
KINDS = (
    "/admin/",
    "/admin/dashboard/",
    "/admin/subscriptions/",
    "agency/",
    "agency/add/",
    "agency/1/change/",
    "history/",
)
EDITOR = ("change/", "write/", "review/", "basics/", "consent/", "fields/add/", "stages/add/", "discard/")


def addresses(request: HttpRequest, draft: str) -> Iterator[str]:
    """The overview, each model's list, its page to add a row, a row's page; the history of one; the editor."""
    yield from ("/admin/", "/admin/subscriptions/", "/admin/password_change/", "/admin/dashboard/")
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if model_admin.has_add_permission(request):
            yield reverse(f"{name}_add")
        if (row := model._default_manager.first()) is not None:
            yield reverse(f"{name}_change", args=[row.pk])
    yield reverse("admin:subscriptions_agency_history", args=[1])
    yield from (draft.replace("change/", part) for part in EDITOR)


def faults(page: Page, url: str) -> Iterator[str]:
    for width, size in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{url} at {width} px, {size}: {wide} px wide"
        if (width, size) == WIDTHS[-1] or url.endswith(KINDS[3:] + EDITOR) or url in KINDS:
            yield from (f"{url} at {width} px, {size}: {broken}" for broken in violations(page, WCAG))
        if width != 320:
            picture(page, f"admin {url.strip('/')}", width)


def test_every_page(browser: Browser, live_server: Any, settings: Any, transactional_db: None) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour of the run
    kind_of.cache_clear()
    enrol(1, make_data_type(), channels=["kakaotalk", "sms"])
    arrive(record(1, fields=fine()), now=now())
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"), now=now())
    root = staff_client("root", superuser=True)
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(username="root")
    urls = list(addresses(request, draft_ninth_type(root)))
    context = browser.new_context(base_url=live_server.url, locale="ko-KR")
    context.add_cookies([{"name": "session", "value": root.cookies["session"].value, "url": live_server.url}])
    page, found = context.new_page(), []
    for url in urls:
        answer = page.goto(url)
        assert answer is not None and answer.status == 200, url
        found += list(faults(page, url))
    page.emulate_media(forced_colors="active", contrast="more")
    for url in urls[:1] + urls[-len(EDITOR) :]:
        page.goto(url)
        found += [f"{url} in forced colours: {broken}" for broken in violations(page, WCAG)]
    context.close()
    assert len(urls) > 120
    assert not found, "\n".join(found)
