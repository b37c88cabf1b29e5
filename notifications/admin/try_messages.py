"""The page on which an author receives their own messages: a code proves the number, for half an hour and this session.

So a test message reaches only the person who holds the telephone and is signed in here.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from notifications.operations.try_message import NotSent, send_proof, send_sample
from secretary.kernel.backoffice import actor_of
from secretary.kernel.korean.korean import masked_phone
from secretary.kernel.language import moment
from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.models import DataTypeVersion, MessageTemplate
from subscriptions.models.channel_choice import CHANNELS as CHANNEL_NAMES
from subscriptions.web.fields import MobileField

KEY = "try_messages"  # in the session
CODE_MINUTES, PROVED_MINUTES, TRIES = 3, 30, 5
LANGUAGES = {"ko": gettext_lazy("Korean"), "en": gettext_lazy("English")}
RIGHTS = ("subscriptions.change_datatypeversion", "subscriptions.approve_datatypeversion")


class PhoneForm(forms.Form):
    phone = MobileField(label=gettext_lazy("Your own mobile number"))


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=gettext_lazy("The six digits that came by text message"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class TemplateForm(forms.Form):
    template = forms.ModelChoiceField(
        MessageTemplate.objects.none(), label=gettext_lazy("Which message"), empty_label=None
    )

    def __init__(self, *args: Any, version: DataTypeVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["template"]
        rows = MessageTemplate.objects.filter(stage__version=version).select_related("stage")
        field.queryset = rows.order_by("stage__position", "channel", "-language")
        field.label_from_instance = _called


def _called(row: MessageTemplate) -> str:
    return f"{row.stage.label_ko}, {CHANNEL_NAMES[row.channel]}, {LANGUAGES[row.language]}"


def try_messages(request: HttpRequest, version_id: int, context: dict[str, Any], *, now: datetime) -> HttpResponse:
    """Prove a number, then send to it: one page, one step after another."""
    assert isinstance(request.user, AbstractBaseUser)
    if not any(request.user.has_perm(right) for right in RIGHTS):
        raise PermissionDenied
    version = get_object_or_404(DataTypeVersion.objects.select_related("data_type__agency"), pk=version_id)
    form = _form(request, version, now)
    if request.method == "POST" and "forget" in request.POST:
        request.session.pop(KEY, None)
        return HttpResponseRedirect(request.path)
    if request.method == "POST" and form.is_valid():
        try:
            done = _step(request, form, now)
        except TooMany as reached:
            form.add_error(
                None, _("Too many attempts. Please try again after %(time)s.") % {"time": moment(reached.until)}
            )
        except NotSent as refused:
            form.add_error(None, str(refused))
        else:
            if done:
                return HttpResponseRedirect(request.path)
    phone = _proved(request, now)
    page = {
        "title": _("Send me a test message"),
        "subject": f"{version.name_ko} v{version.number}",
        "opts": DataTypeVersion._meta,
        "back": reverse("admin:subscriptions_datatypeversion_change", args=[version.pk]),
        "form": form,
        "phone": masked_phone(phone) if phone else "",
        "begun": KEY in request.session,
    }
    return TemplateResponse(request, "admin/editor/try_messages.html", {**context, **page})


def _form(request: HttpRequest, version: DataTypeVersion, now: datetime) -> forms.Form:
    """Return the form of the present step."""
    data = request.POST if request.method == "POST" else None
    if _proved(request, now):
        return TemplateForm(data, version=version)
    return CodeForm(data) if _waiting(request, now) else PhoneForm(data)


def _step(request: HttpRequest, form: forms.Form, now: datetime) -> bool:
    """Take the step; return whether it succeeded. Raises TooMany, NotSent."""
    account = f"user:{request.user.pk}"
    if isinstance(form, PhoneForm):
        phone, code = form.cleaned_data["phone"], f"{secrets.randbelow(10**6):06d}"
        count({"sample_code_account": account, "sample_code_phone": phone}, now=now)
        send_proof(phone=phone, code=code, language=get_language() or "ko")
        sealed = base64.b64encode(encrypt_text(phone, bound_to=f"{KEY}:{request.user.pk}")).decode()
        request.session[KEY] = {"phone": sealed, "code": _hash(request, code), "tries": 0, "at": now.timestamp()}
        return True
    if isinstance(form, CodeForm):
        return _prove(request, form, now)
    count({"sample_sent_account": account}, now=now)
    template: MessageTemplate = form.cleaned_data["template"]
    send_sample(template=template, phone=_proved(request, now), actor=actor_of(request), now=now)
    messages.success(request, _("Sent to your telephone: %(what)s.") % {"what": _called(template)})
    return True


def _prove(request: HttpRequest, form: CodeForm, now: datetime) -> bool:
    kept = request.session[KEY]
    if hmac.compare_digest(kept["code"], _hash(request, form.cleaned_data["code"].strip())):
        request.session[KEY] = {"phone": kept["phone"], "proved": now.timestamp()}
        return True
    request.session[KEY] = kept | {"tries": kept["tries"] + 1}
    form.add_error("code", _("The code is not right."))
    return False


def _waiting(request: HttpRequest, now: datetime) -> bool:
    """Return whether a code may still be typed."""
    kept = request.session.get(KEY) or {}
    limit = timedelta(minutes=CODE_MINUTES).total_seconds()
    return "code" in kept and kept["tries"] < TRIES and now.timestamp() - kept["at"] < limit


def _proved(request: HttpRequest, now: datetime) -> str:
    """Return the number that this account has proved in this session, "" for none."""
    kept = request.session.get(KEY) or {}
    if now.timestamp() - kept.get("proved", 0) > timedelta(minutes=PROVED_MINUTES).total_seconds():
        return ""
    return decrypt_text(base64.b64decode(kept["phone"]), bound_to=f"{KEY}:{request.user.pk}")


def _hash(request: HttpRequest, code: str) -> str:
    return blind_index(f"{KEY}:{request.user.pk}", code).hex()
