"""Order the steps: the ones that a person may see now, and the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from secretary.kernel.database.kept_queries import Together
from secretary.kernel.time.clock import now as clock_now
from subscriptions.data_types.offer import MARK, Offer, offer
from subscriptions.enrolment.consent_texts import NEWEST, NOT_LOADED, SERVICE, ServiceConsentMissing, text_of
from subscriptions.models import ConsentText, DataType
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import typed
from subscriptions.web.session.draft import STEPS, Draft
from subscriptions.web.shown import who

BACK = "go-back"  # the button to the step before: what is typed stays
BEFORE = {
    "code": "identify",
    "channels": "identify",
    "data_types": "channels",
    "consent": "data_types",
    "check": "consent",
}
StepView = Callable[[HttpRequest, Draft], HttpResponse]


OFFERED = "offered"  # of the request
OFFER_AND_SERVICE = Together(mark=MARK, service=NEWEST)


class Offered(NamedTuple):
    """What a sign-up can be about. `service`: the newest consent text of the service, or none."""

    offer: Offer
    service: list[ConsentText]

    def service_text(self) -> ConsentText:
        """Raises ServiceConsentMissing."""
        if not self.service:
            raise ServiceConsentMissing(NOT_LOADED)
        return self.service[0]


@dataclass(frozen=True, slots=True)
class Progress:
    number: int
    back: str = ""  # the page of the step before
    total: int = len(STEPS)


def progress(step: str) -> Progress:
    return Progress(STEPS.index(step) + 1, f"web:{BEFORE[step]}" if step in BEFORE else "")


def offered(request: HttpRequest) -> Offered:
    """Return what is offered, as this request has found it: by one statement, and once."""
    found: Offered | None = getattr(request, OFFERED, None)
    if found is None:
        rows = OFFER_AND_SERVICE.rows(code=SERVICE)
        found = Offered(offer(rows["mark"]), rows["service"])
        setattr(request, OFFERED, found)
    return found


def chosen_types(request: HttpRequest, draft: Draft) -> list[DataType]:
    """Return the chosen data types that are still offered."""
    return [kind for kind in offered(request).offer.kinds if kind.code in draft.data_types]


def texts_for_all(request: HttpRequest, types: Sequence[DataType]) -> list[ConsentText]:
    """Return the texts that need consent: the service's first, then one for each data type."""
    return [offered(request).service_text(), *map(text_of, types)]


def open_step(request: HttpRequest, draft: Draft) -> str:
    """Return the first step that lacks an answer; a consent text that changed meanwhile needs consent again.

    What a booking site has chosen is no answer before the person has seen it (docs/adr/0095).
    """
    if draft.person is None:
        return "code" if draft.verification_id else "identify"
    if not draft.channels:
        return "channels"
    if draft.from_booking or not (types := chosen_types(request, draft)):
        return "data_types"
    if any(str(text.id) not in draft.answers for text in texts_for_all(request, types)):
        return "consent"
    return "check"


def step(name: str) -> Callable[[StepView], Callable[[HttpRequest], HttpResponse]]:
    """Admit a person to a step only when the ones before it are answered; otherwise redirect back, writing nothing."""

    def decorate(view: StepView) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            draft = drafts.load(request)
            if drafts.is_over(request, draft, clock_now()):
                return _expired(request, draft)
            if request.method == "POST" and BACK in request.POST:
                typed.keep(request, owner=who(draft.ci))
                return redirect(f"web:{BEFORE[name]}")
            allowed = open_step(request, draft)
            if draft.purpose != "sign_up" or STEPS.index(name) > STEPS.index(allowed):
                if request.method == "POST":
                    messages.warning(request, overtaken_words())
                return redirect("web:identify" if draft.purpose != "sign_up" else f"web:{allowed}")
            return typed.refused(request, view(request, draft), owner=who(draft.ci))

        return guarded

    return decorate


def onward(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Redirect, after a saved answer, to the first open step (the check page, when an answer was only changed)."""
    typed.drop(request, request.path)
    drafts.save(request, draft)
    return redirect(f"web:{open_step(request, draft)}")


def overtaken_words() -> str:
    """Return the answer to a post of a step that another window has finished or discarded."""
    return _(
        "What you have just chosen was not saved: in the meantime something else was started or ended. Please "
        "continue here."
    )


def _expired(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Ask again who it is; answers, and what was typed on this page, are there again after it."""
    if request.method == "POST":
        typed.keep(request, owner=who(draft.ci))
    drafts.save(request, drafts.begin_anew(request, draft.purpose))
    words = _("More than 30 minutes have passed. Please show once more who you are; your answers are kept.")
    messages.warning(request, words)
    return redirect("web:identify")
