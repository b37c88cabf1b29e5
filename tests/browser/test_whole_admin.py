"""The administrators' site in a browser: every kind of page is accessible, and none is wider than a phone's screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Browser, Page

from citizens.inbox.kinds import kind_of
from notifications.channels.contract import Verdict
from secretary.kernel.time.clock import now
from subscriptions.models import Agency
from tests.browser.look import ADMIN_WIDTH, EVERYWHERE, of_width, picture
from tests.browser.test_payment_pages import fine
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import enrol, make_data_type, record
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client
from tests.support.accessibility import measured, violations

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDTHS = ((1280, ""), (390, "contrast"), (320, "size-150"))  # a width, and the reader's choice (base_site.html)
EVERY = tuple(product((1280, 390, 320), ("", "contrast", "size-150")))  # where a run asks for it (--every-display)
EDITOR = ("change/", "write/", "review/", "basics/", "consent/", "fields/add/", "stages/add/", "discard/")


def kinds_of_pages(draft: str) -> Iterator[str]:
    """The overview, a list with what an administrator finds in one, forms, a history, and the whole editor."""
    agency, user = Agency.objects.values_list("pk", flat=True)[0], User.objects.values_list("pk", flat=True)[0]
    yield from ("/admin/", "/admin/subscriptions/", "/admin/password_change/", "/admin/dashboard/")
    yield from (
        f"/admin/subscriptions/{part}" for part in ("datatype/", "datatype/add/", "datatypeversion/", "citizen/")
    )
    yield from (f"/admin/subscriptions/agency/{agency}/{part}/" for part in ("change", "history"))
    yield from ("/admin/auth/user/", f"/admin/auth/user/{user}/change/", "/admin/auth/group/add/")
    yield from ("/admin/notifications/notice/", "/admin/notifications/feed/add/", "/admin/common/auditevent/")
    yield from (draft.replace("change/", part) for part in EDITOR)
    yield f"/admin/try-messages/{draft.split('/')[-3]}/"


def pages_of_models(request: HttpRequest) -> Iterator[str]:
    """Each model's list, its page to add a row, and the page of a row."""
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if model_admin.has_add_permission(request):
            yield reverse(f"{name}_add")
        if (row := model._default_manager.first()) is not None:
            yield reverse(f"{name}_change", args=[row.pk])


def faults(page: Page, url: str, *, looked_at: tuple[tuple[int, str], ...] = WIDTHS) -> Iterator[str]:
    """`looked_at`: the displays at which axe looks too, which takes most of the time."""
    for width, choice in EVERY if EVERYWHERE else WIDTHS:
        of_width(page, width)
        wide, structure = measured(page, ADMIN_WIDTH, choice)
        if wide > width:
            yield f"{url} at {width} px, {choice}: {wide} px wide"
        if EVERYWHERE or (width, choice) in looked_at:
            found = violations(page, WCAG, anew=bool(EVERYWHERE), structure=structure)
            yield from (f"{url} at {width} px, {choice}: {broken}" for broken in found)
        if width != 320 and (width, choice) in WIDTHS:
            picture(page, f"admin {url.removeprefix('/admin/').strip('/')}", width)


@pytest.fixture
def draft(settings: Any, transactional_db: None) -> str:
    """A draft, and beside it a person with a notice that one channel did not deliver."""
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour of the run
    kind_of.cache_clear()
    enrol(1, make_data_type(), channels=["kakaotalk", "sms"])
    arrive(record(1, fields=fine()), now=now())
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"), now=now())
    return draft_ninth_type(staff_client("root", superuser=True))


@contextmanager
def signed_in(browser: Browser, base: str) -> Iterator[Page]:
    context = browser.new_context(base_url=base, locale="ko-KR")
    cookie = staff_client("chief", superuser=True).cookies["session"].value
    context.add_cookies([{"name": "session", "value": cookie, "url": base}])
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")  # colours are what they are to be at once
    yield page
    context.close()


def classes(page: Page) -> list[str]:
    return str(page.evaluate("document.body.className")).split()


def open_page(page: Page, url: str) -> None:
    answer = page.goto(url)
    assert answer is not None and answer.status == 200, url
    # Which fields the bar of buttons lies over depends on how far the page is scrolled.
    page.evaluate("document.querySelectorAll('.row-of-buttons.sticky').forEach(bar => bar.style.position = 'static')")


def test_every_kind_of_page(browser: Browser, live_server: Any, draft: str) -> None:
    found = []
    with signed_in(browser, live_server.url) as page:
        for url in kinds_of_pages(draft):
            open_page(page, url)
            found += list(faults(page, url))
        page.goto("/admin/")
        page.get_by_text("글자 크기·대비").click()
        page.get_by_role("button", name="고대비 켜기").click()
        page.get_by_text("글자 크기·대비").click()
        page.get_by_role("button", name="150%").click()
        assert page.url.endswith("/admin/") and {"size-150", "contrast"} <= set(classes(page)), classes(page)
        open_page(page, "/admin/auth/user/")
        assert {"size-150", "contrast"} <= set(classes(page)), "it survives navigation"
        name = page.locator("#site-name a").evaluate("link => getComputedStyle(link).color")
        assert name == "rgb(255, 255, 255)", "axe passes over a name in the colour of its ground"
        page.context.clear_cookies(name="contrast")
        page.context.clear_cookies(name="text_size")
        page.emulate_media(forced_colors="active", contrast="more")
        for url in ("/admin/", draft.replace("change/", "write/")):
            open_page(page, url)
            found += [f"{url} in forced colours: {broken}" for broken in violations(page, WCAG)]
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_every_page_of_every_model(browser: Browser, live_server: Any, draft: str) -> None:
    request, found = RequestFactory().get("/admin/"), []
    request.user = User.objects.get(username="root")
    with signed_in(browser, live_server.url) as page:
        for url in pages_of_models(request):
            open_page(page, url)
            found += list(faults(page, url, looked_at=WIDTHS[-1:]))
    assert not found, "\n".join(found)
