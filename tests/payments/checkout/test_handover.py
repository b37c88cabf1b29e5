"""The step to the provider's page keeps our content security policy as narrow as it can be."""

from typing import Any

import pytest
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

from payments.providers.contract import Begun, Window
from payments.web.pay import hand_over

TITLE = {"ko": "카카오페이", "en": "KakaoPay"}
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Mobile Safari/537.36"
PAGES = Begun("https://pay.example/pc?a=1&b=2", "T1", "https://pay.example/mobile")
WINDOW = Begun("", window=Window("https://js.example/v2/standard", ("https://*.example",), {"orderName": "</script>"}))


def shown(
    begun: Begun, *, language: str = "ko", agent: str = "Mozilla/5.0 (X11; Linux)", name: str = "kakaopay"
) -> Any:
    def view(request: Any) -> HttpResponse:
        request.LANGUAGE_CODE = language
        return hand_over(request, begun, provider=name, title=TITLE)

    return CSPMiddleware(view)(RequestFactory().post("/pay/", headers={"User-Agent": agent}))


def directives(response: Any) -> dict[str, set[str]]:
    parts = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in parts}


@pytest.mark.parametrize(("agent", "path"), [("Mozilla/5.0 (X11; Linux)", "pc?a=1&amp;b=2"), (PHONE, "mobile")])
def test_the_browser_goes_to_the_page_for_its_size(agent: str, path: str) -> None:
    page = shown(PAGES, agent=agent).content.decode()
    assert page.count(f"https://pay.example/{path}") == 2
    assert '<meta http-equiv="refresh" content="0; url=' in page


def test_a_page_of_its_own_loosens_nothing() -> None:
    policy = directives(shown(PAGES))
    assert policy["script-src"] == policy["form-action"] == {"'self'"}


def test_a_window_loosens_only_what_its_script_needs() -> None:
    policy = directives(shown(WINDOW, name="toss_payments"))
    assert policy["script-src"] == {"'self'", "https://js.example"}
    assert policy["form-action"] == policy["connect-src"] == {"'self'", "https://*.example"}
    assert policy["frame-src"] == {"https://*.example"}
    assert "unsafe" not in str(policy)


def test_what_a_window_is_given_cannot_break_out_of_the_page() -> None:
    page = shown(WINDOW, name="toss_payments").content.decode()
    assert "</script>" not in page.partition('id="window-parameters"')[2].partition("</script>")[0]
    assert "\\u003C/script\\u003E" in page
    assert "payments/toss_payments_window.js" in page


def test_it_speaks_the_citizens_language() -> None:
    assert "카카오페이 결제 화면으로 이동합니다" in shown(PAGES).content.decode()
    assert "Taking you to KakaoPay" in shown(PAGES, language="en").content.decode()
