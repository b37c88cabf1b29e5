"""The browser of the tests: a real Chromium. Where none is installed they are skipped with a message; in CI that fails.

Debian's `chromium-headless-shell` is the same engine without the parts that show windows, at a fifth of the CPU.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
MISSING = "no chromium: apt-get install chromium-headless-shell fonts-nanum"
ARGUMENTS = (
    *("--no-sandbox", "--no-first-run", "--disable-gpu"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def press(page: Page) -> None:
    """The main button, and then until the page is there that it leads to: a click does not wait for that."""
    with page.expect_navigation():
        page.click("main button.primary")


@contextmanager
def launched() -> Iterator[Browser]:
    """While it runs, Playwright's loop runs in this thread, and no other can."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()
