"""Sign officials in: user name and password (locked after repeated failures), then the authenticator's code."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from subscriptions.models import Official
from subscriptions.web.forms import posted
from subscriptions.web.officials.access import first_page_of, for_office, official_of
from subscriptions.web.staff import entrance, own_second_factor, session_end
from subscriptions.web.staff.login_form import LoginForm
from subscriptions.web.staff.own_password import change_own_password
from subscriptions.web.staff.site import StaffSite


def _context(request: HttpRequest) -> dict[str, Any]:
    return {"official": official_of(request.user)}


SITE = StaffSite(
    name="officials",
    home=lambda request: first_page_of(request.user),
    page="officials/staff_page.html",
    fields="officials/fields.html",
    admits=lambda user: official_of(user) is not None,
    context=_context,
)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and official_of(request.user):
        return redirect(first_page_of(request.user))
    form = LoginForm(posted(request))
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User) and official_of(user) is not None:
            return entrance.password_accepted(request, SITE, user)
        form.add_error(
            None, _("The user name or the password is not correct. After 5 failures the account is locked for a while.")
        )
    return render(request, "officials/login.html", {"form": form})


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    return entrance.code_page(request, SITE)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def recovery(request: HttpRequest) -> HttpResponse:
    return entrance.recovery_page(request, SITE)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def enrol(request: HttpRequest) -> HttpResponse:
    return entrance.enrol_page(request, SITE)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You have signed out."))
    return redirect("officials:login")


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_office
def password(request: HttpRequest, official: Official) -> HttpResponse:
    context = {"official": official, "here": "password"}
    return change_own_password(
        request, official.user, template="officials/password.html", then="officials:my_second_factor", context=context
    )


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_office
def my_second_factor(request: HttpRequest, official: Official) -> HttpResponse:
    return own_second_factor.my_second_factor(request, SITE, official.user)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_office
def another_authenticator(request: HttpRequest, official: Official) -> HttpResponse:
    return own_second_factor.another_authenticator(request, SITE, official.user)


@require_http_methods(["GET", "POST"])
@for_office
def recovery_codes(request: HttpRequest, official: Official) -> HttpResponse:
    return own_second_factor.recovery_codes(request, SITE, official.user)


@require_GET
@for_office
def more_time(request: HttpRequest, official: Official) -> HttpResponse:
    return session_end.more_time(request, SITE)
