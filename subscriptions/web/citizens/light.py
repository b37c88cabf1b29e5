"""Show the light sign-in: a number, then the code that is sent to it. Pages and words are the same for every number."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from secretary.kernel.persons.phone import national
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.web import identify as asking
from subscriptions.web.citizens import entry
from subscriptions.web.citizens.code_words import explain
from subscriptions.web.citizens.identity import attempt, code_form, code_page, limited, overtaken, sent_again
from subscriptions.web.forms import PhoneForm, posted
from subscriptions.web.session import draft as drafts
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.sent_code import forget_code, sent_code
from subscriptions.web.session.typed import errors_shown

PURPOSE = "phone"


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def number(request: HttpRequest) -> HttpResponse:
    draft = _draft(request)
    form = PhoneForm(posted(request), initial={"phone": national(draft.phone)} if draft.phone else {})
    status = 200
    if request.method == "POST" and form.is_valid():
        phone = form.cleaned_data["phone"]
        failure = attempt(lambda now: asking.send_phone_code(request, draft, phone, now))
        if failure is None:
            drafts.save(request, draft)
            return redirect("web:sign_in_code")
        explain(form, failure)
        status = 429 if limited(request, failure) else 200
    if request.method == "POST" and status == 200:
        return errors_shown(request, form)
    context = {"form": form, "why": entry.why_asked(request)}
    return render(request, "web/sign_in.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def code(request: HttpRequest) -> HttpResponse:
    draft = _draft(request)
    if not draft.verification_id:
        return overtaken(request, draft, PURPOSE)
    form = code_form(request, draft)
    if request.method == "POST" and (form.is_valid() or sent_code(request, draft, clock_now()).dead):
        given, found = form.cleaned_data.get("code", ""), list[Citizen]()
        failure = attempt(lambda now: found.append(asking.use_phone_code(request, draft, given, now)))
        if failure is None:
            return _enter(request, found[0])
        form.errors.clear()  # a dead code is reported as such, even if it was mistyped
        explain(form, failure, sent_code(request, draft, clock_now()), about=form.cleaned_data["about"])
    return errors_shown(request, form) if request.method == "POST" else code_page(request, draft, form)


@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    draft = _draft(request)
    if not draft.verification_id:
        return overtaken(request, draft, PURPOSE)
    return sent_again(request, draft, lambda now: asking.send_phone_code(request, draft, draft.phone, now))


def _enter(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    request.session.cycle_key()
    forget_code(request)
    drafts.erase(request)
    return entry.sign_in(request, citizen, fully_at=0.0)


def _draft(request: HttpRequest) -> Draft:
    draft = drafts.load(request)
    return draft if draft.purpose == PURPOSE else Draft(PURPOSE)
