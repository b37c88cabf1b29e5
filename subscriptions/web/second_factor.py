"""The second step of signing in, the same for the officials' pages and the administration."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp import match_token

from secretary.common.clock import now as clock_now
from subscriptions.attempts import TooMany, count
from subscriptions.sign_in_trail import second_factor_failed
from subscriptions.web.fields import DigitsField
from subscriptions.web.forms import helper

PENDING = "second_factor_for"  # in the session: id of the account whose password was right, and when
PENDING_SECONDS = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"


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


def password_was_right(request: HttpRequest, user: User) -> None:
    """Remember, under a new session key, whose password was right: the account is not signed in yet."""
    request.session.cycle_key()
    request.session[PENDING] = [user.pk, clock_now().timestamp()]


def pending_user(request: HttpRequest) -> User | None:
    """Whose password was right in this session within the last five minutes."""
    account, at = request.session.get(PENDING) or (0, 0.0)
    if clock_now().timestamp() - at > PENDING_SECONDS:
        return None
    return User.objects.filter(pk=account, is_active=True).first()


def matching_device(user: User, form: forms.Form) -> Any:
    """The device that shows the form's code; None with the reason on the form."""
    try:
        count({"totp_tried_account": str(user.pk)}, now=clock_now())
    except TooMany:
        form.add_error(None, _("Too many tries. Please wait 15 minutes."))
        return None
    device = match_token(user, form.cleaned_data["code"])
    if device is None:
        second_factor_failed(user)
        form.add_error("code", _("This code is not right. Please enter the one shown now."))
    return device


def enter(request: HttpRequest, user: User, device: Any = None) -> None:
    """Sign in; with `device` as one whose second factor was right."""
    request.session.pop(PENDING, None)
    if device is not None:
        # django-otp keeps it in the session when `login` sends its signal.
        user.otp_device = device  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
