"""Apply to every page the reader's language, and keep pages out of shared caches."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from subscriptions.web.display import remember_reader

Handler = Callable[[HttpRequest], HttpResponse]


class ChosenLanguageMiddleware:
    """The language that the person chose; before a choice, the first of the browser's that the site has; else Korean.

    A choice on this device is a cookie, so that it survives signing in and out. Without one, a signed-in person's own
    language holds.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mine = remember_reader(request)
        chosen = _ours(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")) or _ours(mine.get("language", ""))
        language = chosen or _preferred(request.headers.get("Accept-Language", ""))
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language",))
        return response


def _ours(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else ""


def _preferred(accepted: str) -> str:
    """Return the first of our languages in an Accept-Language header ("en-GB,en;q=0.9")."""
    ours = dict(settings.LANGUAGES)
    wanted = (code.partition("-")[0] for code, _quality in parse_accept_lang_header(accepted.lower()))
    return next((code for code in wanted if code in ours), settings.LANGUAGE_CODE)


def no_store(get_response: Handler) -> Handler:
    """Add `Cache-Control: no-store` where it is unset: pages are personal unless they say otherwise."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return handle
