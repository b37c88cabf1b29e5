"""Let an invited official choose a password; the second factor follows, as at each first sign-in."""

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.accounts.office_staff import NotInvited, accept
from subscriptions.accounts.sign_in_limits import ACCOUNT, ADDRESS, address_of
from subscriptions.web.fields import UnshownInput
from subscriptions.web.forms import posted
from subscriptions.web.officials.site import SITE
from subscriptions.web.staff import entrance
from subscriptions.web.staff.own_password import NewPasswordForm, password_field
from subscriptions.web.staff.second_factor import too_many_words


class AcceptForm(NewPasswordForm):
    label = gettext_lazy("Continue")
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
        error_messages={"required": gettext_lazy("Please enter your user name.")},
    )
    code = forms.CharField(
        label=gettext_lazy("Invitation code"),
        max_length=40,
        widget=UnshownInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Please enter the invitation code.")},
    )
    new = password_field(gettext_lazy("New password"), "new-password")
    again = password_field(gettext_lazy("New password (again)"), "new-password")

    def check_new(self, password: str) -> None:
        validate_password(password, User(username=self.cleaned_data["username"]))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Check the invitation code; every try counts as one to sign in."""
    form, status = AcceptForm(posted(request)), 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            count({ADDRESS: address_of(request), ACCOUNT: given["username"]}, now=clock_now())
            user = accept(username=given["username"], code=given["code"], password=given["new"], now=clock_now())
        except TooMany as failure:
            form.add_error(None, too_many_words(failure))
            status = 429
        except NotInvited:
            form.add_error(
                None, _("User name or code is not correct, or the invitation is over. Ask your office manager.")
            )
        else:
            return entrance.password_accepted(request, SITE, user)
    return render(request, "officials/accept.html", {"form": form}, status=status)
