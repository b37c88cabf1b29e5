"""Describe the agencies' site, for the pages that all sites of the staff share."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from subscriptions.web.agencies.access import agency_staff_of
from subscriptions.web.staff.site import StaffSite


def _context(request: HttpRequest) -> dict[str, Any]:
    return {"member": agency_staff_of(request.user)}


SITE = StaffSite(
    name="agency",
    home=lambda _: reverse("agency:batches"),
    page="agencies/staff_page.html",
    fields="officials/fields.html",
    login="agencies/login.html",
    admits=lambda user: agency_staff_of(user) is not None,
    context=_context,
)
