"""Store text size and contrast, so that the server applies them on the next page: of a visitor in cookies, of a
signed-in person in their session, where they also find the choices that are kept with them."""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from secretary.kernel.database.retry import Busy
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.models import Citizen
from subscriptions.preferences.reading import TEXT_SIZES, Reading, choose_reading, reading_of
from subscriptions.web.session.signed_in import citizen_of, more_time

KEY = "reading"  # in the session
ATTRIBUTE = "reader"  # of the request: set by middleware.py, read by context.py
ONE_YEAR = 31_536_000


def read_as(request: HttpRequest, reading: Reading) -> None:
    """Apply a person's choices to this session. The language that a device has chosen stays on that device."""
    request.session[KEY] = reading._asdict()


def set_language_cookie(answer: HttpResponse, language: str) -> None:
    keep_choice(answer, settings.LANGUAGE_COOKIE_NAME, language)


@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Store one choice, on the device and with the person who is signed in, or extend the sign-in; redirect back.

    For pages without a form: those are shown again with what was typed (`Redisplay` in middleware.py).
    """
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("web:landing")
    response = HttpResponseRedirect(target)
    size, contrast = request.POST.get("text_size", ""), request.POST.get("contrast", "")
    if size in TEXT_SIZES:
        keep_choice(response, "text_size", size)
    if contrast in ("on", "off"):
        keep_choice(response, "contrast", contrast)
    if "more_time" in request.POST:
        more_time(request)
    keep_with_person(request, size=size, contrast=contrast)
    return response


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


def keep_choice(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice of display or language for a year."""
    response.set_cookie(
        name, value, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
