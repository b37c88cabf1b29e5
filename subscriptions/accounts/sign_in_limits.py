"""Limit sign-in attempts on both sites of the staff, beside axes, which counts per account and address.

Per address: one password against many accounts stops there. Per account: many addresses against one account stop
there, but the addresses from which that account has signed in lately are exempt, so that no stranger locks the owner
out. Every try counts until it has led to a session. The counters are in the database: a try that cannot be counted
is refused.
"""

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessLog
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import Limit
from subscriptions.events import announce_attacked
from subscriptions.models import Attempt

ADDRESS, ACCOUNT = "sign_in_address", "sign_in_account"
KNOWN_FOR = timedelta(days=90)
REFUSED = "sign_in_refused_until"  # attribute of a request: the answer is the page of too many failures


class LimitsBackend(BaseBackend):
    """The first of AUTHENTICATION_BACKENDS: finds no account, and refuses before a password is checked."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        username = credentials.get("username")
        if request is None or not username:
            return
        until = _refused_until(str(username), address_of(request), clock_now())
        if until is not None:
            setattr(request, REFUSED, until)
            raise PermissionDenied


def address_of(request: HttpRequest) -> str:
    """Return the client's address in the form of axes, so that both count the same address."""
    from axes.helpers import get_client_ip_address

    return str(get_client_ip_address(request))


def succeeded(request: HttpRequest, user: User, now: datetime) -> None:
    """Discount a try that led to a session."""
    for name, key in ((ADDRESS, address_of(request)), (ACCOUNT, user.get_username())):
        limit = Limit(name, *settings.ATTEMPT_LIMITS[name])
        Attempt.count_one_less(what=name, key_hash=_hash(name, key), window_start=limit.window(now))


def _refused_until(username: str, address: str, now: datetime) -> datetime | None:
    """Count one try; return until when it is refused, None where it is not."""
    ends = [_count(ADDRESS, address, now, about="address")]
    if not _is_known(username, address, now):
        ends.append(_count(ACCOUNT, username, now, about=username))
    return max((end for end in ends if end is not None), default=None)


def _count(name: str, key: str, now: datetime, *, about: str) -> datetime | None:
    """Count one try; return the end of the window where it is beyond the limit. The first such try is put on the trail
    and raises an alarm."""
    limit = Limit(name, *settings.ATTEMPT_LIMITS[name])
    times: int = Attempt.count_one_more(what=name, key_hash=_hash(name, key), window_start=limit.window(now))
    if times == limit.most + 1:
        user = User.objects.filter(username=about).first() if name == ACCOUNT else None
        place = f"user:{user.pk}" if user else "unknown account" if name == ACCOUNT else "one address"
        with transaction.atomic():
            record_audit(now=now, actor="visitor", action="sign-in stopped", object=place, reason=name)
            announce_attacked(place)
    return None if times <= limit.most else limit.window(now) + timedelta(seconds=limit.seconds)


def _is_known(username: str, address: str, now: datetime) -> bool:
    seen = AccessLog.objects.filter(username=username, ip_address=address, attempt_time__gt=now - KNOWN_FOR)
    return bool(seen.exists())


def _hash(name: str, key: str) -> bytes:
    return blind_index(f"attempt:{name}", key)
