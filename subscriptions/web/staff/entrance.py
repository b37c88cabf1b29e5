"""Lead staff in after the password, the same on both sites: a code, a recovery code, or enrolment at first."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.second_factor import EnrolledAlready, codes_left, enrol, has_authenticator, may_enrol
from subscriptions.accounts.sign_in_trail import actor
from subscriptions.web.forms import posted
from subscriptions.web.staff.enrolment import EnrolForm, begin_secret, drawn, keep_codes, secret_of
from subscriptions.web.staff.second_factor import (
    RecoveryForm,
    TokenForm,
    enter,
    fresh_code_is_right,
    matching_device,
    password_was_right,
    pending_user,
    recovered_device,
    time_is_over,
)
from subscriptions.web.staff.site import StaffSite

NEXT = "staff_next"  # in the session, between the password and the second factor
ENROL_SECONDS = 1800  # to find, install and set up an app


def password_accepted(request: HttpRequest, site: StaffSite, user: User, after: str = "") -> HttpResponse:
    """Lead on from the right password: to the code, to enrolment, or in, where no second factor is required."""
    enrolled = has_authenticator(user)
    if not enrolled and not settings.STAFF_TOTP_REQUIRED:
        enter(request, user)
        return redirect(site.after(request, after))
    if not enrolled and not may_enrol(user, clock_now()):
        return part(request, site, "enrol_over", {"title": _("A second factor is needed")}, status=403)
    password_was_right(request, user)
    request.session[NEXT] = after
    if not enrolled:
        begin_secret(request, user)
    return redirect(site.address("second_factor" if enrolled else "enrol"))


def code_page(request: HttpRequest, site: StaffSite) -> HttpResponse:
    """Check the code of the authenticator, once; the password was right and is not requested again."""
    return _checked(request, site, TokenForm(posted(request)), recovery=False)


def recovery_page(request: HttpRequest, site: StaffSite) -> HttpResponse:
    """Check a recovery code in place of the authenticator's."""
    return _checked(request, site, RecoveryForm(posted(request)), recovery=True)


def _checked(request: HttpRequest, site: StaffSite, form: Any, *, recovery: bool) -> HttpResponse:
    user, status = pending_user(request), 200
    if user is None or not site.admits(user):
        time_is_over(request)
        return redirect(site.address("login"))
    if request.method == "POST" and form.is_valid():
        device = recovered_device(user, form) if recovery else matching_device(user, form)
        if device is not None:
            after = request.session.pop(NEXT, "")
            enter(request, user, device, recovered=recovery)
            return redirect(site.address("my_second_factor") if recovery else site.after(request, after))
        status = 200 if form.has_error("code") else 429
    title = _("Sign in with a recovery code") if recovery else _("Second step")
    name = "recovery" if recovery else "code"
    return part(request, site, name, {"title": title, "form": form, "left": codes_left(user)}, status=status)


def enrol_page(request: HttpRequest, site: StaffSite) -> HttpResponse:
    """At the first sign-in: show the new secret as a QR code and as text, and take a code of it as the proof."""
    user = pending_user(request, seconds=ENROL_SECONDS)
    secret = secret_of(request, user) if user is not None else None
    if user is None or secret is None or not site.admits(user) or has_authenticator(user):
        return _sign_in_again(request, site)
    form, status = EnrolForm(posted(request)), 200
    if request.method == "POST" and form.is_valid():
        if fresh_code_is_right(user, form, secret):
            try:
                device, codes = enrol(user=user, secret=secret, actor=actor(user), now=clock_now())
            except EnrolledAlready:
                return _sign_in_again(request, site)
            after = request.session.pop(NEXT, "")
            device.verify_token(form.cleaned_data["code"])  # so that the code is used up
            enter(request, user, device)
            keep_codes(request, user, codes, after=site.after(request, after))
            return redirect(site.address("recovery_codes"))
        status = 200 if form.has_error("code") else 429
    title = _("Set up your second factor")
    return part(request, site, "enrol", {"title": title, "form": form, **drawn(secret, user)}, status=status)


def _sign_in_again(request: HttpRequest, site: StaffSite) -> HttpResponse:
    """The half hour to set up is over, or another session has done it meanwhile."""
    messages.warning(request, _("Please sign in again to set up your second factor, or with it."))
    return redirect(site.address("login"))


def part(
    request: HttpRequest, site: StaffSite, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a part of templates/staff/ in the site's own page."""
    given = {**site.context(request), "part": f"staff/{name}.html", "fields": site.fields, "site": site.name, **context}
    return render(request, site.page, given, status=status)
