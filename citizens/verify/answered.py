"""Take an answer along when its page is shown in another language, text size or contrast.

The page has its code in a field, encrypted and signed, which says for SHOWN_AGAIN_SECONDS that this code was counted
and answered. So an answer that is shown again is no new question, and no code that was not counted is ever looked up.
"""

import base64
import json
from dataclasses import asdict

from django import forms
from django.core import signing
from django.http import HttpRequest

from notifications.delivery.check_codes import TypedCode
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from subscriptions.web.session.typed import ShowsTyped, typed_before

FIELD = "answered"
SHOWN_AGAIN_SECONDS = 600


class AnswerForm(ShowsTyped):
    """Nothing to fill in."""

    answered = forms.CharField(widget=forms.HiddenInput)


def answer_form(code: TypedCode) -> AnswerForm:
    """Return the form of the page that answers about this code."""
    sealed = encrypt_text(json.dumps(asdict(code)), bound_to=FIELD)
    return AnswerForm(initial={FIELD: signing.dumps(base64.b64encode(sealed).decode(), salt=FIELD)})


def answered_before(request: HttpRequest) -> TypedCode | None:
    """Return the code whose answer is to be shown again; None where this request is about none."""
    typed = typed_before(request) if request.method == "GET" else None
    try:
        kept = signing.loads(typed.get(FIELD, "") if typed else "", salt=FIELD, max_age=SHOWN_AGAIN_SECONDS)
        return TypedCode(**json.loads(decrypt_text(base64.b64decode(kept), bound_to=FIELD)))
    except (signing.BadSignature, Undecryptable):
        return None
