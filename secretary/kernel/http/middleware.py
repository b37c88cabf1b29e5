"""Handle requests before any page does: HEAD, NUL in a query, the policy's header, no cache, and the shorter way of
programs.

Answer HEAD wherever GET is answered, with the same status and headers, and without the body (RFC 9110 §9.3.2).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from http.cookies import Morsel
from types import SimpleNamespace
from typing import Any, Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.handlers.base import BaseHandler
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CSRF_SECRET_LENGTH, CsrfViewMiddleware
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from secretary.kernel.time.clock import http_date_now

Handler = Callable[[HttpRequest], HttpResponseBase]
PROGRAMS = ("/api/agencies/v1/", "/webhooks/")  # agencies, gateways: signed, no cookie, no page in the answer
_ASKED, _NUL = "REQUEST_METHOD", "%00"  # as it stands in an address: the web server refuses it unescaped
_SECRET, _IS_DUE = "CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE"  # where Django's middleware keeps it
_MARK: Final = "s" * CSRF_SECRET_LENGTH


def head_as_get(get_response: Handler) -> Handler:
    """Middleware: views, and the decorators that restrict their methods, see a GET."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = []
        elif isinstance(response, HttpResponse):
            response.content = b""  # the headers, with the length, were made of the whole page
        return response

    return handle


def is_only_head(request: HttpRequest) -> bool:
    """Return whether no person gets to see the page."""
    return str(request.META[_ASKED]) == "HEAD"


def no_nul(get_response: Handler) -> Handler:
    """Middleware: answer an address whose query has a NUL as one that does not exist. No text of PostgreSQL can hold
    one, so that nothing is found by it, and each filter of a list would have to refuse it on its own."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if _NUL in request.META.get("QUERY_STRING", ""):
            raise Http404
        return get_response(request)

    return handle


class KeptPolicy(CSPMiddleware):
    """Write the header Content-Security-Policy once per process: composing it took as long as finding the view.

    It is the policy of the settings, where a view has changed nothing of it and a page has asked for no nonce.
    """

    _of: Any = None
    _written = ""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        usual = settings.CONTENT_SECURITY_POLICY
        if getattr(request, "_csp_nonce", None) or any(name.startswith("_csp") for name in response.__dict__):
            return super().process_response(request, response)
        if self._of is not usual:
            answered = super().process_response(request, response)
            self._written, self._of = answered.headers.get(HEADER, ""), usual
            return answered
        if self._written:
            response.headers.setdefault(HEADER, self._written)
        return response


def no_store(get_response: Handler) -> Handler:
    """Middleware: add `Cache-Control: no-store` where it is unset; pages are personal unless they say otherwise."""
    add_never_cache_headers(never := HttpResponse())  # once, and not for each answer

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = never.headers["Cache-Control"]
            response.headers.setdefault("Expires", http_date_now())
        return response

    return handle


def programs_first(get_response: Handler) -> Handler:
    """Middleware: call the view of a program's address at once. What comes after this in the list is about pages:
    session, language, who is signed in, forms that another site may have sent.

    An address that is not there is left to the others, which may know it with a slash, and have a page for it.
    """
    views = _Views()

    def handle(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PROGRAMS):
            return get_response(request)
        try:
            response = views.answer(request)
        except Http404:
            return get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return handle


class _Views(BaseHandler):
    """Django's own way to a view, with no middleware in it."""

    def __init__(self) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self._get_response(request)  # type: ignore[attr-defined]
        return response


def token_cookie(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, right behind Django's: set the cookie that Django would set, with the line that it writes this second
    for any secret. Each page sets it, so that it lasts for a year from the last one."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        secret = request.META.get(_SECRET) or ""
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
    middleware._set_csrf_cookie(SimpleNamespace(META={_SECRET: _MARK}), response := HttpResponse())
    return response.cookies[name], response.cookies[name].OutputString()


class SeldomMessages(FallbackStorage):
    """Store messages as Django does by default; on a page without any, which is nearly each, neither look for some nor
    make what would read and sign them. MESSAGE_STORAGE of the settings."""

    def __init__(self, request: HttpRequest) -> None:
        BaseStorage.__init__(self, request)
        self._used_storages: set[BaseStorage] = set()

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        if CookieStorage.cookie_name not in self.request.COOKIES:  # Django looks into the session after a cookie alone
            return [], True
        self._make()
        found: tuple[list[Any], bool] = super()._get(*args, **kwargs)  # type: ignore[misc]  # missing in the stubs
        return found

    def _store(self, messages: Sequence[Any], response: HttpResponseBase, *args: Any, **kwargs: Any) -> Sequence[Any]:
        if not messages and not self._used_storages:
            return messages
        self._make()
        left: Sequence[Any] = super()._store(messages, response, *args, **kwargs)  # type: ignore[misc]
        return left

    def _make(self) -> None:
        if "storages" not in vars(self):
            self.storages = [kind(self.request) for kind in self.storage_classes]
