"""Show steps 1 and 2, the identity check, for signing up and for returning to the settings."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import format_time, masked_phone
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.enrolment.sign_up import TooYoung, check_age
from subscriptions.identity.contract import Applicant, IdentityRefused, IdentityUnavailable
from subscriptions.web import draft as drafts
from subscriptions.web import identify as asking
from subscriptions.web.addresses import client_address
from subscriptions.web.citizens import new_number
from subscriptions.web.citizens import settings as settings_pages
from subscriptions.web.citizens.code_words import DEAD, explain, until_words
from subscriptions.web.citizens.entry import citizen_of, why_asked
from subscriptions.web.citizens.flow import open_step, progress
from subscriptions.web.draft import Draft
from subscriptions.web.forms import CodeForm, IdentifyForm, busy_words, posted
from subscriptions.web.identify import TooSoon
from subscriptions.web.moments import moment
from subscriptions.web.sent_code import SentCode, forget_code, has_code, sent_code

ROUTES = {
    "sign_up": ("web:identify", "web:code", "web:again"),
    "settings": ("web:settings_identify", "web:settings_code", "web:settings_again"),
    "number": ("web:number", "web:number_code", "web:number_again"),
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
    known = draft.purpose == purpose and has_code(request) and _is_to_press_again(draft)
    if known and request.method == "POST":
        return _confirmed(request, draft)
    if not known and (not draft.verification_id or draft.purpose != purpose):
        return _overtaken(request, draft, purpose)
    form, status = _code_form(request, draft, posted(request)), 200
    if request.method == "POST" and (form.is_valid() or _sent(request, draft).dead):
        typed = form.cleaned_data.get("code", "")
        failure = attempt(lambda now: asking.confirm(request, draft, typed, now))
        if failure is None:
            return _confirmed(request, draft)
        form.errors.clear()  # a dead code is reported as such, even if it was mistyped
        status = explain(form, failure, _sent(request, draft), about=form.cleaned_data["about"])
    return _code_page(request, draft, form, status)


@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, purpose: str) -> HttpResponse:
    draft = drafts.load(request)
    if not draft.verification_id or draft.purpose != purpose:
        return _overtaken(request, draft, purpose)
    if request.method == "GET":  # the page was reloaded, or its language was changed
        return redirect(ROUTES[purpose][1])
    failure = attempt(lambda now: asking.send_again(request, draft, now))
    if failure is None:
        drafts.save(request, draft)
        messages.success(request, _("We have sent a new code. Earlier codes are no longer valid."))
        return redirect(ROUTES[purpose][1])
    form = _code_form(request, draft, QueryDict())
    form.errors.clear()
    return _code_page(request, draft, form, explain(form, failure, _sent(request, draft)))


def attempt(deed: Callable[[datetime], object]) -> Exception | None:
    """Run the step; return its failure, where that can be explained to the person."""
    try:
        deed(clock_now())
    except FAILURES as failure:
        log_refusal("identity check", why=type(failure).__name__, code=failure)
        return failure
    return None


def _code_form(request: HttpRequest, draft: Draft, data: QueryDict | None) -> CodeForm:
    """Show the page of the code that was sent last; `about`: the code that the posted page was about."""
    code = _sent(request, draft)
    return CodeForm(data, action=ROUTES[draft.purpose][1], until=until_words(code), initial={"about": code.mark})


def _code_page(request: HttpRequest, draft: Draft, form: CodeForm, status: int) -> HttpResponse:
    restart_url, _code_url, again_url = ROUTES[draft.purpose]
    code = _sent(request, draft)
    form.data = {
        **dict(form.data.items()),
        "about": code.mark,
    }  # the page is about this code now, not about the posted page's
    context = {
        "form": form,
        "code": code,
        "dead": DEAD[code.dead](code) if code.dead else "",
        "sent_at": format_time(code.at, language()),
        "phone": masked_phone(draft.phone),
        "again_at": moment(code.again_at, seconds=True) if clock_now() < code.again_at else "",
        "again_url": reverse(again_url),
        "restart_url": reverse(restart_url),
        "step": progress("code") if draft.purpose == "sign_up" else None,
    }
    return render(request, "web/code.html", context, status=status)


def _sent(request: HttpRequest, draft: Draft) -> SentCode:
    return sent_code(request, draft, clock_now())


def _overtaken(request: HttpRequest, draft: Draft, purpose: str) -> HttpResponse:
    """Answer that no code is open any more: it was used in another window, or another sign-up was begun there."""
    is_posted = request.method == "POST"
    if purpose == "settings" and citizen_of(request) is not None:
        if is_posted:
            messages.info(request, _("You are already signed in."))
        return redirect("web:settings")
    if purpose == draft.purpose == "sign_up" and draft.person is not None and not draft.is_stale(clock_now()):
        if is_posted:
            messages.info(request, _("Your code has been confirmed already. Please go on here."))
        return redirect(f"web:{open_step(draft)}")
    if is_posted:
        words = _(
            "That code is no longer valid: too much time has passed, or you have started something else in the "
            "meantime."
        )
        messages.warning(request, f"{words} {_('Please start again here.')}")
    return redirect(ROUTES[purpose][0])


def _is_to_press_again(draft: Draft) -> bool:
    """Answer that the code was right, but that other transactions locked the next step."""
    return draft.person is not None and clock_now().timestamp() - draft.confirmed_at < SECONDS_TO_PRESS_AGAIN


def _confirmed(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Sign the person in with a new session key, and redirect to their first question."""
    request.session.cycle_key()
    person = draft.person
    assert person is not None
    if draft.purpose == new_number.PURPOSE:
        return new_number.take_new_number(request, draft, person)
    try:
        check_age(person, now=clock_now())
        moved = note_verified_number(person=person, now=clock_now())
    except TooYoung:
        forget_code(request)
        drafts.erase(request)
        return render(request, "web/too_young.html")
    except Busy:  # no 503: with one, the session would not be kept, and the code is used up
        drafts.save(request, draft)
        messages.warning(request, busy_words())
        return redirect(ROUTES[draft.purpose][1])
    forget_code(request)
    if moved:
        words = _("Your earlier number is another person's now. From now on we reach you at %(phone)s.")
        messages.warning(request, words % {"phone": masked_phone(person.phone)})
    return settings_pages.enter(request, draft, person)
