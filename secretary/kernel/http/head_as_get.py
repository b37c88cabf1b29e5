"""Answer HEAD wherever GET is answered, with the same status and headers, and without the body (RFC 9110 §9.3.2)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

_ASKED = "REQUEST_METHOD"


def head_as_get(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
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
