"""After the provider's page: back from it, and the payment's status. Reloading charges nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from payments import citizen_view
from payments.citizen_view import Refused
from payments.payment_view import PaymentView
from payments.web.access import for_one_who_paid
from payments.web.looks import Look, look_of
from payments.web.stops import changed, left_because, own_payment, stopped
from secretary.common.clock import now as clock_now
from secretary.common.language import language
from subscriptions.models import Citizen


@require_GET
@for_one_who_paid
def back(request: HttpRequest, citizen: Citizen, order_id: str, how: str) -> HttpResponse:
    """Return the provider's three ways back. Replayed it asks and charges nothing, and shows the same."""
    try:
        citizen_view.come_back(citizen=citizen, order_id=order_id, query=request.GET.dict(), now=clock_now())
    except Refused as refused:
        return _not_paid(request, citizen, order_id, refused, how)
    return redirect("pay:order", order_id)


@require_GET
@for_one_who_paid
def order(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    payment = own_payment(citizen, order_id)
    if payment.pending:
        return _pending(request, payment)
    if payment.taken:
        receipt = citizen_view.receipt(citizen=citizen, order_id=order_id, language=language())
        return render(request, "payments/paid.html", {"payment": payment, "receipt": receipt})
    return stopped(request, citizen, payment.bill_id, payment.reason or "unfinished", status=200)


def _pending(request: HttpRequest, payment: PaymentView) -> HttpResponse:
    """Show a page that refreshes itself for some minutes. By a header, as a <meta> would say it: with pauses that grow,
    an end, and a link that stops it (WCAG 2.2.1)."""
    look: Look = look_of(request.GET.get("look", ""))
    answer = render(request, "payments/pending.html", {"payment": payment, "look": look})
    if look.seconds:
        answer.headers["Refresh"] = f"{look.seconds}; url={request.path}?look={look.following}"
    return answer


def _not_paid(request: HttpRequest, citizen: Citizen, order_id: str, refused: Refused, how: str) -> HttpResponse:
    payment = own_payment(citizen, order_id)
    if refused.quote is not None:
        bill = citizen_view.bill(citizen=citizen, bill_id=payment.bill_id, language=language(), now=clock_now())
        return changed(request, bill, payment.provider, before=payment.amount, now=refused.quote.amount)
    code = left_because(refused, how)
    return stopped(request, citizen, payment.bill_id, code)
