"""Sign officials in: user name and password (locked after repeated failures), then the authenticator's code."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import devices_for_user

from subscriptions.models import Official
from subscriptions.web.forms import helper, posted
from subscriptions.web.officials.access import for_official, official_of
from subscriptions.web.session.typed import ShowsTyped
from subscriptions.web.staff.own_password import change_own_password
from subscriptions.web.staff.second_factor import (
    TokenForm,
    enter,
    matching_device,
    password_was_right,
    pending_user,
    time_is_over,
)


class LoginForm(ShowsTyped):
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
        form.add_error(
            None, _("The user name or the password is not correct. After 5 failures the account is locked for a while.")
        )
    return render(request, "officials/login.html", {"form": form})


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    user = pending_user(request)
    if user is None:
        time_is_over(request)
        return redirect("officials:login")
    form, status = TokenForm(posted(request)), 200
    if request.method == "POST" and form.is_valid():
        if (device := matching_device(user, form)) is not None:
            enter(request, user, device)
            return redirect("officials:register")
        status = 200 if form.has_error("code") else 429
    return render(request, "officials/second_factor.html", {"form": form}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You have signed out."))
    return redirect("officials:login")


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_official
def password(request: HttpRequest, official: Official) -> HttpResponse:
    context = {"official": official, "here": "password", "idle_minutes": settings.SESSION_COOKIE_AGE // 60}
    return change_own_password(
        request, official.user, template="officials/password.html", then="officials:register", context=context
    )


def _password_was_right(request: HttpRequest, user: User) -> HttpResponse:
    if any(devices_for_user(user)):
        password_was_right(request, user)
        return redirect("officials:second_factor")
    if settings.STAFF_TOTP_REQUIRED:
        return render(request, "officials/no_device.html", status=403)
    enter(request, user)
    return redirect("officials:register")
