"""Let a booking site send people here with kinds of notice chosen, by a signed link with nothing personal in it.

`/sign-up/from/SITE/?kinds=CODES&until=SECONDS&signature=BASE64URL` (docs/booking-sites.md). Ed25519: the site keeps its
key, and nothing that is stored here can make a link. A bad or old link opens the usual sign-up, with a calm word.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.data_types.offer import offer
from subscriptions.models import Citizen, DataType, Subscription
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import typed
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.signed_in import citizen_of

COOKIE, LONGEST_LINK = "wished", timedelta(days=31)
MOST_CODES = 500  # characters of `kinds`


class BadLink(ValueError):
    """The link is old, altered, or of an unknown site; the message says which."""


@require_GET
def arrive(request: HttpRequest, site: str) -> HttpResponse:
    """Begin the sign-up, or go on with the one under way, with the kinds of the link chosen where it is valid."""
    try:
        codes = verified_kinds(site, request.GET.dict(), now=clock_now())
    except BadLink as refused:
        log_refusal("link of a booking site", why=refused)
        codes = []
    offered = [each for each in offer().kinds if each.code in codes]
    citizen, draft = citizen_of(request), drafts.load(request)
    answer = redirect("web:more" if citizen is not None else _first_page(draft))
    if not offered:
        words = _("This link has expired or does not work here. You can sign up all the same: please choose.")
        messages.info(request, words)
        return answer
    new = _not_yet(citizen, offered) if citizen is not None else offered
    if not new:
        words = _("The booking site has sent you here for this, and you get it already: %(names)s.")
        messages.info(request, words % {"names": _names(offered)})
        return answer
    words = _("From the booking site: chosen for you is %(names)s. You can change it.")
    messages.info(request, words % {"names": _names(new)})
    if citizen is not None:
        _choose_typed(request, "web:more", new)
    elif draft.purpose == "sign_up" and draft.person is not None and not drafts.is_over(request, draft, clock_now()):
        choose_for(request, draft, [each.code for each in new])
        drafts.save(request, draft)
    _remember(answer, new)
    return answer


def choose_for(request: HttpRequest, draft: Draft, codes: Iterable[str]) -> None:
    """Choose the kinds of a booking site in a sign-up; the person confirms them (docs/adr/0095). What they chose
    themselves, stored or only typed, stays."""
    new = [code for code in codes if code not in draft.data_types]
    draft.data_types, draft.from_booking = [*draft.data_types, *new], [*draft.from_booking, *new]
    _choose_typed(request, "web:data_types", [each for each in offer().kinds if each.code in new])


def _choose_typed(request: HttpRequest, page: str, kinds: Iterable[DataType]) -> None:
    typed.add(request, reverse(page), [(each.group, each.code) for each in kinds])


def _first_page(draft: Draft) -> str:
    """Return where a sign-up goes on: with the code that was sent, where one is awaited."""
    is_awaited = draft.purpose == "sign_up" and bool(draft.verification_id)
    return "web:code" if is_awaited else "web:identify"


def _not_yet(citizen: Citizen, kinds: Iterable[DataType]) -> list[DataType]:
    live = set(Subscription.objects.filter(citizen=citizen, ended_at=None).values_list("data_type_id", flat=True))
    return [each for each in kinds if each.pk not in live]


def _names(kinds: Iterable[DataType]) -> str:
    return ", ".join(each.name(language()) for each in kinds)


def _remember(answer: HttpResponse, kinds: Iterable[DataType]) -> None:
    answer.set_cookie(
        _cookie_name(),
        signing.dumps([each.code for each in kinds], salt=COOKIE),
        max_age=settings.DRAFT_KEPT_MINUTES * 60,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


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
