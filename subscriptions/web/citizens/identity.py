"""Steps 1 and 2, for signing up and for coming back to the settings: who is this person?"""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from secretary.common.clock import KST
from secretary.common.clock import now as clock_now
from secretary.common.korean import masked_phone
from secretary.common.retry import Busy
from secretary.common.security_log import log_refusal
from subscriptions.attempts import TooMany
from subscriptions.identity.contract import Applicant, IdentityRefused, IdentityUnavailable
from subscriptions.numbers import note_verified_number
from subscriptions.sign_up import TooYoung, check_age
from subscriptions.web import draft as drafts
from subscriptions.web import identify as asking
from subscriptions.web.addresses import client_address
from subscriptions.web.citizens import settings as settings_pages
from subscriptions.web.citizens.entry import why_asked
from subscriptions.web.citizens.flow import progress
from subscriptions.web.draft import Draft
from subscriptions.web.forms import CodeForm, IdentifyForm, busy_words, posted
from subscriptions.web.identify import TooSoon

ROUTES = {
    "sign_up": ("web:identify", "web:code", "web:again"),
    "settings": ("web:settings_identify", "web:settings_code", "web:settings_again"),
}
SECONDS_TO_PRESS_AGAIN = 120
FAILURES = (TooMany, TooSoon, IdentityRefused, IdentityUnavailable)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form", "applicant")
def identify(request: HttpRequest, purpose: str) -> HttpResponse:
    form = IdentifyForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        draft, data = Draft(purpose=purpose), form.cleaned_data
        applicant = Applicant(**data, ip_address=client_address(request))
        failure = attempt(lambda now: asking.send_code(request, draft, applicant, now))
        if failure is None:
            drafts.save(request, draft)
            return redirect(ROUTES[purpose][1])
        status = explain(form, failure)
    step, why = (progress("identify"), "") if purpose == "sign_up" else (None, why_asked(request))
    context = {"form": form, "purpose": purpose, "why": why, "step": step}
    return render(request, "web/identify.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def code(request: HttpRequest, purpose: str) -> HttpResponse:
    draft = drafts.load(request)
    known = draft.purpose == purpose and _is_to_press_again(draft)
    if known and request.method == "POST":
        return _confirmed(request, draft)
    if not known and (not draft.verification_id or draft.purpose != purpose):
        return redirect(ROUTES[purpose][0])
    form, status = CodeForm(posted(request)), 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["code"]
        failure = attempt(lambda now: asking.confirm(request, draft, typed, now))
        if failure is None:
            return _confirmed(request, draft)
        status = explain(form, failure)
    return render(request, "web/code.html", _code_context(draft, form), status=status)


@require_POST
def again(request: HttpRequest, purpose: str) -> HttpResponse:
    draft = drafts.load(request)
    if not draft.verification_id or draft.purpose != purpose:
        return redirect(ROUTES[purpose][0])
    failure = attempt(lambda now: asking.send_again(request, draft, now))
    if failure is None:
        drafts.save(request, draft)
        messages.success(request, _("We have sent the code again."))
        return redirect(ROUTES[purpose][1])
    form = CodeForm({})
    form.errors.clear()
    status = explain(form, failure)
    return render(request, "web/code.html", _code_context(draft, form), status=status)


def attempt(deed: Callable[[datetime], object]) -> Exception | None:
    """Do it; the failure, where it is one that can be explained to the person."""
    try:
        deed(clock_now())
    except FAILURES as failure:
        log_refusal("identity check", why=type(failure).__name__, code=failure)
        return failure
    return None


def explain(form: forms.Form, failure: Exception) -> int:
    """Say on the form what happened and what to do; returns the status of the answer."""
    if isinstance(failure, TooMany):
        until = failure.until.astimezone(KST)
        form.add_error(None, _("Too many tries. Please come back after %(time)s.") % {"time": f"{until:%H:%M}"})
        return 429
    if isinstance(failure, TooSoon):
        form.add_error(None, _("The code was sent a moment ago. Please wait 30 seconds before asking again."))
        return 429
    if isinstance(failure, IdentityRefused):
        name = "code" if "code" in form.fields and failure.reason == "wrong_code" else None
        form.add_error(name, REASONS[failure.reason]())
        return 200
    form.add_error(
        None, _("The identity check does not answer at the moment. Nothing is lost: please try again shortly.")
    )
    return 503


REASONS: dict[str, Callable[[], str]] = {
    "wrong_code": lambda: _("This is not the code we sent. Please check the newest text message and enter it again."),
    "unknown_person": lambda: _(
        "Your carrier could not confirm these details. Please check name, number, carrier and the 7 digits."
    ),
    "expired": lambda: _("This code is no longer valid. Please have a new one sent."),
    "too_many": lambda: _("Your carrier has received too many tries. Please wait a few minutes and start again."),
    "already_confirmed": lambda: _("This code has been used already. Please start again."),
}


def _code_context(draft: Draft, form: CodeForm) -> dict[str, object]:
    restart_url, _code_url, again_url = ROUTES[draft.purpose]
    step = progress("code") if draft.purpose == "sign_up" else None
    phone = masked_phone(draft.phone)
    return {
        "form": form,
        "phone": phone,
        "again_url": reverse(again_url),
        "restart_url": reverse(restart_url),
        "step": step,
    }


def _is_to_press_again(draft: Draft) -> bool:
    """The code was right a moment ago, and others were in the way of what comes after it."""
    return draft.person is not None and clock_now().timestamp() - draft.confirmed_at < SECONDS_TO_PRESS_AGAIN


def _confirmed(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The person is known now: a new session key, and on to their first question."""
    request.session.cycle_key()
    person = draft.person
    assert person is not None
    try:
        check_age(person, now=clock_now())
        moved = note_verified_number(person=person, now=clock_now())
    except TooYoung:
        drafts.erase(request)
        return render(request, "web/too_young.html")
    except Busy:  # no 503: with one, the session would not be kept, and the code is used up
        drafts.save(request, draft)
        messages.warning(request, busy_words())
        return redirect(ROUTES[draft.purpose][1])
    if moved:
        words = _("Your earlier number is somebody else's now. From now on we reach you at %(phone)s.")
        messages.warning(request, words % {"phone": masked_phone(person.phone)})
    return settings_pages.enter(request, draft, person)
