"""Provide every page with facts of the installation and with the reader's display choices."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from subscriptions.web.display import chosen_display


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "official_site": settings.OFFICIAL_SITE,
        "sandbox_url": settings.SANDBOX_URL.rstrip("/"),
        "display": chosen_display(request),
        "verify_url": _verify_url(),
        "site_address": urlsplit(settings.PUBLIC_BASE_URL).netloc,
        "idle_minutes": settings.SESSION_COOKIE_AGE // 60,
    }


def _verify_url() -> str:
    """Return the address of the page for check codes; "" while no app offers one."""
    try:
        return reverse("verify")
    except NoReverseMatch:
        return ""
