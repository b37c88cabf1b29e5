"""Show what there is to pay: the list, one bill with its price clock, its print view and its calendar."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from payments.bills.bills import NoSuchBill
from payments.checkout.pay_bill import NoSuchPayment
from payments.checkout.take_outcome import NOTIFIED_OF
from payments.refusal_codes import REPLACED
from payments.states import OPEN
from payments.web.bill_view import ON_A_PAGE, BillView, view_bill, view_bills
from payments.web.calendar_file import calendar_file
from payments.web.payment_view import PaymentView
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen, Subscription
from subscriptions.web.citizens.entry import for_citizen, for_fully_identified

View = Callable[..., HttpResponse]


def for_payer(view: View, *, why: str = "bills") -> View:
    """Admit the signed-in person to their own bills and payments; others' do not exist (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, citizen: Citizen, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, citizen, **kwargs)
        except (NoSuchBill, NoSuchPayment) as error:
            log_refusal("page of another citizen, or of none", citizen=citizen.pk, page=type(error).__name__)
            raise Http404 from error

    return for_citizen(guarded, why=why)


def for_one_who_paid(view: View) -> View:
    """As `for_payer`. Payment services' apps come back in whatever browser the phone opens: a browser without a session
    shows that a payment waits, and goes on here once its citizen has signed in."""
    return for_payer(view, why="payment")


def just_identified(view: View) -> View:
    """Before money moves: repeat the full identity check, unless it was just passed."""
    after_check = for_fully_identified(view, why="pay", minutes="PAYMENT_REAUTH_MINUTES")

    @wraps(view)
    def guarded(request: HttpRequest, citizen: Citizen, **kwargs: Any) -> HttpResponse:
        return after_check(request, **kwargs)

    return guarded


LONGEST_NUMBER = 6  # digits


@require_GET
@for_payer
def bills(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    page = page_of(request)
    first = (page - 1) * ON_A_PAGE
    found = view_bills(citizen=citizen, language=language(), now=clock_now(), first=first, most=ON_A_PAGE + 1)
    shown, has_more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    context = {"here": "bills", **_grouped(shown), **turning(page, has_more)}
    context["notified"] = bool(context["due"]) or _is_notified(citizen)
    return render(request, "payments/bills.html", context)


def page_of(request: HttpRequest) -> int:
    """Return the number of the page that is wanted, from 1; 1 for anything that is no number."""
    wanted = request.GET.get("page", "")
    return max(int(wanted), 1) if wanted.isascii() and wanted.isdecimal() and len(wanted) <= LONGEST_NUMBER else 1


def turning(page: int, has_more: bool) -> dict[str, Any]:
    """Return what payments/turn.html shows: the pages before and after this one; 0: there is none."""
    return {"page_before": page - 1, "page_after": page + 1 if has_more else 0}


@require_GET
@for_payer
def bill(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    return render(request, "payments/bill.html", bill_context(citizen, bill_id))


@require_GET
@for_payer
def printed(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    return render(request, "payments/bill_print.html", bill_context(citizen, bill_id))


@require_GET
@for_payer
def calendar(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    text = calendar_file(own_bill(citizen, bill_id), language=language(), now=clock_now())
    headers = {"Content-Disposition": 'attachment; filename="deadlines.ics"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


LIVE_AND_PAYABLE = KeptQuery(
    lambda citizen: (
        Subscription.objects.filter(citizen=citizen, ended_at=None)
        .exclude(data_type__payable="")
        .values_list("pk", flat=True)[:1]
    )
)


def _is_notified(citizen: Citizen) -> bool:
    """Return whether bills reach this page for them at all: without such a subscription nothing is known of what they
    owe."""
    return bool(LIVE_AND_PAYABLE.rows(citizen=citizen.pk))


def own_bill(citizen: Citizen, bill_id: int) -> BillView:
    """Return the view of one of the citizen's own bills. Raises NoSuchBill."""
    return view_bill(citizen=citizen, bill_id=bill_id, language=language(), now=clock_now())


def bill_context(citizen: Citizen, bill_id: int) -> dict[str, Any]:
    """Return what pages about one bill show. Raises NoSuchBill."""
    found = own_bill(citizen, bill_id)
    payments = [item for item in found.payments if worth_showing(item)]
    # The list of payments shows it, with what was refunded.
    facts = [fact for fact in found.facts if not payments or fact.name not in NOTIFIED_OF]
    return {"bill": found, "facts": facts, "payments": payments, "today": kst_date(clock_now())}


def worth_showing(payment: PaymentView) -> bool:
    """Close the payment that a second click has replaced by a newer one."""
    return payment.reason != REPLACED


def _grouped(found: list[BillView]) -> dict[str, Any]:
    """To be paid, first what costs more first; waiting for a decision; done with."""
    due = [item for item in found if item.state == OPEN]
    due.sort(key=lambda item: (item.clock is None or item.clock.until is None, item.clock and item.clock.until))
    priced = [item.clock.amount for item in due if item.payable and item.clock]
    objected = [item for item in found if item.reason in ("objection", "objected")]
    return {
        "due": due,
        "priced": len(priced),
        "total": sum(priced),
        "objected": objected,
        "done": [item for item in found if item not in due and item not in objected],
        "today": kst_date(clock_now()),
    }
