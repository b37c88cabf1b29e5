"""What happens to a request before anything of a page: HEAD, the policy's header, no cache, and the way of programs.

Answer HEAD wherever GET is answered, with the same status and headers, and without the body (RFC 9110 §9.3.2).
"""

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from secretary.kernel.time.clock import http_date_now

Handler = Callable[[HttpRequest], HttpResponseBase]
PROGRAMS = ("/api/agencies/v1/", "/webhooks/")  # agencies, gateways: signed, no cookie, no page in the answer
_ASKED = "REQUEST_METHOD"


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
