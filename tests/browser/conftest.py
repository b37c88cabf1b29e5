"""Pages in a real browser, against a server in this process."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from subscriptions.web import identify
from tests.browser import look, looked_at
from tests.payments.conftest import far as far
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import FakeProvider
from tests.support.chromium import Kept, kept

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    look.SCREENS[:] = filter(None, [config.getoption("--screens")])
    look.EVERYWHERE[:] = filter(None, [config.getoption("--every-display")])
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    looked_at.begin()
    outcome = yield
    looked_at.conclude(item)
    return outcome


@pytest.fixture(scope="session")
def chromium() -> Iterator[Kept]:
    with kept() as started:
        yield started


@pytest.fixture(scope="module")
def browser(chromium: Kept) -> Iterator[Browser]:
    """Out of use after its module: while Playwright's loop runs in this thread, nothing else can run one."""
    with chromium.in_use() as started:
        yield started


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    fake = FakeProvider()
    monkeypatch.setattr(identify, "provider", lambda: fake)
    return fake


@pytest.fixture
def offered(transactional_db: None) -> None:
    cast.offer_all()


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A phone's screen."""
    context = browser.new_context(base_url=live_server.url, locale="ko-KR", viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()
