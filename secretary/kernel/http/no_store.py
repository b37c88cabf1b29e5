"""Keep pages out of every cache: they are personal unless they say otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.http import http_date


def no_store(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: add `Cache-Control: no-store` where it is unset."""
    add_never_cache_headers(never := HttpResponse())  # once, and not for each answer

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = never.headers["Cache-Control"]
            response.headers.setdefault("Expires", http_date())
        return response

    return handle
