"""The policy that is written once is that of the settings, and a view's own is its own."""

from typing import Any

from csp.constants import HEADER
from csp.decorators import csp_exempt, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from secretary.kernel.http.middleware import KeptPolicy


def header(of: Any, asked: HttpRequest) -> str:
    return str(of(asked).headers.get(HEADER, ""))


def plain(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def test_each_page_has_the_policy_that_the_library_writes() -> None:
    asked, kept, theirs = RequestFactory().get("/"), KeptPolicy(plain), CSPMiddleware(plain)
    for _again in range(3):
        assert set(header(kept, asked).split("; ")) == set(header(theirs, asked).split("; "))


def test_a_view_that_changes_it_changes_its_own_page_only() -> None:
    asked = RequestFactory().get("/")
    window = csp_update({"script-src": ["https://pay.example"]})(plain)
    free = csp_exempt()(plain)
    given: list[Any] = [plain]
    kept = KeptPolicy(lambda request: given[0](request))
    usual = header(kept, asked)
    given[0] = window
    assert "https://pay.example" in header(kept, asked)
    given[0] = free
    assert header(kept, asked) == ""
    given[0] = plain
    assert header(kept, asked) == usual


def test_another_policy_of_the_settings_is_used_at_once(settings: Any) -> None:
    asked, kept = RequestFactory().get("/"), KeptPolicy(plain)
    assert "form-action 'self'" in header(kept, asked)
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["'none'"]}}
    assert header(kept, asked) == header(kept, asked) == "default-src 'none'"
