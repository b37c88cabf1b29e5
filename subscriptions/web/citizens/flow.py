"""Order the steps: the ones that a person may see now, and the next one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from secretary.kernel.time.clock import now as clock_now
from subscriptions.data_types.offer import offer
from subscriptions.enrolment.consent_texts import texts_for
from subscriptions.models import DataType
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


@dataclass(frozen=True, slots=True)
class Progress:
    number: int
    back: str = ""  # the page of the step before
    total: int = len(STEPS)


def progress(step: str) -> Progress:
    return Progress(STEPS.index(step) + 1, f"web:{BEFORE[step]}" if step in BEFORE else "")


def chosen_types(draft: Draft) -> list[DataType]:
    """Return the chosen data types that are still offered."""
    return [kind for kind in offer().kinds if kind.code in draft.data_types]


def open_step(draft: Draft) -> str:
    """Return the first step that lacks an answer; a consent text that changed meanwhile needs consent again."""
    if draft.person is None:
        return "code" if draft.verification_id else "identify"
    if not draft.channels:
        return "channels"
    if not (types := chosen_types(draft)):
        return "data_types"
    if any(str(text.id) not in draft.answers for text in texts_for(types)):
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
            allowed = open_step(draft)
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
    return redirect(f"web:{open_step(draft)}")


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
