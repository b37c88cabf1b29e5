"""Answer a try to sign in that a limit has refused: until when, and what to do."""

from datetime import datetime
from typing import Any

from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from secretary.kernel.language import moment
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.sign_in_limits import REFUSED, address_of

TOO_MANY = 429


def locked(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Say when signing in is possible again. The same words for accounts that exist and for names that do not."""
    until = getattr(request, REFUSED, None) or _until(request, credentials)
    return render(request, "officials/locked.html", {"until": moment(until)}, status=TOO_MANY)


def _until(request: HttpRequest, credentials: Any) -> datetime:
    """Return the end of the lock of this name at this address; a try within it does not put it off."""
    name = get_client_username(request, credentials) or ""
    tries = AccessAttempt.objects.filter(username=name, ip_address=address_of(request))
    last: datetime | None = tries.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    end: datetime = (last or clock_now()) + settings.AXES_COOLOFF_TIME
    return end
