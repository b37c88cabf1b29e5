"""Set the cookie of the token against forged requests as Django does, without writing each of its attributes anew."""

from collections.abc import Callable
from functools import lru_cache
from http.cookies import Morsel
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_SECRET_LENGTH, CsrfViewMiddleware
from django.utils.cache import patch_vary_headers

from secretary.kernel.time.clock import http_date_now

_ASKED, _IS_DUE = "CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE"  # where Django's middleware keeps it
_MARK: Final = "s" * CSRF_SECRET_LENGTH


def token_cookie(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, right behind Django's: set the cookie that Django would set, with the line that it writes this second
    for any secret. Each page sets it, so that it lasts for a year from the last one."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        secret = request.META.get(_ASKED) or ""
        if request.META.get(_IS_DUE) and len(secret) == CSRF_SECRET_LENGTH and secret.isalnum() and secret.isascii():
            kept, line = _kept(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, http_date_now())
            response.cookies[kept.key] = _Written(kept, line.replace(_MARK, secret, 1), secret)
            patch_vary_headers(response, ("Cookie",))
            request.META[_IS_DUE] = False
        return response

    return handle


class _Written(Morsel[str]):
    """A cookie whose line is another one's with another value, until something of it is changed."""

    _line = ""

    def __init__(self, kept: Morsel[str], line: str, value: str) -> None:
        dict.update(self, kept)
        super().set(kept.key, value, value)
        self._line = line

    def set(self, *values: Any) -> None:
        self._line = ""
        super().set(*values)

    def __setitem__(self, attribute: str, value: Any) -> None:
        self._line = ""
        super().__setitem__(attribute, value)

    def OutputString(self, attrs: Any = None) -> str:
        return self._line if self._line and attrs is None else super().OutputString(attrs)


@lru_cache(1)
def _kept(name: str, _is_secure: bool, _second: str) -> tuple[Morsel[str], str]:
    """Return the cookie that Django sets now for the secret _MARK, and its line."""
    middleware: Any = CsrfViewMiddleware(HttpResponse)
    middleware._set_csrf_cookie(SimpleNamespace(META={_ASKED: _MARK}), response := HttpResponse())
    return response.cookies[name], response.cookies[name].OutputString()
