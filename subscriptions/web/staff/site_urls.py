"""Route the pages by which staff come in, and those of their own sign-in: the same for officials and for agencies."""

from collections.abc import Callable
from typing import Protocol

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from subscriptions.web.forms import posted
from subscriptions.web.staff import entrance, own_second_factor, session_end
from subscriptions.web.staff.login_form import LoginForm
from subscriptions.web.staff.own_password import change_own_password
from subscriptions.web.staff.site import StaffSite

View = Callable[..., HttpResponse]
SitePage = Callable[[HttpRequest, StaffSite], HttpResponse]
OwnPage = Callable[[HttpRequest, StaffSite, User], HttpResponse]


class Member(Protocol):
    """An official, or a person of an agency."""

    user: User


def site_urls(site: StaffSite, *, admitted: Callable[[View], View]) -> list[URLPattern]:
    """Return the addresses. `admitted` passes the `Member` to a view, and redirects all others to the sign-in."""

    def coming_in(show: SitePage) -> View:
        return _with_secrets(lambda request: show(request, site))

    def own(show: OwnPage) -> View:
        def page(request: HttpRequest, member: Member) -> HttpResponse:
            return show(request, site, member.user)

        return _with_secrets(admitted(page))

    def more_time(request: HttpRequest, _member: Member) -> HttpResponse:
        return session_end.more_time(request, site)

    def sign_out(request: HttpRequest) -> HttpResponse:
        logout(request)
        messages.success(request, _("You have signed out."))
        return redirect(site.address("login"))

    return [
        path("login/", coming_in(_sign_in), name="login"),
        path("login/code/", coming_in(entrance.code_page), name="second_factor"),
        path("login/recovery/", coming_in(entrance.recovery_page), name="recovery"),
        path("login/set-up/", coming_in(entrance.enrol_page), name="enrol"),
        path("second-factor/", own(own_second_factor.my_second_factor), name="my_second_factor"),
        path("second-factor/another/", own(own_second_factor.another_authenticator), name="another_authenticator"),
        path("second-factor/codes/", own(own_second_factor.recovery_codes), name="recovery_codes"),
        path("password/", own(_password), name="password"),
        path("more-time/", require_GET(admitted(more_time)), name="more_time"),
        path("logout/", require_POST(sign_out), name="logout"),
    ]


def _with_secrets(view: View) -> View:
    """Let a page be read and sent, and keep what is sent out of error reports."""
    guarded: View = require_http_methods(["GET", "POST"])(sensitive_post_parameters()(view))
    return guarded


def _sign_in(request: HttpRequest, site: StaffSite) -> HttpResponse:
    """User name and password, locked after repeated failures."""
    if request.method == "GET" and isinstance(request.user, User) and site.admits(request.user):
        return redirect(site.home(request))
    form = LoginForm(posted(request))
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User) and site.admits(user):
            return entrance.password_accepted(request, site, user)
        form.add_error(
            None, _("The user name or the password is not correct. After 5 failures the account is locked for a while.")
        )
    return render(request, site.login, {"form": form})


def _password(request: HttpRequest, site: StaffSite, user: User) -> HttpResponse:
    title, part = _("Change your password"), "staff/password.html"
    context = {**site.context(request), "here": "password", "title": title, "part": part}
    return change_own_password(
        request, user, template=site.page, then=site.address("my_second_factor"), context=context
    )
