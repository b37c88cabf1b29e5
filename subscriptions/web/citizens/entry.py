"""Who is signed in and since when, and where they wanted to go when they were asked who they are.

Where they wanted to go is kept in a signed cookie, never in an address: no browser can forge it, and it shows nothing.
Not in a session: a stranger who only looks leaves no row behind.
"""

from collections.abc import Callable
from datetime import UTC, datetime
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
from subscriptions.web.draft import MINUTES_TO_FINISH

KEY, ONWARD = "citizen", "onward"
LONGEST_PATH = 2000  # browsers keep cookies of 4,096 bytes
CitizenView = Callable[..., HttpResponse]


def for_citizen(view: CitizenView, *, why: str = "") -> CitizenView:
    """Only for a citizen who has proved their identity within the last 30 minutes; afterwards they come back.
    `why`: as for `ask_who`."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        citizen = citizen_of(request)
        if citizen:
            return view(request, citizen, **kwargs)
        answer = ask_who(request, why)
        request.session.pop(KEY, None)
        return answer

    return guarded


def ask_who(request: HttpRequest, why: str = "") -> HttpResponse:
    """To the identity check, and back to this page. `why`, for its words: "pay" where it is asked once more before
    paying, "bills" on the way to what there is to pay, "payment" on the way to what came of one; "": the settings."""
    path = request.get_full_path() if request.method == "GET" else request.path  # what was posted is not kept
    owner = _entry(request).get("id", "")
    answer = redirect("web:settings_identify")
    _keep(answer, {"path": path if len(path) <= LONGEST_PATH else "", "why": why, "owner": owner and _sign_of(owner)})
    return answer


def why_asked(request: HttpRequest) -> str:
    return str(_wanted(request).get("why", ""))


def identified_at(request: HttpRequest) -> datetime:
    """Return when the signed-in person last passed the identity check."""
    return datetime.fromtimestamp(_entry(request).get("at", 0), UTC)


def sign_in(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """Redirect after the identity check to the wanted page; another person than before to their own settings."""
    wanted = _wanted(request)
    log_entry("identity check", citizen=citizen.pk)
    request.session[KEY] = {"id": str(citizen.id), "at": clock_now().timestamp()}
    mine = wanted.get("owner", "") in ("", _sign_of(str(citizen.id)))
    answer = HttpResponseRedirect(_own_path(wanted.get("path", "")) if mine else reverse("web:settings"))
    answer.delete_cookie(_cookie_name(), samesite="Lax")
    return answer


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
    """Return what `_keep` wrote within the last 30 minutes; {} for a cookie that is none of ours."""
    try:
        wanted: dict[str, str] = signing.loads(
            request.COOKIES.get(_cookie_name(), ""), salt=ONWARD, max_age=MINUTES_TO_FINISH * 60
        )
    except signing.BadSignature:
        return {}
    return wanted


def _sign_of(citizen_id: str) -> str:
    """By which the same person is told after signing in again; says nothing about who it is."""
    return blind_index(ONWARD, citizen_id)[:8].hex()


def _own_path(path: str) -> str:
    """Accept only a path of this site, although only this code writes it."""
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours else reverse("web:settings")


def citizen_of(request: HttpRequest) -> Citizen | None:
    """Return who is signed in; None once 30 minutes have passed."""
    entry = _entry(request)
    if not entry or clock_now().timestamp() - entry["at"] > MINUTES_TO_FINISH * 60:
        return None
    return Citizen.objects.filter(pk=entry["id"], state=Citizen.ACTIVE).first()


def _entry(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(KEY) or {})
