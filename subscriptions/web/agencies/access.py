"""Admit to an agency's pages only an active person of that agency, with a second factor where required."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from subscriptions.models import AgencyStaff

AgencyView = Callable[..., HttpResponse]


def agency_staff_of(user: AbstractBaseUser | AnonymousUser) -> AgencyStaff | None:
    """Return the active person of an agency behind an account."""
    if not isinstance(user, User):
        return None
    return AgencyStaff.objects.select_related("agency", "user").filter(user=user, active=True).first()


def for_agency(view: AgencyView) -> AgencyView:
    """Pass the person of the agency to the view; redirect all others to the sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        member = agency_staff_of(request.user)
        verified = getattr(request.user, "is_verified", None)
        if member is None or (settings.STAFF_TOTP_REQUIRED and not (verified and verified())):
            return redirect("agency:login")
        return view(request, member, *args, **kwargs)

    return guarded
