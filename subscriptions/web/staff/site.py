"""What differs between the two sites of the staff: addresses, templates, and whom they admit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from subscriptions.web.session.typed import typed_again_words
from subscriptions.web.staff.came_back import way_back


@dataclass(frozen=True, slots=True)
class StaffSite:
    """`name`: the namespace, in which both sites call their pages the same. `page`: the template around a part of
    templates/staff/; `fields`: the one that draws a form's fields there."""

    name: str
    home: Callable[[HttpRequest], str]
    page: str
    fields: str
    admits: Callable[[User], bool]
    context: Callable[[HttpRequest], dict[str, Any]]
    login: str = ""  # the template of that page; the administration has its own

    def address(self, page: str) -> str:
        return reverse(f"{self.name}:{page}")

    def after(self, request: HttpRequest, wanted: str) -> str:
        """Return where to go after signing in: to the form that was typed before the session ended, to a page of this
        installation, otherwise to the site's first page."""
        if back := way_back(request):
            messages.info(request, typed_again_words())
            return back
        ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
        return wanted if wanted and ours else self.home(request)
