"""Check the second factor at sign-in, the same for the officials' pages and the administration."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.oath import TOTP, hotp

from secretary.kernel.language import moment
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.accounts.second_factor import CODE_LENGTH, authenticators_of, cleaned, use_code
from subscriptions.accounts.sign_in_trail import RECOVERED, second_factor_failed
from subscriptions.models import Authenticator
from subscriptions.models.staff import DIGITS, TOLERANCE
from subscriptions.web.fields import DigitsField, UnshownInput
from subscriptions.web.forms import helper
from subscriptions.web.session.typed import ShowsTyped
from subscriptions.web.staff import choose_password
from subscriptions.web.staff.came_back import drop_of_others

PENDING = "second_factor_for"  # in the session: id of the account whose password was right, and the time
PENDING_SECONDS = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"


class TokenForm(ShowsTyped):
    code = DigitsField(
        label=gettext_lazy("Code of your authenticator"),
        length=6,
        wrong=gettext_lazy("Please enter the 6 digits that your authenticator shows."),
        widget=UnshownInput,
        attrs={"autocomplete": "one-time-code", "autofocus": True},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(gettext_lazy("Confirm"))


class RecoveryForm(ShowsTyped):
    code = forms.CharField(
        label=gettext_lazy("Recovery code"),
        help_text=gettext_lazy("One of the ten codes that you printed or wrote down. Each works once."),
        max_length=40,
        widget=UnshownInput(attrs={"autocomplete": "off", "autofocus": True, "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Please enter a recovery code.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(gettext_lazy("Confirm"))


def password_was_right(request: HttpRequest, user: User) -> None:
    """Store, under a new session key, the account whose password was right: it is not signed in yet."""
    request.session.cycle_key()
    request.session[PENDING] = [user.pk, clock_now().timestamp()]


def pending_user(request: HttpRequest, *, seconds: int = PENDING_SECONDS) -> User | None:
    """Return the account whose password was right in this session within the last five minutes."""
    account, at = request.session.get(PENDING) or (0, 0.0)
    if clock_now().timestamp() - at > seconds:
        return None
    return User.objects.filter(pk=account, is_active=True).first()


def matching_device(user: User, form: forms.Form) -> Authenticator | None:
    """Return the authenticator that shows the form's code; None with the reason on the form."""
    if not _may_try(user, form):
        return None
    devices, code = authenticators_of(user), form.cleaned_data["code"]
    resting = _resting_until(devices)
    was_used = any(_was_used(device, code) for device in devices)
    device = _matched(user, code)
    if device is not None:
        return device
    if resting is not None:
        words = _(
            "After wrong codes, the next one is accepted from %(time)s. Please enter the code that is shown then."
        )
        form.add_error("code", words % {"time": moment(resting, seconds=True)})
    elif was_used:
        form.add_error("code", _("This code has been used already. Please enter the next one, in half a minute."))
    else:
        form.add_error("code", _("This code is not correct. Please enter the one shown now."))
    second_factor_failed(user)
    return None


def recovered_device(user: User, form: forms.Form) -> Authenticator | None:
    """Return the authenticator that the form's recovery code stands for, once; None with the reason on the form."""
    devices = authenticators_of(user)
    if not devices or not _may_try(user, form):
        return None
    if len(cleaned(form.cleaned_data["code"])) == CODE_LENGTH and use_code(
        user=user, code=form.cleaned_data["code"], now=clock_now()
    ):
        return devices[0]
    form.add_error("code", _("This is none of your recovery codes, or it has been used. Please try another one."))
    second_factor_failed(user)
    return None


def fresh_code_is_right(user: User, form: forms.Form, secret: bytes) -> bool:
    """Return whether the form's code is one of this secret, of an authenticator that is only being enrolled."""
    if not _may_try(user, form):
        return False
    totp = TOTP(secret)
    totp.time = clock_now().timestamp()
    if totp.verify(int(form.cleaned_data["code"]), TOLERANCE):
        return True
    form.add_error("code", _("This code is not correct. Please enter the one shown now."))
    return False


def _may_try(user: User, form: forms.Form) -> bool:
    try:
        count({"totp_tried_account": str(user.pk)}, now=clock_now())
    except TooMany as failure:
        form.add_error(None, too_many_words(failure))
        return False
    return True


@transaction.atomic
def _matched(user: User, code: str) -> Authenticator | None:
    rows = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk")
    return next((device for device in rows if device.verify_token(code)), None)


def too_many_words(failure: TooMany) -> str:
    return _("Too many attempts. Please try again after %(time)s.") % {"time": moment(failure.until)}


def time_is_over(request: HttpRequest) -> None:
    """Mark the code as too late after the password; the next page explains the repeated sign-in."""
    if request.method == "POST" and PENDING in request.session:
        messages.warning(request, _("More than 5 minutes have passed since your password. Please sign in again."))


def _resting_until(devices: Sequence[Any]) -> datetime | None:
    """Return until when the devices are locked; None: one is not. A lock of django-otp rejects even the right code."""
    states = [device.verify_is_allowed() for device in devices]
    if not states or any(allowed for allowed, _why in states):
        return None
    until: datetime = min(why["locked_until"] for _allowed, why in states)
    return until


def _was_used(device: Any, code: str) -> bool:
    """Return whether it is the last code that this device accepted: each is accepted only once."""
    last = getattr(device, "last_t", -1)
    return last >= 0 and hotp(device.bin_key, last, DIGITS) == int(code)


def enter(request: HttpRequest, user: User, device: Authenticator | None = None, *, recovered: bool = False) -> None:
    """Sign in; with `device` after a right second factor, or `recovered` by a code that stands for it."""
    request.session.pop(PENDING, None)
    setattr(user, RECOVERED, recovered)
    if device is not None:
        # django-otp keeps it in the session when `login` sends its signal.
        user.otp_device = device  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
    drop_of_others(request, user)
    choose_password.at_sign_in(request, user)
