"""Hand over from our page to the provider's: its address, or a page on which its script opens its window.

Not a redirect: Chromium holds a redirect that answers a form to `form-action`, which is ours alone. The page moves on
by itself (a refresh after no time at all) and shows a link for whom it does not.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from payments.providers.contract import Begun, Window
from secretary.common.language import as_language

WORDS: Mapping[str, Mapping[str, str]] = {
    "ko": {
        "moving": "{provider} 결제 화면으로 이동합니다",
        "go": "결제 화면 열기",
        "wait": "화면이 바뀌지 않으면 아래 버튼을 눌러 주세요. 결제를 마치면 이 서비스로 돌아옵니다.",
        "script": "이 결제사는 자바스크립트가 있어야 열립니다. 켤 수 없다면 다른 결제 방법을 골라 주세요.",
    },
    "en": {
        "moving": "Taking you to {provider}",
        "go": "Open the payment page",
        "wait": "If nothing happens, use the button below. After paying you come back to this service.",
        "script": "This provider needs JavaScript. If you cannot turn it on, choose another way to pay.",
    },
}
PHONE_SIGN = "Mobi"  # in the User-Agent of browsers on phones (developer.mozilla.org, "Browser detection")


def hand_over(request: HttpRequest, begun: Begun, *, provider: str, title: Mapping[str, str]) -> HttpResponse:
    """Answer a POST that has just begun a payment. `provider`: its module's name; `title`: its `title`."""
    language = as_language(getattr(request, "LANGUAGE_CODE", "ko"))
    words = {name: text.format(provider=title[language]) for name, text in WORDS[language].items()}
    context: dict[str, Any] = {"words": words, "provider": provider}
    if begun.window is None:
        return render(request, "payments/handover.html", {**context, "url": _address(request, begun)})
    answer = csp_update(_policy(begun.window))(lambda asked: render(asked, "payments/window.html", context))
    context["window"] = begun.window
    shown = answer(request)
    assert isinstance(shown, HttpResponse)
    return shown


def _address(request: HttpRequest, begun: Begun) -> str:
    phone = PHONE_SIGN in request.headers.get("User-Agent", "")
    return begun.mobile_url if phone and begun.mobile_url else begun.url


def _policy(window: Window) -> dict[str, list[str]]:
    """Return what this one page may load besides our own: the vendor's script, and what that talks to."""
    parts = urlsplit(window.script)
    others = list(window.origins)
    return {
        "script-src": [f"{parts.scheme}://{parts.netloc}"],
        "connect-src": others,
        "form-action": others,
        "frame-src": others,
    }
