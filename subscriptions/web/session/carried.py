"""Carry what a public page is to show over a redirect, for visitors who have no session.

What was posted is answered by a redirect, so that the browser's way back and a reload post nothing once more. What the
page shows then waits in a cookie of this page, encrypted and signed; the address has a random mark of it, which opens
nothing in another browser. The cookie has the newest few, so that two tabs do not take each other's, and as many of
them as a browser takes: it drops a longer cookie unread.
"""

import base64
import json
import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text

MARK, COOKIE = "a", "carried"  # in the address, and the name of the cookie
BETWEEN, MOST = "~", 3
MOST_BYTES = 3900  # of 4096 for name and value (RFC 6265, 6.1)


def carry_on(request: HttpRequest, content: dict[str, Any], *, seconds: int) -> HttpResponse:
    """Redirect to the page of this request, which finds the content (`carried`) for so long."""
    mark = secrets.token_hex(4)
    sealed = base64.b64encode(encrypt_text(json.dumps(content), bound_to=_bound_to(request, mark))).decode()
    item = signing.dumps([mark, sealed], salt=COOKIE)
    items = [*(each for each in request.COOKIES.get(COOKIE, "").split(BETWEEN) if each), item][-MOST:]
    while len(items) > 1 and len(BETWEEN.join(items)) > MOST_BYTES:
        del items[0]
    answer = redirect(f"{request.path}?{MARK}={mark}")
    answer.set_cookie(
        COOKIE,
        BETWEEN.join(items),
        max_age=seconds,
        path=request.path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


def carried(request: HttpRequest, *, seconds: int) -> dict[str, Any]:
    """Return what was carried to this page at most so long ago; {} where there is nothing."""
    wanted = request.GET.get(MARK, "")
    for item in request.COOKIES.get(COOKIE, "").split(BETWEEN) if wanted else ():
        try:
            mark, sealed = signing.loads(item, salt=COOKIE, max_age=seconds)
            if mark == wanted:
                plain = decrypt_text(base64.b64decode(sealed), bound_to=_bound_to(request, mark))
                content: dict[str, Any] = json.loads(plain)
                return content
        except (signing.BadSignature, Undecryptable):
            continue
    return {}


def _bound_to(request: HttpRequest, mark: str) -> str:
    return f"{COOKIE}:{request.path}:{mark}"
