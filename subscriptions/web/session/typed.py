"""Keep what a person typed and has not stored: over a change of text size or language, over signing in again, and over
a look at an earlier step.

Shown again, it is neither checked nor stored: the person presses the button once more. In the session it is encrypted;
the seven digits of the resident number and codes are never kept there.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
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
MOST_AT_FIRST = 2_000  # bytes where a session is made for them: each post without a cookie makes one
PAGE_FORM = "page-form"  # the id of a page's main form: buttons in the header send it along
# What such a button sends with the form.
SET_LANGUAGE, SET_SIZE, SET_CONTRAST, SET_TIME = "set-language", "set-size", "set-contrast", "set-time"


class Typed(QueryDict):
    """The values of a form that are shown again as they were typed."""


class Refused(Typed):
    """The values of a form that was posted and has errors, which are shown with it.

    `found`: the errors, by field, where checking the values once more would not find the same.
    """

    found: Mapping[str, list[str]] | None = None


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
        if isinstance(self.data, Refused) and self.data.found is not None:
            self._errors = ErrorDict(renderer=self.renderer)
            for name, words in self.data.found.items():
                if name in self.fields or name == NON_FIELD_ERRORS:
                    self._errors[name] = self.error_class(words, renderer=self.renderer)

    def is_valid(self) -> bool:
        return not isinstance(self.data, Typed) and super().is_valid()


def is_empty(request: HttpRequest) -> bool:
    """Return whether a posted form has fields, and nothing in any of them.

    Boxes that are not ticked send nothing, and may have been ticked before: a form of boxes alone never counts as
    empty.
    """
    values = _values(request, {"csrfmiddlewaretoken", "about", SET_LANGUAGE, SET_SIZE, SET_CONTRAST, SET_TIME})
    return bool(values) and not any(any(each) for each in values.values())


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
    _store(request, request.path, _fitting(request), {"owner": owner, "refused": True})
    return redirect(request.get_full_path())


def errors_shown(request: HttpRequest, form: forms.Form, *, owner: str = "", page: str = "") -> HttpResponse:
    """Answer a form that was posted and has errors: redirect to its page, which shows them once, as they are now.

    What is never kept (seven digits, codes) is empty there. `page`: the path of the page, where the form is posted to
    another address.
    """
    if request.POST or request.session.session_key is not None:  # no session for a visitor who posts nothing
        about = {"owner": owner, "refused": True}
        _store(request, page or request.path, _fitting(request), about, found=words_found(form))
    return redirect(page or request.get_full_path())


def words_found(form: forms.Form) -> dict[str, list[str]]:
    """Return the errors of a form, by field."""
    return {name: [str(words) for words in errors] for name, errors in form.errors.items()}


def keep(
    request: HttpRequest,
    *,
    owner: str = "",
    changed: Mapping[str, list[str]] | None = None,
    most: int = MOST_BYTES,
) -> bool:
    """Keep the posted values for the page of this address; return False where there are none.

    `owner`: a hash of the person, where known: another citizen does not see them (`drop_others`). `changed`: values in
    place of posted ones.
    """
    values = _values(request, NEVER_KEPT) | dict(changed or {})
    if not any(any(each) for each in values.values()) or len(json.dumps(values).encode()) > most:
        return False
    _store(request, request.path, values, {"owner": owner})
    return True


def add(request: HttpRequest, path: str, values: Iterable[tuple[str, str]]) -> None:
    """Add values, by name of the field, to what was typed on that page and is not stored; nothing where none was."""
    mine = [page for page in request.session.get(KEY, []) if page["path"] == path]
    with suppress(Undecryptable):
        for page in mine[-1:]:
            kept = _opened(page["text"], f"typed:{page['id']}")
            for name, value in values:
                kept[name] = [*(each for each in kept.get(name, []) if each != value), value]
            _store(request, path, kept, {"owner": page["owner"]})


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


def _fitting(request: HttpRequest) -> dict[str, list[Any]]:
    """Return what may be kept of a form with errors, what the page asked too (it is one of them); {} if too much."""
    values = _values(request, NEVER_KEPT - {"asked"})
    most = MOST_AT_FIRST if request.session.session_key is None else MOST_BYTES
    return values if len(json.dumps(values).encode()) <= most else {}


def _values(request: HttpRequest, left_out: AbstractSet[str]) -> dict[str, list[Any]]:
    return {name: each for name, each in request.POST.lists() if name not in left_out}


def _store(
    request: HttpRequest,
    path: str,
    values: Mapping[str, list[Any]],
    about: Mapping[str, Any],
    *,
    found: Mapping[str, list[str]] | None = None,
) -> None:
    """Seal the values, and the errors in a part of their own, which the release before does not read."""
    identity = secrets.token_hex(8)
    page = {"path": path, "id": identity, "text": _sealed(values, f"typed:{identity}"), **about}
    if found is not None:
        page["errors"] = _sealed(found, f"typed.errors:{identity}")
    pages = [each for each in request.session.get(KEY, []) if each["path"] != path]
    request.session[KEY] = [*pages, page][-MOST_PAGES:]


def _sealed(content: Mapping[str, list[Any]], bound_to: str) -> str:
    return base64.b64encode(encrypt_text(json.dumps(content), bound_to=bound_to)).decode()


def _opened(sealed: str, bound_to: str) -> dict[str, list[Any]]:
    opened: dict[str, list[Any]] = json.loads(decrypt_text(base64.b64decode(sealed), bound_to=bound_to))
    return opened


def _taken(request: HttpRequest) -> Typed | None:
    mine = [page for page in request.session.get(KEY, []) if page["path"] == request.path]
    if not mine:
        return None
    drop(request, request.path)
    page, typed = mine[-1], Refused(mutable=True) if mine[-1].get("refused") else Typed(mutable=True)
    try:
        values = _opened(page["text"], f"typed:{page['id']}")
        if isinstance(typed, Refused) and "errors" in page:
            typed.found = _opened(page["errors"], f"typed.errors:{page['id']}")
    except Undecryptable:
        return None
    for name, each in values.items():
        typed.setlist(name, each)
    return typed


def kept_values(session: Mapping[str, Any], name: str) -> list[str]:
    """Return what a session keeps under this name of a field, on any page."""
    found: list[str] = []
    for page in session.get(KEY, []):
        with suppress(Undecryptable):
            found += _opened(page["text"], f"typed:{page['id']}").get(name, [])
    return found


def _copy(posted: QueryDict) -> Typed:
    typed = Typed(mutable=True)
    for name, values in posted.lists():
        if name != "csrfmiddlewaretoken":
            typed.setlist(name, values)
    return typed
