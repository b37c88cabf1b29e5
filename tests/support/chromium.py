"""The browser of the tests: a real Chromium. Where none is installed they are skipped with a message; in CI that fails.

Debian's `chromium-headless-shell` is the same engine without the parts that show windows, at a fifth of the CPU.
"""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
PATIENCE_MS = 60_000  # until what a page is to show hangs, whatever else this machine does; Playwright has five seconds
MISSING = "no chromium: apt-get install chromium-headless-shell fonts-nanum"
ARGUMENTS = (
    *("--no-sandbox", "--no-first-run", "--disable-gpu"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--js-flags=--single-threaded",  # pages end before what threads would compile has been of use: a fifth of the CPU
)


def press(page: Page) -> None:
    """The main button, and then until the page is there that it leads to: a click does not wait for that."""
    with page.expect_navigation():
        page.click("main button.primary")


def press_towards(page: Page, address: str) -> None:
    """The main button, where it leads to a site that is not there: the browser stays. The route is watched no longer
    than that, since meanwhile each page loads its style sheet and scripts anew."""
    page.route(f"{address}**", lambda route: route.fulfill(status=204))
    with page.expect_response(lambda answer: answer.url.startswith(address)):
        page.click("main button.primary")
    page.unroute(f"{address}**")


def take_session(page: Page, client: Client, base: str) -> None:
    """Go on as `client` is signed in: a walk through the pages of a sign-in, which have their own tests, takes four
    pages. `base`: where the server is."""
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": base}])


@dataclass(frozen=True, slots=True)
class Kept:
    """A browser for all files of a process, since to start one takes more than a second of CPU."""

    browser: Browser
    loop: asyncio.AbstractEventLoop  # Playwright's, which runs in this thread

    @contextmanager
    def in_use(self) -> Iterator[Browser]:
        """Meanwhile no other loop can run in this thread, as Django says of any that seems to; before and after, this
        one is suspended."""
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # nothing of ours is async
        asyncio._set_running_loop(self.loop)
        try:
            yield self.browser
        finally:
            asyncio._set_running_loop(None)
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def kept() -> Iterator[Kept]:
    with launched() as started:
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield Kept(started, loop)
        asyncio._set_running_loop(loop)


@contextmanager
def launched() -> Iterator[Browser]:
    """While it runs, Playwright's loop runs in this thread, and no other can."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()
