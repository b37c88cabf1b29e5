"""Keep what a person typed and has not stored: over a change of text size or language, over signing in again, and over
a look at an earlier step.

Shown again, it is neither checked nor stored: the person presses the button once more. In the session it is encrypted;
the seven digits of the resident number and codes are never kept there.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text

KEY = "typed"
NEVER_KEPT = {
    *("csrfmiddlewaretoken", "identity_number", "code", "about", "shown", "asked"),
    *("username", "password", "old", "new", "again"),
}
MOST_PAGES, MOST_BYTES = 8, 20_000
PAGE_FORM = "page-form"  # the id of a page's main form: buttons in the header send it along
# What such a button sends with the form.
SET_LANGUAGE, SET_SIZE, SET_CONTRAST, SET_TIME = "set-language", "set-size", "set-contrast", "set-time"


class Typed(QueryDict):
    """The values of a form that are shown again as they were typed."""


class Refused(Typed):
    """The values of a form that was posted and has errors, which are shown with it."""


class ShowsTyped(forms.Form):
    """A form that shows typed values again without complaining about what is missing yet. The `<form>` that renders it
    has the id PAGE_FORM, and its address answers a GET."""

    page_form = PAGE_FORM
    helper: FormHelper

    @property
    def as_new(self) -> str:
        """Name its look to all who begin with it, who get the same markup (`kept`): its class, fields and buttons; ""
        where there is anything of a person in it."""
        if self.is_bound or any(self.initial.values()):
            return ""
        return " ".join([type(self).__name__, *self.fields, *(button.name for button in self.helper.inputs)])

    def full_clean(self) -> None:
        if isinstance(self.data, Typed) and not isinstance(self.data, Refused):
            self._errors = ErrorDict()
            self.cleaned_data: dict[str, Any] = {}
        else:
            super().full_clean()

    def is_valid(self) -> bool:
        return not isinstance(self.data, Typed) and super().is_valid()


def show_again(request: HttpRequest) -> None:
    """Let this request's page show the posted values again, as if it had been asked for with GET."""
    request.typed = _copy(request.POST)  # type: ignore[attr-defined]
    request.method = "GET"


def typed_before(request: HttpRequest) -> Typed | None:
    """Return what was typed on this page before; None where there is nothing. It is handed out once."""
    if not hasattr(request, "typed"):
        request.typed = _taken(request)  # type: ignore[attr-defined]
    typed: Typed | None = request.typed  # type: ignore[attr-defined]
    return typed


def refused(request: HttpRequest, answer: HttpResponse, *, owner: str) -> HttpResponse:
    """Return the answer to a form; where it was posted with errors, a redirect to its page, which shows them.

    So the browser's way back leads over no page that would have to be posted once more. `owner`: as in `keep`.
    """
    if request.method != "POST" or answer.status_code != HTTPStatus.OK:
        return answer
    return redirect(request.get_full_path()) if keep(request, owner=owner, is_refused=True) else answer


def keep(
    request: HttpRequest,
    *,
    owner: str = "",
    changed: Mapping[str, list[str]] | None = None,
    is_refused: bool = False,
    most: int = MOST_BYTES,
) -> bool:
    """Keep the posted values for the page of this address; return False where there are none.

    `owner`: a hash of the person, where known: another citizen does not see them (`drop_others`). `changed`: values in
    place of posted ones. `is_refused`: they have errors.
    """
    left_out = NEVER_KEPT - {"asked"} if is_refused else NEVER_KEPT  # what the page asked is one of its errors
    values = {name: each for name, each in request.POST.lists() if name not in left_out} | dict(changed or {})
    plain = json.dumps(values)
    if not any(any(each) for each in values.values()) or len(plain.encode()) > most:
        return False
    identity = secrets.token_hex(8)
    sealed = base64.b64encode(encrypt_text(plain, bound_to=f"typed:{identity}")).decode()
    pages = [page for page in request.session.get(KEY, []) if page["path"] != request.path]
    kept = {"path": request.path, "id": identity, "text": sealed, "owner": owner}
    pages.append(kept | ({"refused": True} if is_refused else {}))
    request.session[KEY] = pages[-MOST_PAGES:]
    return True


def is_kept(request: HttpRequest, path: str) -> bool:
    return any(page["path"] == path for page in request.session.get(KEY, []))


def typed_again_words() -> str:
    return _("What you had typed is here again. It has not been saved yet: please check and go on.")


def drop(request: HttpRequest, path: str) -> None:
    """Forget what was typed on that page, after it was stored."""
    if KEY in request.session:
        request.session[KEY] = [page for page in request.session[KEY] if page["path"] != path]


def drop_others(request: HttpRequest, owner: str) -> None:
    """Forget what another person typed in this browser before `owner` signed in."""
    if KEY in request.session:
        request.session[KEY] = [page for page in request.session[KEY] if page["owner"] in ("", owner)]


def _taken(request: HttpRequest) -> Typed | None:
    mine = [page for page in request.session.get(KEY, []) if page["path"] == request.path]
    if not mine:
        return None
    drop(request, request.path)
    try:
        plain = decrypt_text(base64.b64decode(mine[-1]["text"]), bound_to=f"typed:{mine[-1]['id']}")
    except Undecryptable:
        return None
    typed = Refused(mutable=True) if mine[-1].get("refused") else Typed(mutable=True)
    for name, values in json.loads(plain).items():
        typed.setlist(name, values)
    return typed


def _copy(posted: QueryDict) -> Typed:
    typed = Typed(mutable=True)
    for name, values in posted.lists():
        if name != "csrfmiddlewaretoken":
            typed.setlist(name, values)
    return typed
