"""The call that a member of staff is on: whom the caller's number has led to, and why they look. In the session alone,
so that no person's number stands in an address, and only a person whose number a caller has read out is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers, patch_cache_control

from citizens.call_centre.find_caller import WITH_PHONE, Found
from citizens.call_centre.forms import WHY
from subscriptions.models import Citizen

CALL = "call"
RIGHT = "subscriptions.help_caller"
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Call:
    citizen: Citizen
    notice_id: int | None
    why: str  # in words
    is_known: bool  # the caller has shown who they are: by the question, or by number and telephone together


def begin_call(request: HttpRequest, found: Found, why: str) -> None:
    request.session[CALL] = {
        "citizen": str(found.citizen_id),
        "notice": found.notice_id,
        "why": why,
        "known": found.by in WITH_PHONE,
    }


def recognise(request: HttpRequest) -> None:
    """Note that the caller has answered the question of who they are."""
    request.session[CALL] = {**request.session[CALL], "known": True}


def end_call(request: HttpRequest) -> None:
    request.session.pop(CALL, None)


def for_call_centre(view: View) -> View:
    """Admit staff who may help callers, and let browsers keep no copy of the page."""

    @wraps(view)
    def admitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        patch_cache_control(response, no_store=True)
        return response

    return admitted


def on_a_call(view: View) -> View:
    """Hand the view its call; without one, or once the person's data is erased, lead to the caller's number."""

    @for_call_centre
    @wraps(view)
    def admitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        held = cast(dict[str, Any], request.session.get(CALL) or {})
        citizen = Citizen.objects.filter(pk=UUID(held["citizen"]), state=Citizen.ACTIVE).first() if held else None
        if citizen is None:
            return redirect("admin:call_centre")
        call = Call(citizen, held["notice"], str(WHY[held["why"]]), held["known"])
        return view(request, call, *args, **kwargs)

    return admitted
