"""Let a booking site send people here with kinds of notice chosen, by a signed link with nothing personal in it.

`/sign-up/from/SITE/?kinds=CODES&until=SECONDS&signature=BASE64URL` (docs/booking-sites.md). Ed25519: the site keeps its
key, and nothing that is stored here can make a link. A bad or old link opens the usual sign-up, with a calm word.
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.data_types.offer import offer
from subscriptions.web.session.signed_in import citizen_of

COOKIE, LONGEST_LINK = "wished", timedelta(days=31)
MOST_CODES = 500  # characters of `kinds`


class BadLink(ValueError):
    """The link is old, altered, or of an unknown site; the message says which."""


@require_GET
def arrive(request: HttpRequest, site: str) -> HttpResponse:
    """Begin the sign-up, with the kinds of the link chosen where it is valid."""
    try:
        codes = verified_kinds(site, request.GET.dict(), now=clock_now())
    except BadLink as refused:
        log_refusal("link of a booking site", why=refused)
        codes = []
    offered = [each for each in offer().kinds if each.code in codes]
    is_known = citizen_of(request) is not None
    answer = redirect("web:more" if is_known else "web:identify")
    if not offered:
        words = _("This link has expired or does not work here. You can sign up all the same: please choose.")
        messages.info(request, words)
        return answer
    names = ", ".join(each.name(language()) for each in offered)
    messages.info(
        request, _("From the booking site: chosen for you is %(names)s. You can change it.") % {"names": names}
    )
    answer.set_cookie(
        _cookie_name(),
        signing.dumps([each.code for each in offered], salt=COOKIE),
        max_age=settings.DRAFT_KEPT_MINUTES * 60,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


def wished(request: HttpRequest) -> list[str]:
    """Return the kinds with which a booking site sent this browser; [] where none did lately."""
    try:
        codes: list[str] = signing.loads(
            request.COOKIES.get(_cookie_name(), ""), salt=COOKIE, max_age=settings.DRAFT_KEPT_MINUTES * 60
        )
    except signing.BadSignature:
        return []
    return codes


def forget_booking(answer: HttpResponse) -> None:
    answer.delete_cookie(_cookie_name(), samesite="Lax")


def verified_kinds(site: str, link: dict[str, str], *, now: datetime) -> Sequence[str]:
    """Return the codes that the site has signed. `link`: the parameters of its address. Raises BadLink."""
    kinds, until, signature = (link.get(name, "") for name in ("kinds", "until", "signature"))
    if site not in settings.BOOKING_SITE_KEYS:
        raise BadLink("unknown site")
    if not until.isascii() or not until.isdecimal() or len(until) > 11 or len(kinds) > MOST_CODES:
        raise BadLink("unreadable")
    try:
        key = Ed25519PublicKey.from_public_bytes(settings.BOOKING_SITE_KEYS[site])
        key.verify(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)), _signed(site, kinds, until))
    except (InvalidSignature, ValueError):
        raise BadLink("wrong signature") from None
    left = int(until) - now.timestamp()
    if left < 0 or left > LONGEST_LINK.total_seconds():
        raise BadLink("expired" if left < 0 else "valid for too long")
    return kinds.split(",")


def _signed(site: str, kinds: str, until: str) -> bytes:
    return f"public-secretary-sign-up\n{site}\n{kinds}\n{until}".encode()


def _cookie_name() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE
