"""Let staff look after their own second factor: new recovery codes, another authenticator; behind password and code."""

import re
import unicodedata
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp import login as remember_device

from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.second_factor import (
    CODE_LENGTH,
    authenticators_of,
    cleaned,
    codes_left,
    enrol,
    renew_codes,
)
from subscriptions.accounts.sign_in_trail import actor
from subscriptions.models.staff import DIGITS
from subscriptions.web.fields import UnshownInput
from subscriptions.web.forms import helper, posted
from subscriptions.web.session.typed import ShowsTyped
from subscriptions.web.staff.enrolment import (
    EnrolForm,
    begin_secret,
    codes_of,
    drawn,
    drop_codes,
    keep_codes,
    secret_of,
)
from subscriptions.web.staff.entrance import part
from subscriptions.web.staff.own_password import is_own_password
from subscriptions.web.staff.second_factor import (
    fresh_code_is_right,
    matching_device,
    recovered_device,
)
from subscriptions.web.staff.site import StaffSite

CODES, DEVICE = "codes", "device"


class ConfirmForm(ShowsTyped):
    """Password and second factor once more: a person who only finds an open page changes nothing."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("Please enter your password.")},
    )
    code = forms.CharField(
        label=gettext_lazy("Code of your authenticator, or a recovery code"),
        max_length=40,
        widget=UnshownInput(attrs={"autocomplete": "one-time-code"}),
        error_messages={"required": gettext_lazy("Please enter a code.")},
    )
    want = forms.ChoiceField(
        label=gettext_lazy("What would you like to do?"),
        choices=[
            (CODES, gettext_lazy("Make new recovery codes; the earlier ones end")),
            (DEVICE, gettext_lazy("Set up another authenticator; the earlier one ends")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose one.")},
    )
    field_order = ("want", "password", "code")

    def __init__(self, *args: Any, has_device: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(gettext_lazy("Continue"))
        if not has_device:
            del self.fields["code"], self.fields["want"]

    def clean_code(self) -> str:
        """Return six digits, or the ten signs of a recovery code."""
        typed = cleaned(unicodedata.normalize("NFKC", self.cleaned_data["code"]))
        if not re.fullmatch(rf"[0-9]{{{DIGITS}}}|[0-9A-Z]{{{CODE_LENGTH}}}", typed):
            raise forms.ValidationError(_("Please enter the 6 digits of your authenticator, or a recovery code."))
        return typed


def my_second_factor(request: HttpRequest, site: StaffSite, user: User) -> HttpResponse:
    """Show what the account has, and change it after the confirmation."""
    devices = authenticators_of(user)
    form, status = ConfirmForm(posted(request), has_device=bool(devices)), 200
    if request.method == "POST" and form.is_valid():
        if _confirmed(user, form):
            if form.cleaned_data.get("want") == CODES:
                codes = renew_codes(user=user, actor=actor(user), now=clock_now())
                keep_codes(request, user, codes, after=site.address("my_second_factor"))
                return redirect(site.address("recovery_codes"))
            begin_secret(request, user)
            return redirect(site.address("another_authenticator"))
        status = 429 if form.non_field_errors() else 200
    context = {"title": _("My second factor"), "here": "second_factor", "form": form, "left": codes_left(user)}
    return part(request, site, "own", {**context, "device": devices[0] if devices else None}, status=status)


def another_authenticator(request: HttpRequest, site: StaffSite, user: User) -> HttpResponse:
    """Enrol another authenticator, after the confirmation on the page before."""
    secret = secret_of(request, user)
    if secret is None:
        return redirect(site.address("my_second_factor"))
    form, status = EnrolForm(posted(request)), 200
    if request.method == "POST" and form.is_valid():
        if fresh_code_is_right(user, form, secret):
            device, codes = enrol(user=user, secret=secret, actor=actor(user), now=clock_now(), replacing=True)
            device.verify_token(form.cleaned_data["code"])
            remember_device(request, device)  # the session goes on under it
            keep_codes(request, user, codes, after=site.address("my_second_factor"))
            return redirect(site.address("recovery_codes"))
        status = 200 if form.has_error("code") else 429
    title = _("Set up another authenticator")
    return part(request, site, "enrol", {"title": title, "form": form, **drawn(secret, user)}, status=status)


def recovery_codes(request: HttpRequest, site: StaffSite, user: User) -> HttpResponse:
    """Show new recovery codes until the owner says that they have them; never again after that."""
    codes, after = codes_of(request, user)
    if not codes:
        return redirect(site.address("my_second_factor"))
    if request.method == "POST":
        drop_codes(request)
        messages.success(
            request, _("Your second factor is set up. You have %(left)d recovery codes.") % {"left": len(codes)}
        )
        return redirect(after)
    return part(request, site, "codes", {"title": _("Your recovery codes"), "codes": codes})


def _confirmed(user: User, form: ConfirmForm) -> bool:
    """Return whether password and code are right; otherwise the form shows the error. Every try counts."""
    if not is_own_password(user, form, field="password"):
        return False
    if "code" not in form.fields:
        return True
    by_recovery = len(form.cleaned_data["code"]) == CODE_LENGTH
    return (recovered_device(user, form) if by_recovery else matching_device(user, form)) is not None
