"""Provide every page with facts of the installation, the text size and contrast that its reader has chosen, and the
token of its forms."""

import os
from dataclasses import dataclass
from functools import cache, partial
from math import ceil
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, get_token
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from secretary.kernel.language import moment
from secretary.kernel.templatetags.kept import address
from secretary.kernel.time.clock import now as clock_now
from subscriptions.preferences.reading import TEXT_SIZES
from subscriptions.web.display import ATTRIBUTE
from subscriptions.web.session import signed_in
from subscriptions.web.staff.session_end import STAFF_SITES, end_for_pages

# Before the end of a sign-in. Pages that stay open warn by static/session-end.js, without scripts by the style sheet.
WARNED_SECONDS = 120


class _Nothing(dict[str, str]):
    """Empty whatever a template reads of it: without it Django raises, catches and logs two errors for each look at a
    form on a page that has none."""

    def __missing__(self, key: str) -> str:
        return ""


# What the frame of every page looks at, where a page does not have it.
NOT_ON_THIS_PAGE: dict[str, object] = {"form": _Nothing(), "step": _Nothing(), "here": "", "in_settings": ""}


@dataclass(frozen=True, slots=True)
class Display:
    text_size: str
    contrast: bool
    text_sizes: tuple[str, ...] = TEXT_SIZES


def chosen_display(request: HttpRequest) -> Display:
    mine: dict[str, Any] = getattr(request, ATTRIBUTE, {})
    size = mine.get("text_size") or request.COOKIES.get("text_size", "")
    contrast = mine.get("contrast")
    if contrast is None:
        contrast = request.COOKIES.get("contrast") == "on"
    return Display(size if size in TEXT_SIZES else "100", contrast)


def site(request: HttpRequest) -> dict[str, object]:
    has_session = hasattr(request, "session")
    return {
        **NOT_ON_THIS_PAGE,
        "csrf_token": lazy_token(request),
        "official_site": settings.OFFICIAL_SITE,
        "answers_post": request.META.get("REQUEST_METHOD") == "POST",  # where its method counts as GET, too
        "sandbox_url": settings.SANDBOX_URL.rstrip("/"),
        "display": chosen_display(request),
        "verify_url": address("verify"),  # "" while no app offers one
        "privacy_url": address("privacy_policy"),
        "site_address": urlsplit(settings.PUBLIC_BASE_URL).netloc,
        "signed_in": has_session and signed_in.current(request) is not None,
        "pages": _pages,
        "section": partial(_section, request),
        "here_path": cache(request.get_full_path),  # most pages write it several times
        "session_end": _session_end(request) if has_session else None,
    }


def _pages() -> list[tuple[str, str, str]]:
    """Return the pages of the signed-in person as (name, address, title), in order; those that are not there are
    left out."""
    named = [
        ("inbox", "inbox:list", _("My notices")),
        ("bills", "pay:bills", _("What I have to pay")),
        ("year", "year:ahead", _("The year ahead")),
        ("history", "pay:history", _("My payments")),
        ("data", "own_data:overview", _("My data")),
        ("settings", "web:settings", _("My settings")),
    ]
    return [(name, url, title) for name, route, title in named if (url := address(route))]


def _section(request: HttpRequest) -> str:
    """Return the name of that one of these pages to which this page belongs, by its address; "" for none."""
    within = [(len(url), name) for name, url, _title in _pages() if request.path.startswith(url)]
    return max(within)[1] if within else ""


def _session_end(request: HttpRequest) -> dict[str, object] | None:
    """Return until when the sign-in or the sign-up lasts; None where none runs."""
    if request.path_info.startswith(STAFF_SITES):
        return end_for_pages(request) if SESSION_KEY in request.session else None
    until = signed_in.ends_at(request)
    if until is None:
        return None
    seconds = max(0, int((until - clock_now()).total_seconds()))
    minutes, tens = divmod(ceil(seconds / 10), 6)  # rounded up: the page must not say too early that the time is over
    counted = {"seconds": seconds, "minutes": minutes, "tens": tens}
    return {"at": moment(until), "is_soon": seconds <= WARNED_SECONDS, **counted}


# ── the token against forged requests ──
# Masked as Django does, without asking for a random number for each letter. Each page gets another mask (against
# BREACH), under which Django's middleware finds the secret of the cookie again.
_COUNT: Final = len(CSRF_ALLOWED_CHARS)
_PLACE: Final = {letter: place for place, letter in enumerate(CSRF_ALLOWED_CHARS)}
_EVEN: Final = 256 - 256 % _COUNT  # bytes below it stand for each letter equally often; others are left out
_LETTERS: Final = bytes(ord(CSRF_ALLOWED_CHARS[each % _COUNT]) for each in range(256))
_BEYOND: Final = bytes(range(_EVEN, 256))


def lazy_token(request: HttpRequest) -> Any:
    """Return the token of this page, for its context; it is made where the page looks at it."""
    return SimpleLazyObject(partial(token, request))


def token(request: HttpRequest) -> str:
    """Return it as Django's `get_token`, which is asked where the browser has none yet."""
    secret = request.META.get("CSRF_COOKIE", "")
    if len(secret) != CSRF_SECRET_LENGTH:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return masked(secret)


def masked(secret: str) -> str:
    """Return a mask and the secret under it. Raises KeyError for a secret with a letter that no token has."""
    mask = _random_letters(len(secret))
    under = [
        CSRF_ALLOWED_CHARS[(_PLACE[one] + _PLACE[other]) % _COUNT] for one, other in zip(secret, mask, strict=True)
    ]
    return mask + "".join(under)


def _random_letters(count: int) -> str:
    found = b""
    while len(found) < count:
        found += os.urandom(2 * count).translate(_LETTERS, _BEYOND)
    return found[:count].decode()
