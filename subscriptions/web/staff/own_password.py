"""Let staff change their own password on both sites: the old one, a code, and the new one twice."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.account_changes import IN_PASSING
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.accounts.second_factor import has_authenticator
from subscriptions.accounts.sign_in_trail import actor
from subscriptions.web.fields import DigitsField, UnshownInput
from subscriptions.web.forms import helper, posted
from subscriptions.web.session.typed import ShowsTyped
from subscriptions.web.staff import choose_password
from subscriptions.web.staff.second_factor import matching_device, too_many_words


def password_field(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": gettext_lazy("Please fill this in.")},
    )


class NewPasswordForm(ShowsTyped):
    """Fields `new` and `again`, which a subclass declares in its own order, and the rules of passwords below them.
    `label`: of the button."""

    label: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(self.label)
        self.fields["new"].help_text = " ".join(password_validators_help_texts())

    def check_new(self, password: str) -> None:
        """Raise ValidationError where this person may not take it."""
        validate_password(password)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("The two new passwords are not the same."))
        try:
            self.check_new(cleaned["new"])
        except forms.ValidationError as refused:
            self.add_error("new", refused)
        return cleaned


class OwnPasswordForm(NewPasswordForm):
    label = gettext_lazy("Change the password")
    old = password_field(gettext_lazy("Current password"), "current-password")
    code = DigitsField(
        label=gettext_lazy("Code of your authenticator"),
        length=6,
        wrong=gettext_lazy("Please enter the 6 digits that your authenticator shows."),
        widget=UnshownInput,
        attrs={"autocomplete": "one-time-code"},
    )
    new = password_field(gettext_lazy("New password"), "new-password")
    again = password_field(gettext_lazy("New password (again)"), "new-password")

    def __init__(self, *args: Any, user: User, is_forced: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        if is_forced or not has_authenticator(user):  # forced at signing in, which has just used up a code
            del self.fields["code"]

    def check_new(self, password: str) -> None:
        if password == self.cleaned_data["old"]:
            raise forms.ValidationError(_("This is your current password. Please choose another one."))
        validate_password(password, self._user)


def change_own_password(
    request: HttpRequest, user: User, *, template: str, then: str, context: dict[str, Any]
) -> HttpResponse:
    """Show the page in `template`; after the change redirect to `then`. All other sessions of the account end."""
    form, status = OwnPasswordForm(posted(request), user=user, is_forced=choose_password.MUST in request.session), 200
    if request.method == "POST" and form.is_valid():
        if _confirmed(user, form):
            _change(request, user, form.cleaned_data["new"])
            messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
            return redirect(then)
        status = 429 if form.non_field_errors() else 200
    return render(request, template, {**context, "form": form}, status=status)


def _confirmed(user: User, form: OwnPasswordForm) -> bool:
    """Return whether old password and code are right; otherwise the form shows the error. Every try counts."""
    if not is_own_password(user, form, field="old"):
        return False
    return "code" not in form.fields or matching_device(user, form) is not None


def is_own_password(user: User, form: forms.Form, *, field: str) -> bool:
    """Return whether the password in `field` is the account's; otherwise the form shows the error. Every try counts."""
    try:
        count({"password_tried_account": str(user.pk)}, now=clock_now())
    except TooMany as failure:
        form.add_error(None, too_many_words(failure))
        return False
    if not user.check_password(form.cleaned_data[field]):
        form.add_error(field, _("This is not your password."))
        return False
    return True


def _change(request: HttpRequest, user: User, password: str) -> None:
    user.set_password(password)
    setattr(user, IN_PASSING, True)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    choose_password.done(request, user)
    record_audit(now=clock_now(), actor=actor(user), action="own password changed", object=f"user:{user.pk}")
