"""Carry out the buttons of a version's page: from draft to live and back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from secretary.kernel.backoffice import ask_reason
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.page import Page
from subscriptions.data_types.drafts import Refused, discard
from subscriptions.data_types.publish import approve, new_draft, roll_back, send_back, submit
from subscriptions.models import DataTypeVersion


def submit_version(page: Page) -> HttpResponse:
    return _do(page, lambda: _url(submit(version=page.version, by=page.user, now=now())), _("Submitted."))


def approve_version(page: Page) -> HttpResponse:
    return _do(page, lambda: _url(approve(version=page.version, by=page.user, now=now())), _("It is live."))


def start_draft(page: Page) -> HttpResponse:
    def start() -> str:
        return _url(new_draft(data_type=page.version.data_type, by=page.user, now=now()))

    return _do(page, start, _("A new draft was started."))


def bring_back(page: Page) -> HttpResponse:
    def start() -> str:
        return _url(roll_back(version=page.version, by=page.user, now=now()))

    return _do(page, start, _("A draft with the content of the earlier version was started."))


def discard_draft(page: Page) -> HttpResponse:
    def throw() -> str:
        discard(version=page.version, by=page.user, now=now())
        return reverse("admin:subscriptions_datatypeversion_changelist")

    return _do(page, throw, _("The draft was discarded."))


def send_version_back(page: Page) -> HttpResponse:
    """Return the version to its authors. Needs a reason, which they can read in the audit trail."""
    context = {
        **page.site.each_context(page.request),
        "title": _("Send back"),
        "subject": str(page.version),
        "opts": DataTypeVersion._meta,
        "button": _("Send back"),
        "back": page.url("change"),
    }

    def act(reason: str) -> HttpResponse:
        def back() -> str:
            return _url(send_back(version=page.version, by=page.user, now=now(), reason=reason))

        return _do(page, back, _("It is a draft again."))

    return ask_reason(page.request, context, then=act)


def _do(page: Page, act: Callable[[], str], message: str) -> HttpResponse:
    """Run a posted step; redirect to its target, or back with the reason of a refusal."""
    if page.data is None:
        raise Http404
    try:
        return page.go(to=act(), message=message)
    except Refused as refused:
        messages.error(page.request, str(refused))
        return page.go()


def _url(version: DataTypeVersion) -> str:
    return reverse("admin:subscriptions_datatypeversion_change", args=[version.pk])
