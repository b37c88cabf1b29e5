"""Admit to the officials' pages only an active official, with a second factor where required."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from subscriptions.models import Official

OfficialView = Callable[..., HttpResponse]


def official_of(user: AbstractBaseUser | AnonymousUser) -> Official | None:
    """Return the active official behind an account."""
    if not isinstance(user, User):
        return None
    return Official.objects.select_related("office", "user").filter(user=user, active=True).first()


def for_official(view: OfficialView) -> OfficialView:
    """Pass the official to the view; redirect all others to the sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        official = official_of(request.user)
        if official is None or not _verified(request):
            return redirect("officials:login")
        return view(request, official, *args, **kwargs)

    return guarded


def _verified(request: HttpRequest) -> bool:
    verified = getattr(request.user, "is_verified", None)
    return not settings.STAFF_TOTP_REQUIRED or bool(verified and verified())
