"""Describe the officials' site, for the pages that all sites of the staff share."""

from typing import Any

from django.http import HttpRequest

from subscriptions.web.officials.access import first_page_of, official_of
from subscriptions.web.staff.site import StaffSite


def _context(request: HttpRequest) -> dict[str, Any]:
    return {"official": official_of(request.user)}


SITE = StaffSite(
    name="officials",
    home=lambda request: first_page_of(request.user),
    page="officials/staff_page.html",
    fields="officials/fields.html",
    login="officials/login.html",
    admits=lambda user: official_of(user) is not None,
    context=_context,
)
