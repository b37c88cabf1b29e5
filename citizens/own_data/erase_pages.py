"""Erase a person at their wish, and show the receipt, which anyone who has its number can read."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from citizens.models import Erasure
from citizens.own_data.erase_person import STEPS, PaymentUnderWay, request_erasure
from citizens.own_data.law import CONSENTS, KEPT, PAYMENTS, TRAIL
from payments.bills.debts import shown_fields
from payments.own_data.erase import CAPTURING, LAST_DAY, MOST_BILLS, OPEN_BILLS
from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.my_choices import TOSS_LINKED
from subscriptions.models import Citizen
from subscriptions.own_data.erase import rows_of
from subscriptions.web.citizens.entry import for_fully_identified, sign_of
from subscriptions.web.forms import posted, say_busy
from subscriptions.web.looks import look_of, looks_again
from subscriptions.web.session.signed_in import citizen_of
from subscriptions.web.session.typed import ShowsTyped, errors_shown

ACTOR = "citizen"
ERASED = "erased"  # in the session, which holds nothing else any more: the number of the receipt


class EraseForm(ShowsTyped):
    sure = forms.MultipleChoiceField(
        label=gettext_lazy("This cannot be undone"),
        choices=[("yes", gettext_lazy("I know that this cannot be undone"))],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Please confirm that you know that this cannot be undone.")},
    )


@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """A button that was pressed twice, or in another window, leads to the receipt: the person is known no more."""
    number = request.session.get(ERASED)
    if number and citizen_of(request) is None:
        return redirect("own_data:erased", number)
    return _erase(request)


@for_fully_identified
def _erase(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    form = EraseForm(posted(request))
    if request.method == "POST" and form.is_valid() and form.cleaned_data["sure"]:
        try:
            erasure = request_erasure(citizen_id=citizen.pk, actor=ACTOR, why=Erasure.ASKED, now=clock_now())
        except PaymentUnderWay:
            return redirect("own_data:erase")  # the page says so
        except Busy:
            say_busy(form)
        else:
            for name in list(request.session.keys()):
                del request.session[name]
            request.session[ERASED] = erasure.number
            messages.success(request, _("You are erased and signed out. Please keep the number of this receipt."))
            return redirect("own_data:erased", erasure.number)
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.pk)))
    stated = _what_happens(citizen)
    shown = None if stated["under_way"] else form  # until a payment is settled, the page has no form
    return render(request, "citizens/own_data/erase.html", stated | {"form": shown})


NUMBERED = KeptQuery(lambda number: Erasure.objects.filter(number=number).order_by("pk")[:1])


@require_GET
def erased(request: HttpRequest, number: str) -> HttpResponse:
    """Show a receipt. Nothing on it is personal, and its number cannot be guessed."""
    erasure = NUMBERED.first(number=number.upper())
    if erasure is None:
        raise Http404
    context = {
        "erasure": erasure,
        "steps": len(STEPS),
        "kept": [
            *((KEPT[what], date.fromisoformat(until)) for what, until in erasure.kept.items()),
            *([(TRAIL, trail)] if (trail := TRAIL.until(kst_date(erasure.asked_at))) >= kst_date(clock_now()) else []),
        ],
    }
    look = look_of(request.GET.get("look", ""))
    answer = render(request, "citizens/own_data/erased.html", context | {"look": look})
    return looks_again(answer, request, look) if erasure.state == Erasure.WAITING else answer


BEFORE_ERASING = Together(bills=OPEN_BILLS, under_way=CAPTURING, last_day=LAST_DAY, toss=TOSS_LINKED)


def _what_happens(citizen: Citizen) -> dict[str, Any]:
    """Return what the page says of what goes, what stays until when, and what must be finished first."""
    people, spoken, now = rows_of(citizen.pk), language(), clock_now()
    found = BEFORE_ERASING.rows(people=people, citizen=citizen.pk)
    bills, begins = found["bills"], {CONSENTS: kst_date(now)}
    for paid in found["last_day"]:
        begins[PAYMENTS] = paid
    return {
        "in_settings": "inside",
        "toss_linked": bool(found["toss"]),
        "under_way": bool(found["under_way"]),
        "bills": [
            (bill.pk, bill.record.data_type.name(spoken), shown_fields(bill, now=now)) for bill in bills[:MOST_BILLS]
        ],
        "more_bills": len(bills) > MOST_BILLS,
        "kept": [
            *((KEPT[what], KEPT[what].until(begins[what])) for what in KEPT if what in begins),
            (TRAIL, TRAIL.until(begins[CONSENTS])),
        ],
    }
