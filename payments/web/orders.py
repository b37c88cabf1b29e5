"""Handle the way back from the provider's page, and show payments: their status, receipts, and all that was tried.

Reloading charges nothing.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from payments.checkout.confirm_payment import confirm_payment
from payments.refusal_codes import UNFINISHED
from payments.refusals import Refused
from payments.web.access import for_one_who_paid, for_payer
from payments.web.bill_view import ON_A_PAGE, view_bill
from payments.web.bills import page_of, turning, worth_showing
from payments.web.payment_view import PaymentView, Receipt, receipt_of, view_payment, view_payments
from payments.web.stops import changed, left_because, stopped
from secretary.kernel.korean.korean import format_span
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.web.looks import look_of, looks_again


@require_GET
@for_one_who_paid
def back(request: HttpRequest, citizen: Citizen, order_id: str, how: str) -> HttpResponse:
    """Handle the provider's three ways back. Replayed it polls and charges nothing, and shows the same."""
    try:
        confirm_payment(citizen=citizen, order_id=order_id, query=request.GET.dict(), now=clock_now())
    except Refused as refused:
        return _not_paid(request, citizen, order_id, refused, how)
    return redirect("pay:order", order_id)


@require_GET
@for_one_who_paid
def order(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    payment = view_payment(citizen=citizen, order_id=order_id, language=language())
    if payment.pending:
        return _pending(request, payment)
    if payment.captured:
        context = {"payment": payment, "receipt": _receipt(citizen, order_id)}
        return render(request, "payments/paid.html", context)
    return stopped(request, citizen, payment.bill_id, payment.reason or UNFINISHED, status=200)


@require_GET
@for_payer
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    page = page_of(request)
    first = (page - 1) * ON_A_PAGE
    found = view_payments(citizen=citizen, language=language(), now=clock_now(), first=first, most=ON_A_PAGE + 1)
    payments = list(filter(worth_showing, found[:ON_A_PAGE]))
    kept_for = format_span(settings.KEPT_DAYS["payments"], language())
    context = {"payments": payments, "kept_for": kept_for, "here": "history"} | turning(page, len(found) > ON_A_PAGE)
    return render(request, "payments/history.html", context)


@require_GET
@for_payer
def receipt(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    context = {"receipt": _receipt(citizen, order_id), "name": citizen.name}
    return render(request, "payments/receipt.html", context)


@require_GET
@for_payer
def pdf(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    from payments.web.receipts.receipt_pdf import receipt_pdf  # reportlab and Pillow: 5 MB that few processes use

    found = _receipt(citizen, order_id)
    headers = {"Content-Disposition": f'inline; filename="receipt-{found.number}.pdf"'}
    written = receipt_pdf(found, name=citizen.name, language=language())
    return HttpResponse(written, content_type="application/pdf", headers=headers)


def _receipt(citizen: Citizen, order_id: str) -> Receipt:
    """Return the receipt in the page's language. Raises NoSuchPayment."""
    return receipt_of(citizen=citizen, order_id=order_id, language=language())


def _pending(request: HttpRequest, payment: PaymentView) -> HttpResponse:
    """Show a page that refreshes itself for some minutes. By a header in place of a <meta>: with pauses that grow,
    an end, and a link that stops it (WCAG 2.2.1)."""
    look = look_of(request.GET.get("look", ""))
    answer = render(request, "payments/pending.html", {"payment": payment, "look": look})
    return looks_again(answer, request, look)


def _not_paid(request: HttpRequest, citizen: Citizen, order_id: str, refused: Refused, how: str) -> HttpResponse:
    payment = view_payment(citizen=citizen, order_id=order_id, language=language())
    if refused.quote is not None:
        bill = view_bill(citizen=citizen, bill_id=payment.bill_id, language=language(), now=clock_now())
        return changed(request, bill, payment.provider, before=payment.amount, now=refused.quote.amount)
    code = left_because(refused, how)
    return stopped(request, citizen, payment.bill_id, code)
