"""Keep what a member of staff typed when their session is over, for the same account to find after signing in again.

A signed cookie remembers the account of this browser: once the session has ended by itself, nothing else says whose
form was sent. What was typed stands encrypted in the session, for DRAFT_KEPT_MINUTES, and is dropped where another
account signs in.
"""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse

from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.sign_in_trail import SIGNED_IN_AT
from subscriptions.web.session import typed

COOKIE = "staff_before"
BACK = "staff_back"  # in the session: the page whose form was kept, and for whom
# Sites whose forms show again what was typed: not those of signing in and of passwords.
KEEPS = (
    *("/officials/", "/admin/call-centre/", "/admin/subscriptions/", "/admin/notifications/", "/admin/payments/"),
    "/admin/auth/group/",
)
MOST_BYTES = 400_000  # of a form: a whole data type has a hundred texts


class Before(NamedTuple):
    """Whose session this browser had, and since when (seconds since the epoch)."""

    account: int
    since: float


def before(request: HttpRequest) -> Before | None:
    """Return whose session this browser had; None where it had none lately, or they signed out."""
    try:
        kept = signing.loads(request.COOKIES.get(_cookie(), ""), salt=COOKIE, max_age=_seconds())
    except signing.BadSignature:
        return None
    return Before(*kept)


def remember(request: HttpRequest, response: HttpResponse, known: Before | None) -> None:
    """Keep whose session it is; forget it where there is none any more."""
    if SESSION_KEY in request.session:
        now = Before(int(request.session[SESSION_KEY]), float(request.session.get(SIGNED_IN_AT, 0.0)))
        if now != known:
            value, secure = signing.dumps(now, salt=COOKIE), settings.SESSION_COOKIE_SECURE
            response.set_cookie(
                _cookie(), value, max_age=_seconds(), httponly=True, samesite="Lax", secure=secure, path="/"
            )
    elif known is not None:
        response.delete_cookie(_cookie(), samesite="Lax")


def keep_typed(request: HttpRequest, account: int) -> None:
    """Keep the form that was sent too late, and the way back to it."""
    if request.path.startswith(KEEPS) and typed.keep(request, owner=_owner(account), most=MOST_BYTES):
        request.session[BACK] = {"path": request.path, "owner": _owner(account)}
        request.session.set_expiry(settings.DRAFT_KEPT_MINUTES * 60)


def drop_of_others(request: HttpRequest, user: User) -> None:
    """At signing in: forget what another account typed in this browser."""
    typed.drop_others(request, _owner(user.pk))
    if request.session.get(BACK, {}).get("owner") != _owner(user.pk):
        request.session.pop(BACK, None)


def way_back(request: HttpRequest) -> str:
    """Return the page of the form that waits for who has just signed in; "" where none does."""
    path = str(request.session.pop(BACK, {}).get("path", ""))
    return path if typed.is_kept(request, path) else ""


def is_whole_day(known: Before) -> bool:
    """Return whether the longest time that a session takes is over, rather than the time without a page."""
    return clock_now().timestamp() > known.since + settings.STAFF_SESSION_HOURS * 3600


def _owner(account: int) -> str:
    return blind_index(COOKIE, str(account))[:8].hex()


def _cookie() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def _seconds() -> int:
    return settings.STAFF_SESSION_HOURS * 3600 + settings.DRAFT_KEPT_MINUTES * 60
