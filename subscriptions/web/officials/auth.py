"""Signing in: user name and password (locked after repeated failures), then the authenticator's code."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import devices_for_user, match_token
from django_otp import login as otp_login

from secretary.common.audit import record_audit
from secretary.common.clock import now as clock_now
from subscriptions.attempts import TooMany, count
from subscriptions.web.fields import DigitsField
from subscriptions.web.forms import helper, posted
from subscriptions.web.officials.access import SIGNED_IN_AT, official_of

PENDING = "second_factor_for"  # id of the account whose password was right
BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": gettext_lazy("Please enter your user name.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("Please enter your password.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(gettext_lazy("Sign in"))


class TokenForm(forms.Form):
    code = DigitsField(
        label=gettext_lazy("Code of your authenticator"),
        length=6,
        wrong=gettext_lazy("Please enter the 6 digits that your authenticator shows."),
        attrs={"autocomplete": "one-time-code", "autofocus": True},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(gettext_lazy("Confirm"))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and official_of(request.user):
        return redirect("officials:register")
    form = LoginForm(posted(request))
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User) and official_of(user) is not None:
            return _password_was_right(request, user)
        form.add_error(None, _("User name or password are not right. After 5 failures the account rests for a while."))
    return render(request, "officials/login.html", {"form": form})


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    user = User.objects.filter(pk=request.session.get(PENDING, 0), is_active=True).first()
    if user is None:
        return redirect("officials:login")
    form, status = TokenForm(posted(request)), 200
    if request.method == "POST" and form.is_valid():
        if (device := _matching_device(user, form)) is not None:
            _enter(request, user)
            otp_login(request, device)
            return redirect("officials:register")
        status = 200 if form.has_error("code") else 429
    return render(request, "officials/second_factor.html", {"form": form}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You have signed out."))
    return redirect("officials:login")


def _password_was_right(request: HttpRequest, user: User) -> HttpResponse:
    if any(devices_for_user(user)):
        request.session.cycle_key()
        request.session[PENDING] = user.pk
        return redirect("officials:second_factor")
    if settings.STAFF_TOTP_REQUIRED:
        return render(request, "officials/no_device.html", status=403)
    _enter(request, user)
    return redirect("officials:register")


def _matching_device(user: User, form: TokenForm) -> Any:
    """The device that shows this code; None with the reason on the form."""
    try:
        count({"totp_tried_account": str(user.pk)}, now=clock_now())
    except TooMany:
        form.add_error(None, _("Too many tries. Please wait 15 minutes."))
        return None
    device = match_token(user, form.cleaned_data["code"])
    if device is None:
        form.add_error("code", _("This code is not right. Please enter the one shown now."))
    return device


def _enter(request: HttpRequest, user: User) -> None:
    login(request, user, backend=BACKEND)
    now = clock_now()
    request.session.pop(PENDING, None)
    request.session[SIGNED_IN_AT] = now.timestamp()
    official = official_of(user)
    record_audit(now=now, actor=f"official:{official.id if official else 0}", action="official.signed_in")
