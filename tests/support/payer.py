"""A sample person in front of a payment page: opens it, pays, leaves, or is refused, and is sent back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests

from payments.providers.contract import Begun


@dataclass
class Back:
    """Where the provider sent the browser."""

    url: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))


def pay(begun: Begun, *, outcome: str = "", leave: bool = False, mobile: bool = False) -> Back:
    """`outcome`: "" to pay, else one of the codes that the page offers."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(page_address(begun, mobile=mobile), timeout=60)
        assert page.status_code == 200, page.text
        form = {"outcome": outcome, "act": "leave" if leave else "pay"}
        sent = browser.post(page.url, data=form, allow_redirects=False, timeout=60)
    assert sent.status_code == 303, sent.text
    return Back(sent.headers["Location"])


def page_address(begun: Begun, *, mobile: bool = False) -> str:
    """The page itself; where there is a window, what the sandbox's script makes of its parameters."""
    if begun.window is None:
        return begun.mobile_url if mobile and begun.mobile_url else begun.url
    wanted: dict[str, Any] = dict(begun.window.parameters)
    amount = wanted.pop("amount")
    query = urlencode({**wanted, **amount})
    return urljoin(begun.window.script, f"/toss-payments/window?{query}")
