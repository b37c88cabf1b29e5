"""Show and change one's hours, bundled notices, and language and display."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from secretary.kernel.database.retry import Busy
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.calm import choose_calm
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.models import Citizen
from subscriptions.preferences.hours import choose_hours
from subscriptions.preferences.reading import Reading, choose_reading, reading_of
from subscriptions.web.citizens.entry import for_citizen, sign_of
from subscriptions.web.citizens.undo import CALM, HOURS, READING, can_be_undone, chosen
from subscriptions.web.context import chosen_display
from subscriptions.web.display import read_as, set_language_cookie
from subscriptions.web.forms import posted, say_busy
from subscriptions.web.preferences.forms import CalmForm, HoursForm, ReadingForm
from subscriptions.web.session.typed import errors_shown


@require_http_methods(["GET", "POST"])
@for_citizen
def hours(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    form = HoursForm(posted(request), citizen=citizen)

    def change() -> bool:
        return choose_hours(citizen_id=citizen.id, hours=form.hours, actor=ACTOR, now=clock_now())

    return _page(request, citizen, form, HOURS, change, {})


@require_http_methods(["GET", "POST"])
@for_citizen
def calm(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    form = CalmForm(posted(request), citizen=citizen)

    def change() -> bool:
        data = form.cleaned_data
        at = None if data["at"] == settings.CALM_AT else data["at"]
        chosen_calm, weekday = data["calm"], data["weekday"]
        return choose_calm(
            citizen_id=citizen.id, calm=chosen_calm, at=at, weekday=weekday, actor=ACTOR, now=clock_now()
        )

    return _page(request, citizen, form, CALM, change, {"days_left": settings.CALM_DAYS_LEFT})


@require_http_methods(["GET", "POST"])
@for_citizen
def reading(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    display = chosen_display(request)
    shown = Reading(citizen.language, display.text_size, display.contrast)
    form = ReadingForm(posted(request), reading=shown)

    def change() -> bool:
        return choose_reading(citizen_id=citizen.id, reading=form.reading, actor=ACTOR, now=clock_now())

    answer = _page(request, citizen, form, READING, change, {})
    if form.is_bound and form.is_valid() and answer.status_code == HTTPStatus.FOUND:
        _follow(request, citizen)
        set_language_cookie(answer, form.reading.language)
    return answer


def _follow(request: HttpRequest, citizen: Citizen) -> None:
    read_as(request, reading_of(Citizen.objects.get(pk=citizen.pk)))


def _page(
    request: HttpRequest,
    citizen: Citizen,
    form: Any,
    kind: str,
    change: Callable[[], bool],
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form, or make the change and redirect to the settings, where it can be taken back."""
    if request.method == "POST" and form.is_valid():
        before = chosen(citizen, kind)
        try:
            has_changed = change()
        except Busy:
            say_busy(form)
        else:
            with translation.override(form.cleaned_data.get("language", translation.get_language())):
                words = _("Saved. It holds from the very next notice on.") if kind != READING else _("Saved.")
                messages.success(request, words if has_changed else _("Nothing had to be changed."))
            if has_changed:
                can_be_undone(request, citizen, kind, before)
            return redirect("web:settings")
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.id)))
    return render(request, f"web/settings_{kind}.html", context | {"form": form, "in_settings": "inside"})
