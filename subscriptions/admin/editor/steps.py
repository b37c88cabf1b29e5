"""Carry out the buttons of a version's page: from draft to live and back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.backoffice import ask_reason
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.page import Page
from subscriptions.data_types.drafts import Refused, discard, speaks_of_another
from subscriptions.data_types.publish import approve, new_draft, roll_back, send_back, submit
from subscriptions.data_types.schedule import cancel_publication
from subscriptions.models import DataTypeVersion, MessageTemplate


class DecisionForm(forms.Form):
    """The approver's decision: `seen` is the digest of what they read."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    live_at = forms.DateTimeField(
        label=gettext_lazy("Goes live at (Korean time)"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help_text=gettext_lazy("Empty: at once. Until then it can be cancelled."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Enter a day and a time, such as 2026-12-01 10:00.")},
    )


class CopiesForm(DecisionForm):
    """A decision about a version with copied messages that name the data type they come from."""

    copies = forms.BooleanField(
        label=gettext_lazy("I have read the marked messages: they are to name the other data type or its agency"),
        error_messages={
            "required": gettext_lazy("Some copied messages still name another data type: send it back or confirm them.")
        },
    )


def decision_form(version: DataTypeVersion, data: Any = None, **initial: Any) -> DecisionForm:
    """Return the form by which this version is approved."""
    kind = CopiesForm if speaks_of_another(version) else DecisionForm
    return kind(data, initial=initial)


def submit_version(page: Page) -> HttpResponse:
    note = clean_line(str((page.data or {}).get("note", "")))[:300]

    def hand_in() -> str:
        return _url(submit(version=page.version, by=page.user, now=now(), note=note or None))

    return _do(page, hand_in, _("Submitted. Another person reads every message and approves it."))


def approve_version(page: Page) -> HttpResponse:
    form = decision_form(page.version, page.data)
    if page.data is not None and not form.is_valid():
        messages.error(page.request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return page.go(to=page.url("review"))
    typed: dict[str, Any] = form.cleaned_data if form.is_bound else {}
    live_at = typed.get("live_at")

    def decide() -> str:
        done = approve(
            version=page.version,
            by=page.user,
            now=now(),
            seen=typed.get("seen", ""),
            live_at=live_at,
            copies_confirmed=bool(typed.get("copies")),
        )
        return _url(done)

    later = _("Approved. It goes live at the time that you have set.")
    return _do(page, decide, later if live_at else _("It is live."))


def cancel_version(page: Page) -> HttpResponse:
    def cancel() -> str:
        return _url(cancel_publication(version=page.version, by=page.user, now=now()))

    return _do(page, cancel, _("Cancelled. It does not go live before it has been approved again."))


def start_draft(page: Page) -> HttpResponse:
    def start() -> str:
        return _url(new_draft(data_type=page.version.data_type, by=page.user, now=now()))

    return _do(page, start, _("A new draft was started."))


def bring_back(page: Page) -> HttpResponse:
    """Start a version with the content of an earlier one, for a reason that its approver reads."""
    warning = _(
        "A new version with this content is made and submitted. It is live once another person has approved it."
    )

    def act(reason: str) -> HttpResponse:
        def start() -> str:
            return _url(roll_back(version=page.version, by=page.user, now=now(), reason=reason))

        return _do(page, start, _("A version with the content of the earlier one waits for another person."))

    return ask_reason(page.request, _question(page, _("Bring this version back"), warning), then=act)


def discard_draft(page: Page) -> HttpResponse:
    """Discard the draft; on GET ask first, and say what is lost."""
    if page.data is None:
        texts = MessageTemplate.objects.filter(stage__version=page.version).count()
        lost = _("This draft is removed, with its %(n)d messages. It cannot be brought back.") % {"n": texts}
        return page.show("discard.html", _("Discard the draft"), lost=lost)

    def throw() -> str:
        discard(version=page.version, by=page.user, now=now())
        return reverse("admin:subscriptions_datatypeversion_changelist")

    return _do(page, throw, _("The draft was discarded."))


def send_version_back(page: Page) -> HttpResponse:
    """Return the version to its authors. Needs a reason, which they read on its page."""

    def act(reason: str) -> HttpResponse:
        def back() -> str:
            return _url(send_back(version=page.version, by=page.user, now=now(), reason=reason))

        return _do(page, back, _("It is a draft again."))

    return ask_reason(page.request, _question(page, _("Send back")), then=act)


def _question(page: Page, title: str, warning: str = "") -> dict[str, Any]:
    """Return the context of a page that asks for a reason; its button does what its title says."""
    return {
        **page.site.each_context(page.request),
        "title": title,
        "subject": f"{page.version.name_ko} v{page.version.number}",
        "opts": DataTypeVersion._meta,
        "button": title,
        "warning": warning,
        "back": page.url("change"),
    }


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
