"""Lead staff whose password was given to them to the page on which they choose their own, before any other page."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from subscriptions.accounts.given_passwords import chosen, is_given

MUST = "choose_password"  # in the session, from signing in until the owner has chosen
PAGES = {"/admin/": "admin:password_change", "/officials/": "officials:password", "/agencies/": "agencies:password"}
# Under these one may go on: to come in, to set up the second factor, to stay a little longer, to leave.
OPEN = ("login/", "second-factor/", "more-time/", "logout/", "jsi18n/")


def at_sign_in(request: HttpRequest, user: User) -> None:
    if is_given(user):
        request.session[MUST] = True


def lead_to_page(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect to the page for one's own password; None where this page may be opened."""
    site = next(site for site in PAGES if request.path_info.startswith(site))
    page = reverse(PAGES[site])
    if request.path_info == page or request.path_info.startswith(tuple(f"{site}{path}" for path in OPEN)):
        return None
    messages.warning(request, _("Others know the password that you were given. Please choose your own to go on."))
    return redirect(page)


def done(request: HttpRequest, user: User) -> None:
    chosen(user)
    request.session.pop(MUST, None)
