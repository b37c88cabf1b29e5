"""Apply to every page the language that a person chose, and keep pages out of shared caches."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from subscriptions.web.display import remember_reader

Handler = Callable[[HttpRequest], HttpResponse]


class ChosenLanguageMiddleware:
    """Korean unless the person chose another language; a browser's own setting does not choose for them.

    A choice on this device is a cookie, so that it survives signing in and out. Without one, a signed-in person's own
    language holds.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mine = remember_reader(request)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") or mine.get("language", "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response


def no_store(get_response: Handler) -> Handler:
    """Add `Cache-Control: no-store` where it is unset: pages are personal unless they say otherwise."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return handle
