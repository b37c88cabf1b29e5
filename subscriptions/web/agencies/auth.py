"""Sign people of agencies in, as officials are: user name and password, then the authenticator's code."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from subscriptions.models import AgencyStaff
from subscriptions.web.agencies.access import agency_staff_of, for_agency
from subscriptions.web.forms import posted
from subscriptions.web.staff import entrance, own_second_factor, session_end
from subscriptions.web.staff.login_form import LoginForm
from subscriptions.web.staff.own_password import change_own_password
from subscriptions.web.staff.site import StaffSite


def _context(request: HttpRequest) -> dict[str, Any]:
    return {"member": agency_staff_of(request.user)}


SITE = StaffSite(
    name="agency",
    home=lambda _: reverse("agency:batches"),
    page="agencies/staff_page.html",
    fields="officials/fields.html",
    admits=lambda user: agency_staff_of(user) is not None,
    context=_context,
)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and agency_staff_of(request.user):
        return redirect("agency:batches")
    form = LoginForm(posted(request))
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User) and agency_staff_of(user) is not None:
            return entrance.password_accepted(request, SITE, user)
        form.add_error(
            None, _("The user name or the password is not correct. After 5 failures the account is locked for a while.")
        )
    return render(request, "agencies/login.html", {"form": form})


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
    return redirect("agency:login")


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_agency
def password(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    context = {"member": member, "here": "password"}
    return change_own_password(
        request, member.user, template="agencies/password.html", then="agency:batches", context=context
    )


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_agency
def my_second_factor(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    return own_second_factor.my_second_factor(request, SITE, member.user)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@for_agency
def another_authenticator(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    return own_second_factor.another_authenticator(request, SITE, member.user)


@require_http_methods(["GET", "POST"])
@for_agency
def recovery_codes(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    return own_second_factor.recovery_codes(request, SITE, member.user)


@require_GET
@for_agency
def more_time(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    return session_end.more_time(request, SITE)
