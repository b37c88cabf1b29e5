"""Show steps 1 and 2, the full identity check, for signing up and for what needs it of a person who is enrolled."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import format_time, masked_name, masked_phone
from secretary.kernel.language import language, moment
from secretary.kernel.persons.phone import national
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.enrolment.sign_up import TooYoung, check_age
from subscriptions.identity.contract import Applicant, IdentityRefused, IdentityUnavailable
from subscriptions.models import Contact
from subscriptions.web import identify as asking
from subscriptions.web.addresses import client_address
from subscriptions.web.citizens import new_number
from subscriptions.web.citizens import settings as settings_pages
from subscriptions.web.citizens.code_words import DEAD, explain, until_words
from subscriptions.web.citizens.entry import home, why_asked
from subscriptions.web.citizens.flow import BACK, open_step, progress
from subscriptions.web.citizens.new_number import Known
from subscriptions.web.forms import CodeForm, IdentifyForm, KnownForm, NewNumberForm, busy_words, posted
from subscriptions.web.identify import OwnNumber, TooSoon
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import signed_in
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.sent_code import SentCode, forget_code, has_code, sent_code
from subscriptions.web.session.signed_in import citizen_of
from subscriptions.web.session.typed import Refused, Typed, errors_shown

ROUTES = {
    "sign_up": ("web:identify", "web:code", "web:again"),
    "settings": ("web:settings_identify", "web:settings_code", "web:settings_again"),
    "number": ("web:number", "web:number_code", "web:number_again"),
    "phone": ("web:sign_in", "web:sign_in_code", "web:sign_in_again"),
}
CARRIER = "carrier"  # in the session: what was chosen last, for a correction and for the next check
OTHER = "other"  # in the address: enter other details than the known ones
SECONDS_TO_PRESS_AGAIN = 120
FAILURES = (TooMany, TooSoon, OwnNumber, IdentityRefused, IdentityUnavailable)
PHONE = KeptQuery(
    lambda citizen: Contact.objects.filter(citizen=citizen, kind=Contact.PHONE, suspended_at=None).order_by("pk")[:1]
)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form", "applicant", "known", "own")
def identify(request: HttpRequest, purpose: str) -> HttpResponse:
    draft = drafts.load(request)
    is_first_look = request.method == "GET" and OTHER not in request.GET and not isinstance(posted(request), Refused)
    if is_first_look and purpose == "sign_up" and _is_under_way(request, draft):
        return _confirmed_already(request, draft)
    known = _known(request, purpose)
    form = _identify_form(request, draft, purpose, known)
    if request.method == "POST" and form.is_valid():
        draft, applicant = drafts.begin_anew(request, purpose), _applicant(request, form, known)
        own = new_number.own_number(known) if purpose == new_number.PURPOSE else ""
        failure = attempt(lambda now: asking.send_code(request, draft, applicant, now, own_number=own))
        if failure is None:
            drafts.save(request, draft)
            request.session[CARRIER] = applicant.carrier
            return redirect(ROUTES[purpose][1])
        explain(form, failure)
        if limited(request, failure):
            return _identify_page(request, form, purpose, known, status=429)
    if request.method == "POST":
        return errors_shown(request, form)
    return _identify_page(request, form, purpose, known)


def _identify_page(
    request: HttpRequest, form: IdentifyForm, purpose: str, known: Known | None, *, status: int = 200
) -> HttpResponse:
    step, why = (progress("identify"), "") if purpose == "sign_up" else (None, why_asked(request))
    context = {"form": form, "purpose": purpose, "why": why, "step": step}
    if known is not None:
        context["known_name"] = masked_name(known.name)
        context["known_phone"] = masked_phone(known.phone) if known.phone else ""
    return render(request, "web/identify.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def code(request: HttpRequest, purpose: str) -> HttpResponse:
    draft = drafts.load(request)
    if request.method == "POST" and BACK in request.POST:
        return redirect(ROUTES[purpose][0])
    is_known = draft.purpose == purpose and has_code(request) and _is_to_press_again(draft)
    if is_known and request.method == "POST":
        return _confirmed(request, draft)
    if not is_known and (not draft.verification_id or draft.purpose != purpose):
        return overtaken(request, draft, purpose)
    form = code_form(request, draft)
    if request.method == "POST" and (form.is_valid() or _sent(request, draft).dead):
        typed = form.cleaned_data.get("code", "")
        failure = attempt(lambda now: asking.confirm(request, draft, typed, now))
        if failure is None:
            return _confirmed(request, draft)
        form.errors.clear()  # a dead code is reported as such, even if it was mistyped
        explain(form, failure, _sent(request, draft), about=form.cleaned_data["about"])
    return errors_shown(request, form) if request.method == "POST" else code_page(request, draft, form)


@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, purpose: str) -> HttpResponse:
    draft = drafts.load(request)
    if not draft.verification_id or draft.purpose != purpose:
        return overtaken(request, draft, purpose)
    return sent_again(request, draft, lambda now: asking.send_again(request, draft, now))


def sent_again(request: HttpRequest, draft: Draft, deed: Callable[[datetime], object]) -> HttpResponse:
    """Have another code sent by `deed`, and show the page for it."""
    code_url = ROUTES[draft.purpose][1]
    if request.method == "GET":  # the page was reloaded, or its language was changed
        return redirect(code_url)
    failure = attempt(deed)
    if failure is None:
        drafts.save(request, draft)
        messages.success(request, _("We have sent a new code. Earlier codes are no longer valid."))
        return redirect(code_url)
    form = code_form(request, draft)
    form.errors.clear()
    explain(form, failure, _sent(request, draft))
    return errors_shown(request, form, page=reverse(code_url))


def attempt(deed: Callable[[datetime], object]) -> Exception | None:
    """Run the step; return its failure, where that can be explained to the person."""
    try:
        deed(clock_now())
    except FAILURES as failure:
        log_refusal("identity check", why=type(failure).__name__, code=failure)
        return failure
    return None


def limited(request: HttpRequest, failure: Exception) -> bool:
    """Return whether a limit refused a visitor who has no session: none is made for them, so that the answer to what
    they posted is the page itself."""
    return isinstance(failure, TooMany) and request.session.session_key is None


def code_form(request: HttpRequest, draft: Draft) -> CodeForm:
    """Return the form for the code that was sent last. Its field `about` names that code."""
    code, data = _sent(request, draft), posted(request)
    if isinstance(data, Typed):  # the page is about this code now, not about the posted page's
        data["about"] = code.mark
    return CodeForm(
        data,
        action=reverse(ROUTES[draft.purpose][1]),
        until=until_words(code),
        by_app=code.method == "app",
        initial={"about": code.mark},
    )


def code_page(request: HttpRequest, draft: Draft, form: CodeForm) -> HttpResponse:
    (restart_url, _code_url, again_url), code = ROUTES[draft.purpose], _sent(request, draft)
    context = {
        "form": form,
        "code": code,
        "dead": DEAD[code.dead](code) if code.dead else "",
        "sent_at": format_time(code.at, language()),
        "phone": masked_phone(draft.phone),
        "until": until_words(code),
        "again_at": moment(code.again_at, seconds=True) if clock_now() < code.again_at else "",
        "again_url": reverse(again_url),
        "restart_url": reverse(restart_url),
        "purpose": draft.purpose,
        "step": progress("code") if draft.purpose == "sign_up" else None,
    }
    return render(request, "web/code.html", context)


def _identify_form(request: HttpRequest, draft: Draft, purpose: str, known: Known | None) -> IdentifyForm:
    """Return the form: of a known person only what is not known, else with what this browser entered before."""
    methods, initial = asking.methods(), {"carrier": request.session.get(CARRIER, "")}
    if known is not None and purpose == "settings":
        return KnownForm(posted(request), methods=methods, initial=initial)
    if draft.phone and not draft.ci and (known is None or draft.purpose == purpose):
        initial |= {"name": draft.name, "phone": national(draft.phone)}
    form = IdentifyForm if known is None else NewNumberForm
    return form(posted(request), methods=methods, initial=initial)


@sensitive_variables("data")
def _applicant(request: HttpRequest, form: IdentifyForm, known: Known | None) -> Applicant:
    data = form.cleaned_data
    return Applicant(
        name=data["name"] if known is None else known.name,
        phone=known.phone if known is not None and "phone" not in data else data["phone"],
        carrier=data["carrier"],
        identity_number=data["identity_number"] if form.method == "sms" else "",
        ip_address=client_address(request),
        method=form.method,
    )


def _known(request: HttpRequest, purpose: str) -> Known | None:
    """Return the signed-in person whose details are known, unless they want to enter other ones, such as a new name."""
    data = posted(request)
    entered = data is not None and (request.method == "POST" or isinstance(data, Refused)) and "known" not in data
    if purpose == "sign_up" or OTHER in request.GET or entered:
        return None
    citizen = citizen_of(request)
    contact = PHONE.first(citizen=citizen.pk) if citizen else None
    if citizen is None or (contact is None and purpose != new_number.PURPOSE):
        return None
    return Known(citizen.name, contact.value if contact else "", bool(contact and contact.verified_at))


def _confirmed_already(request: HttpRequest, draft: Draft) -> HttpResponse:
    context = {
        "known_name": masked_name(draft.name),
        "known_phone": masked_phone(draft.phone),
        "onward_url": reverse("web:channels"),
        "step": progress("identify"),
    }
    return render(request, "web/identified.html", context)


def _sent(request: HttpRequest, draft: Draft) -> SentCode:
    return sent_code(request, draft, clock_now())


def overtaken(request: HttpRequest, draft: Draft, purpose: str) -> HttpResponse:
    """Answer that no code is open any more: it was used in another window, or another sign-up was begun there."""
    is_posted = request.method == "POST"
    if purpose != "sign_up" and citizen_of(request) is not None:
        if is_posted:
            messages.info(request, _("You are already signed in."))
        return redirect(home())
    if purpose == "sign_up" and _is_under_way(request, draft):
        if is_posted:
            messages.info(request, _("Your code has been confirmed already. Please go on here."))
        return redirect(f"web:{open_step(request, draft)}")
    if is_posted:
        words = _(
            "That code is no longer valid: too much time has passed, or you have started something else in the "
            "meantime."
        )
        messages.warning(request, f"{words} {_('Please start again here.')}")
    return redirect(ROUTES[purpose][0])


@require_GET
def too_young(request: HttpRequest) -> HttpResponse:
    return render(request, "web/too_young.html")


def _is_under_way(request: HttpRequest, draft: Draft) -> bool:
    """Return whether the identity of a sign-up is confirmed, and its time not over."""
    is_confirmed = draft.purpose == "sign_up" and draft.person is not None
    return is_confirmed and not drafts.is_over(request, draft, clock_now())


def _is_to_press_again(draft: Draft) -> bool:
    """Return whether the code was right a moment ago, and other transactions locked what comes next: the person presses
    the button again."""
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
        return redirect("web:too_young")
    except Busy:  # no 503: with one, the session would not be kept, and the code is used up
        drafts.save(request, draft)
        messages.warning(request, busy_words())
        return redirect(ROUTES[draft.purpose][1])
    forget_code(request)
    signed_in.begin_draft(request, clock_now())
    if moved:
        words = _("Your earlier number is another person's now. From now on we reach you at %(phone)s.")
        messages.warning(request, words % {"phone": masked_phone(person.phone)})
    return settings_pages.enter(request, draft, person)
