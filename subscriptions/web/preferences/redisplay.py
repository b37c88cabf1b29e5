"""Let the header's buttons change a page in the middle of a form, and keep what they choose with the person."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from secretary.kernel.database.retry import Busy
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.models import Citizen
from subscriptions.preferences.reading import TEXT_SIZES, Reading, choose_reading, reading_of
from subscriptions.web.citizens.entry import citizen_of
from subscriptions.web.display import keep_choice, read_as, remember_reader
from subscriptions.web.session import signed_in, typed

Handler = Callable[[HttpRequest], HttpResponse]
# What a button of the header sends along with the page's form.
SET_LANGUAGE, SET_SIZE, SET_CONTRAST, SET_TIME = "set-language", "set-size", "set-contrast", "set-time"


class Redisplay:
    """Change text size, contrast, language or the end of the sign-in from within a form, and show it again as typed.

    The buttons belong to the page's form (`form="page-form"`), so that a browser without scripts sends along what was
    typed. Nothing of it is checked or stored; the page answers as to a GET. After the check of the CSRF token: no other
    site can fill in a form here.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        for cookie, value in getattr(request, "display_chosen", {}).items():
            keep_choice(response, cookie, value)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return
        chosen = {name: request.POST[name] for name in request.POST if name.startswith("set-")}
        if chosen.keys() & {SET_LANGUAGE, SET_SIZE, SET_CONTRAST, SET_TIME}:
            _apply(request, chosen)
            typed.show_again(request)


def _apply(request: HttpRequest, chosen: dict[str, Any]) -> None:
    """Apply the choices to this request's page, and note them for the cookies of the answer."""
    cookies: dict[str, str] = {}
    if (language := chosen.get(SET_LANGUAGE)) in dict(settings.LANGUAGES):
        cookies[settings.LANGUAGE_COOKIE_NAME] = request.LANGUAGE_CODE = str(language)
        translation.activate(str(language))
    if (size := chosen.get(SET_SIZE)) in TEXT_SIZES:
        cookies["text_size"] = str(size)
    if (contrast := chosen.get(SET_CONTRAST)) in ("on", "off"):
        cookies["contrast"] = str(contrast)
    if SET_TIME in chosen:
        signed_in.more_time(request)
    request.COOKIES.update(cookies)
    keep_with_person(request, size=cookies.get("text_size", ""), contrast=cookies.get("contrast", ""))
    remember_reader(request)
    request.display_chosen = cookies  # type: ignore[attr-defined]


def keep_with_person(request: HttpRequest, *, size: str, contrast: str) -> None:
    """Keep a choice with the person who is signed in; "" leaves theirs. The session follows."""
    citizen = citizen_of(request) if size or contrast else None
    if citizen is None:
        return
    mine = reading_of(citizen)
    is_on = contrast == "on" if contrast in ("on", "off") else mine.contrast
    reading = Reading(mine.language, size if size in TEXT_SIZES else mine.text_size, is_on)
    with suppress(Busy):  # the device has it, and the next choice is stored again
        choose_reading(citizen_id=citizen.id, reading=reading, actor=ACTOR, now=clock_now())
    read_as(request, reading_of(Citizen.objects.get(pk=citizen.pk)))
