"""End sessions of staff by one rule, on the officials' pages and in the administration.

Idle: SESSION_SECONDS after the last request (as for citizens). In any case: STAFF_SESSION_HOURS after signing in.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from axes.helpers import get_lockout_response
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.sign_in_limits import REFUSED
from subscriptions.accounts.sign_in_trail import SIGNED_IN_AT

Handler = Callable[[HttpRequest], HttpResponse]


class StaffSessions:
    """Ends expired sessions before any view runs; answers tries that a limit refused."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_cookie = settings.SESSION_COOKIE_NAME in request.COOKIES  # without the cookie no session is read
        if has_cookie and SESSION_KEY in request.session and is_over(request, clock_now()):
            logout(request)
            messages.warning(request, _("Your working session has ended. Please sign in again."))
        response = self._get_response(request)
        return get_lockout_response(request) if getattr(request, REFUSED, False) else response


def is_over(request: HttpRequest, now: datetime) -> bool:
    """Return whether the session began too long ago, or its beginning is not recorded."""
    began = float(request.session.get(SIGNED_IN_AT, 0.0))
    return now.timestamp() - began > timedelta(hours=settings.STAFF_SESSION_HOURS).total_seconds()
