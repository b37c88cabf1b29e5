"""Admit to the officials' pages, with a second factor where required: `for_official` those who register seniors,
`for_manager` the office manager, `for_office` both. The one place where it is decided who opens a page."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from subscriptions.models import Official

OfficialView = Callable[..., HttpResponse]


def official_of(user: AbstractBaseUser | AnonymousUser) -> Official | None:
    """Return the active official behind an account."""
    if not isinstance(user, User):
        return None
    return Official.objects.select_related("office", "user").filter(user=user, active=True).first()


def first_page_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """Return where an official begins after signing in."""
    official = official_of(user)
    return reverse("officials:list" if official is not None and official.manager else "officials:register")


def mark_of(official: Official) -> str:
    """Return the `owner` of what this official typed (subscriptions/web/session/typed.py)."""
    return f"official:{official.id}"


def for_official(view: OfficialView) -> OfficialView:
    """Pass the official who registers seniors to the view."""
    return _admitting(view, lambda official: not official.manager)


def for_manager(view: OfficialView) -> OfficialView:
    """Pass the office manager to the view."""
    return _admitting(view, lambda official: official.manager)


def for_office(view: OfficialView) -> OfficialView:
    """Pass the official to the view, the office manager too."""
    return _admitting(view, lambda _official: True)


def _admitting(view: OfficialView, admits: Callable[[Official], bool]) -> OfficialView:
    """Redirect visitors to the sign-in; refuse an official of the other kind."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        official = official_of(request.user)
        if official is None or not _verified(request):
            return redirect("officials:login")
        if not admits(official):
            return render(request, "officials/not_yours.html", {"official": official}, status=403)
        return view(request, official, *args, **kwargs)

    return guarded


def _verified(request: HttpRequest) -> bool:
    verified = getattr(request.user, "is_verified", None)
    return not settings.STAFF_TOTP_REQUIRED or bool(verified and verified())
