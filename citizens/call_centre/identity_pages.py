"""Ask a caller who they are, to show more than the notice whose code they have read out, or to withdraw for them."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from citizens.call_centre.ask_identity import can_be_asked, is_the_person
from citizens.call_centre.caller_view import kinds_of
from citizens.call_centre.current_call import Call, on_a_call, recognise
from citizens.call_centre.forms import ALL, WhoForm, WithdrawForm
from citizens.call_centre.pages import page
from secretary.kernel.backoffice.pages import actor_of
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.enrolment.withdraw import may_be_called, withdraw, withdraw_family, withdraw_office_calls
from subscriptions.models import Citizen, FamilyMember
from subscriptions.web.forms import say_busy
from subscriptions.web.staff.second_factor import too_many_words

CALLS, OF_FAMILY = "consent:calls", "consent:family"  # beside the codes of data types, which have no colon
ALONE: Final[dict[str, Callable[..., bool]]] = {CALLS: withdraw_office_calls, OF_FAMILY: withdraw_family}


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
@on_a_call
def withdraw_for(request: HttpRequest, call: Call) -> HttpResponse:
    kinds = (*kinds_of(call.citizen, language()), *_own_consents(call.citizen))
    form = WithdrawForm(request.POST if request.method == "POST" else None, kinds=kinds)
    words = {"title": _("Withdraw for the caller"), "button": _("Withdraw")}
    return _asked(request, call, form, words, then=lambda: _withdraw(request, call, form.cleaned_data["what"]))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
@on_a_call
def ask_who(request: HttpRequest, call: Call) -> HttpResponse:
    form = WhoForm(request.POST if request.method == "POST" else None)
    words = {"title": _("Ask who the caller is"), "button": _("Confirm")}
    return _asked(request, call, form, words, then=lambda: recognise(request))


def _asked(
    request: HttpRequest, call: Call, form: WhoForm, words: dict[str, str], *, then: Callable[[], None]
) -> HttpResponse:
    """Do `then` once the answers are right; otherwise show the form with what is wrong."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if _answered(request, call, form):
                then()
                return redirect("admin:call_centre_caller")
        except TooMany as reached:
            form.add_error(None, too_many_words(reached))
            status = 429
        except Busy:
            status = say_busy(form)
    context = {"form": form, "can_be_asked": can_be_asked(call.citizen), "button": words["button"]}
    return page(request, "who", words["title"], context, status=status)


def _answered(request: HttpRequest, call: Call, form: WhoForm) -> bool:
    right = is_the_person(
        citizen=call.citizen,
        birth_date=form.cleaned_data["birth_date"],
        digits=form.cleaned_data["digits"],
        actor=actor_of(request),
        now=clock_now(),
    )
    if not right:
        form.add_error(
            None, _("The answers do not fit this person, and nothing was changed. Ask the caller once more.")
        )
    return right


def _own_consents(citizen: Citizen) -> tuple[tuple[str, Any], ...]:
    """Return the consents of a registration at an office that end alone: calls by the office, a family member."""
    found = []
    if may_be_called(citizen):
        found.append((CALLS, _("Calls by the local office, and messages to the family member")))
    if FamilyMember.objects.live().filter(citizen=citizen).exists():
        found.append((OF_FAMILY, _("Messages to the family member alone")))
    return tuple(found)


def _withdraw(request: HttpRequest, call: Call, what: str) -> None:
    about: dict[str, Any] = {
        "citizen": call.citizen,
        "actor": actor_of(request),
        "reason": _("By phone, after the question of who the caller is"),
        "now": clock_now(),
    }
    if what in ALONE:
        ALONE[what](**about)
    else:
        withdraw(data_types=None if what == ALL else [what], **about)
    words = _("Withdrawn. Tell the caller the receipt number: %s") % receipt_number(call.citizen)
    messages.success(request, words)
