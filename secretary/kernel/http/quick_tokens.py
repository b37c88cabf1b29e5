"""Mask the token against forged requests as Django does, without asking for a random number for each letter.

Each page gets another mask (against BREACH), under which Django's middleware finds the secret of the cookie again.
"""

import os
from functools import partial
from typing import Any, Final

from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, get_token
from django.utils.functional import SimpleLazyObject

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
