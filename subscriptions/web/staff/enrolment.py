"""Keep the secret of an authenticator that is being enrolled, and new recovery codes until their owner has them.

Both stand encrypted in the session alone: a secret is new for each sign-in, so that a stranger who once saw the page
with a password has nothing of what the owner scans later.
"""

import base64
import json
from typing import Any

import segno
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from subscriptions.accounts.second_factor import new_secret
from subscriptions.models.staff import address_of_secret
from subscriptions.web.forms import helper
from subscriptions.web.staff.second_factor import TokenForm

SECRET, CODES = "new_authenticator", "new_recovery_codes"  # in the session
KEY_GROUP = 4


class EnrolForm(TokenForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = gettext_lazy("Code that the app shows now")
        self.fields["code"].widget.attrs.pop("autofocus", None)
        self.helper = helper(gettext_lazy("Set up"))


def begin_secret(request: HttpRequest, user: User) -> None:
    _keep(request, SECRET, user, base64.b32encode(new_secret()).decode())


def secret_of(request: HttpRequest, user: User) -> bytes | None:
    kept = _kept(request, SECRET, user)
    return base64.b32decode(kept) if kept else None


def drawn(secret: bytes, user: User) -> dict[str, Any]:
    """Return the secret as a page shows it: a QR code, and the key in groups for typing."""
    address = address_of_secret(secret, user.get_username())
    key = base64.b32encode(secret).decode()
    groups = [key[at : at + KEY_GROUP] for at in range(0, len(key), KEY_GROUP)]
    picture = segno.make(address, error="m").svg_inline(scale=5)
    return {"qr_code": mark_safe(picture), "key": groups}  # noqa: S308  (our own drawing)


def keep_codes(request: HttpRequest, user: User, codes: list[str], *, after: str) -> None:
    """Keep new recovery codes for the page that shows them, until the owner says that they have them."""
    request.session.pop(SECRET, None)
    _keep(request, CODES, user, json.dumps([codes, after]))


def codes_of(request: HttpRequest, user: User) -> tuple[list[str], str]:
    """Return the codes that are still to be shown, none where they were, and where to go on."""
    kept = _kept(request, CODES, user)
    codes, after = json.loads(kept) if kept else ([], "")
    return codes, after


def drop_codes(request: HttpRequest) -> None:
    request.session.pop(CODES, None)


def _keep(request: HttpRequest, name: str, user: User, text: str) -> None:
    sealed = encrypt_text(text, bound_to=f"{name}:{user.pk}")
    request.session[name] = base64.b64encode(sealed).decode()


def _kept(request: HttpRequest, name: str, user: User) -> str:
    try:
        return decrypt_text(base64.b64decode(request.session.get(name, "")), bound_to=f"{name}:{user.pk}")
    except (Undecryptable, IndexError):
        return ""
