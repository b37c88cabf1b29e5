"""Keep the signed-in citizen, how and when they showed who they are, and the page to return to after it.

Two levels (docs/adr/0039-two-levels-of-sign-in.md): a code sent to the known number signs in (`for_citizen`); the full
identity check (name, carrier, seven digits) also opens what is dangerous in other hands (`for_fully_identified`).

The page to return to is in a signed cookie, never in an address: no browser can forge it, and it shows nothing. It is
not in a session: a visitor who only looks leaves no row behind.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from secretary.kernel.audit.security_log import log_entry
from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.preferences.reading import reading_of
from subscriptions.web.display import read_as
from subscriptions.web.draft import MINUTES_TO_FINISH

KEY, ONWARD = "citizen", "onward"
LONGEST_PATH = 2000  # browsers keep cookies of 4,096 bytes
CitizenView = Callable[..., HttpResponse]


def for_citizen(view: CitizenView, *, why: str = "") -> CitizenView:
    """Admit only a citizen who has signed in within the last 30 minutes; send others to it and back.
    `why`: as in `ask_who`."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        citizen = citizen_of(request)
        if citizen:
            return view(request, citizen, **kwargs)
        answer = ask_who(request, why)
        request.session.pop(KEY, None)
        return answer

    return guarded


def for_fully_identified(
    view: CitizenView, *, why: str = "careful", minutes: str = "FULL_CHECK_MINUTES"
) -> CitizenView:
    """As `for_citizen`, where the full identity check is also at most so old; else ask for it and come back.

    Before what a lost phone or a re-assigned number must not do: erase, export, take a new number, pay much.
    `minutes`: name of the setting with the age.
    """

    @wraps(view)
    def guarded(request: HttpRequest, citizen: Citizen, **kwargs: Any) -> HttpResponse:
        if clock_now() - _fully_identified_at(request) < timedelta(minutes=getattr(settings, minutes)):
            return view(request, citizen, **kwargs)
        return ask_who(request, why)

    return for_citizen(guarded, why=why)


def ask_who(request: HttpRequest, why: str = "") -> HttpResponse:
    """Redirect to the identity check, and back to this page. `why` selects its text: "pay" for the second check before
    paying, "careful" for that before other dangerous steps, "bills" on the way to bills, "payment" on the way to a
    payment's result; "": the settings."""
    path = request.get_full_path() if request.method == "GET" else request.path  # posted data is not kept
    owner = _entry(request).get("id", "")
    answer = redirect("web:settings_identify")
    _keep(answer, {"path": path if len(path) <= LONGEST_PATH else "", "why": why, "owner": owner and _sign_of(owner)})
    return answer


def why_asked(request: HttpRequest) -> str:
    return str(_wanted(request).get("why", ""))


def sign_in(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """Redirect after the identity check to the wanted page; another person than before to their own settings."""
    wanted = _wanted(request)
    log_entry("identity check", citizen=citizen.pk)
    request.session[KEY] = {"id": str(citizen.id), "at": clock_now().timestamp()}
    read_as(request, reading_of(citizen))
    mine = wanted.get("owner", "") in ("", _sign_of(str(citizen.id)))
    answer = HttpResponseRedirect(_own_path(wanted.get("path", "")) if mine else reverse("web:settings"))
    answer.delete_cookie(_cookie_name(), samesite="Lax")
    return answer


def _fully_identified_at(request: HttpRequest) -> datetime:
    """Return when the signed-in person last passed the full identity check; 1970 where they only typed a code."""
    return datetime.fromtimestamp(_entry(request).get("at", 0), UTC)


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


def _sign_of(citizen_id: str) -> str:
    """Return a hash that recognises the same person after signing in again, without revealing the identity."""
    return blind_index(ONWARD, citizen_id)[:8].hex()


def _own_path(path: str) -> str:
    """Return the path, and accept only one of this site, although only this code writes it."""
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours else reverse("web:settings")


def citizen_of(request: HttpRequest) -> Citizen | None:
    """Return the signed-in citizen; None once 30 minutes have passed."""
    entry = _entry(request)
    if not entry or clock_now().timestamp() - entry["at"] > MINUTES_TO_FINISH * 60:
        return None
    return Citizen.objects.filter(pk=entry["id"], state=Citizen.ACTIVE).first()


def _entry(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(KEY) or {})
