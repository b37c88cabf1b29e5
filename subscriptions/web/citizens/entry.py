"""Admit the signed-in citizen, and keep the page to return to after signing in.

Two levels (docs/adr/0042-two-levels-of-sign-in.md): a code sent to the known number signs in (`for_citizen`); the full
identity check (name, carrier, seven digits) also opens what is dangerous in other hands (`for_fully_identified`).

The page to return to is in a signed cookie, never in an address: no browser can forge it, and it shows nothing. It is
not in a session: a visitor who only looks leaves no row behind.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from secretary.kernel.audit.security_log import log_entry
from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.preferences.reading import reading_of
from subscriptions.web.display import read_as
from subscriptions.web.session import signed_in, typed
from subscriptions.web.session.signed_in import MINUTES_TO_FINISH, citizen_of

ONWARD = "onward"
LONGEST_PATH = 2000  # browsers keep cookies of 4,096 bytes
CitizenView = Callable[..., HttpResponse]


def for_citizen(view: CitizenView, *, why: str = "") -> CitizenView:
    """Admit only a citizen who has signed in within the last 30 minutes; send others to it and back.
    `why`: as in `ask_who`."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        citizen = citizen_of(request)
        return view(request, citizen, **kwargs) if citizen else ask_who(request, why)

    return guarded


def for_fully_identified(
    view: CitizenView, *, why: str = "careful", minutes: str = "FULL_CHECK_MINUTES"
) -> CitizenView:
    """As `for_citizen`, where the full identity check is also at most so old; else ask for it and come back.

    Before what a lost phone or a re-assigned number must not do: erase, export, take a new number, pay much.
    `minutes`: name of the setting with the age.
    """

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        citizen = citizen_of(request)
        if citizen and _is_fully_identified(request, timedelta(minutes=getattr(settings, minutes))):
            return view(request, citizen, **kwargs)
        return ask_who(request, why, fully=True)

    return guarded


def ask_who(request: HttpRequest, why: str = "", *, fully: bool = False) -> HttpResponse:
    """Redirect to the sign-in, and back to this page; what was posted is shown there again.

    `why` selects its text: "pay" for the second check before paying, "careful" for that before other dangerous steps,
    "bills" on the way to bills, "payment" on the way to a payment's result; "": the settings. `fully`: by the full
    identity check.
    """
    last = signed_in.last_of(request)
    owner = sign_of(last.id) if last else ""
    path = request.get_full_path()
    if request.POST or request.method == "POST":  # a display's button is answered as a GET
        path = request.path if typed.keep(request, owner=owner) else _page_of_button(request)
    answer = redirect("web:settings_identify" if fully else "web:sign_in")
    _keep(answer, {"path": path if len(path) <= LONGEST_PATH else "", "why": why, "owner": owner})
    if signed_in.current(request) is None:
        signed_in.forget(request)
    return answer


def why_asked(request: HttpRequest) -> str:
    return str(_wanted(request).get("why", ""))


def sign_in(request: HttpRequest, citizen: Citizen, *, fully_at: float, carrier: str = "") -> HttpResponse:
    """Redirect after the identity check to the wanted page; another person than before to their own first page.

    `fully_at`: when the full check was passed, in seconds since the epoch; 0 where only a code was typed.
    """
    wanted, owner = _wanted(request), sign_of(str(citizen.id))
    log_entry("identity check" if fully_at else "code by text message", citizen=citizen.pk)
    signed_in.begin(request, str(citizen.id), fully_at=fully_at, carrier=carrier)
    read_as(request, reading_of(citizen))
    typed.drop_others(request, owner)
    mine = wanted.get("owner", "") in ("", owner)
    target = _own_path(wanted.get("path", "")) if mine else home()
    if typed.is_kept(request, target):
        messages.info(request, typed.typed_again_words())
    answer = HttpResponseRedirect(target)
    answer.delete_cookie(_cookie_name(), samesite="Lax")
    return answer


def home() -> str:
    """Return the first page of the signed-in person: the inbox, where this installation has one."""
    try:
        return reverse("inbox:list")
    except NoReverseMatch:
        return reverse("web:settings")


def sign_of(citizen_id: str) -> str:
    """Return a hash that recognises the same person after signing in again, without revealing the identity."""
    return blind_index(ONWARD, citizen_id)[:8].hex()


def _is_fully_identified(request: HttpRequest, within: timedelta) -> bool:
    found = signed_in.current(request)
    return found is not None and clock_now().timestamp() - found.at < within.total_seconds()


def _page_of_button(request: HttpRequest) -> str:
    """Return the page of a button that was pressed without anything typed; the browser names it (same-origin)."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.path if came_from.netloc == request.get_host() else request.path


def _cookie_name() -> str:
    return f"__Host-{ONWARD}" if settings.SESSION_COOKIE_SECURE else ONWARD


def _keep(answer: HttpResponse, wanted: dict[str, str]) -> None:
    answer.set_cookie(
        _cookie_name(),
        signing.dumps(wanted, salt=ONWARD),
        max_age=MINUTES_TO_FINISH * 60,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _wanted(request: HttpRequest) -> dict[str, str]:
    """Return the data that `_keep` wrote within the last 30 minutes; {} for a foreign cookie."""
    try:
        wanted: dict[str, str] = signing.loads(
            request.COOKIES.get(_cookie_name(), ""), salt=ONWARD, max_age=MINUTES_TO_FINISH * 60
        )
    except signing.BadSignature:
        return {}
    return wanted


def _own_path(path: str) -> str:
    """Return the path, and accept only one of this site, although only this code writes it."""
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours else home()
