"""Remember warnings until the official answers them. The browser's own claims about warnings do not count: an answer
is valid only for a warning that the server has shown to this official, about this very form, a moment ago."""

from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest
from django.utils.translation import gettext as _

from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen, Official
from subscriptions.registration.registration_warnings import Alike, AlreadyRegistered, NumberOfAnother, Warned
from subscriptions.web.session.typed import Refused

WARNED = "warned"  # in the session
WARNING_MINUTES = 15  # a form is compared at once; a later answer would be about another form
YES, OTHER = "on", "other"  # the buttons of a warning: confirmed, or another person


class WarnedForm(Protocol):
    """A form that shows a warning, with the official's answers to it."""

    warning: Warned | None
    data: Any

    def add_error(self, field: str | None, error: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """The official's answers so far: the people who are confirmed, and the entries of the same person."""

    seen: frozenset[UUID] = frozenset()
    same: frozenset[UUID] = frozenset()


def decided(request: HttpRequest, official: Official, about: str, answer: str) -> Decided:
    """Return the answers, with the one to the newest warning. `about`: the form or entry of the warnings."""
    kept: dict[str, Any] = request.session.get(WARNED) or {}
    if (kept.get("official"), kept.get("about")) != (official.id, about) or not answer:
        return Decided()
    if clock_now().timestamp() - kept["at"] > WARNING_MINUTES * 60:
        return Decided()
    so_far = Decided(frozenset(map(UUID, kept["seen"])), frozenset(map(UUID, kept["same"])))
    asked = UUID(kept["asked"])
    if kept["alike"] and answer == YES:
        return replace(so_far, same=so_far.same | {asked})
    return replace(so_far, seen=so_far.seen | {asked}) if answer == (OTHER if kept["alike"] else YES) else so_far


def show(
    request: HttpRequest, official: Official, about: str, so_far: Decided, form: WarnedForm, warning: Warned
) -> None:
    """Add the warning to the form, and remember it until it is answered: the form's page has it (`show_again`)."""
    form.add_error(None, words_of(warning))
    request.session[WARNED] = {
        "official": official.id,
        "about": about,
        "seen": sorted(map(str, so_far.seen)),
        "same": sorted(map(str, so_far.same)),
        "asked": str(warning.about),
        "alike": isinstance(warning, Alike),
        "own": isinstance(warning, AlreadyRegistered) and warning.own is not None,
        "by": warning.by if isinstance(warning, Alike) else "",
        "proved": isinstance(warning, Alike) and warning.proved,
        "number": isinstance(warning, NumberOfAnother),
        "at": clock_now().timestamp(),
    }


def show_again(request: HttpRequest, official: Official, form: WarnedForm) -> None:
    """Show the newest warning with its buttons, on the page to which its form was redirected."""
    kept: dict[str, Any] = request.session.get(WARNED) or {}
    if kept.get("official") != official.id or "number" not in kept:
        return
    warning = _warning(kept)
    found = form.data.found if isinstance(form.data, Refused) else None
    if words_of(warning) in (found or {}).get(NON_FIELD_ERRORS, ()):
        form.warning = warning


def _warning(kept: dict[str, Any]) -> Warned:
    about = UUID(kept["asked"])
    own = Citizen(pk=about)  # its key is all that a page needs
    if kept["alike"]:
        return Alike(own, kept["by"], proved=kept["proved"])
    return NumberOfAnother(about) if kept["number"] else AlreadyRegistered(about, own if kept["own"] else None)


def forget(request: HttpRequest) -> None:
    request.session.pop(WARNED, None)


def own_entry(warning: Warned | None) -> Citizen | None:
    """Return the entry of the official's own office that the warning is about."""
    return warning.own if isinstance(warning, AlreadyRegistered) else None


def words_of(warning: Warned) -> str:
    if isinstance(warning, NumberOfAnother):
        return _("Another person has proved that this number is theirs. Please compare it with the paper form.")
    if isinstance(warning, Alike):
        return {
            "person": _("Your office's list already has a person of this name and birth date, with another number."),
            "number": _("Your office's list already has a person with this telephone number."),
            "form": _("A paper form of this number has been recorded already, for another person."),
        }[warning.by]
    return _("Already registered. Please compare with the paper form, then confirm or correct.")
