"""Show receipts, as a page and as a PDF, and everything that was paid or tried."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from payments.web.access import for_payer
from payments.web.bills import worth_showing
from payments.web.payment_view import view_payments
from payments.web.receipt import Receipt, receipt_of
from payments.web.receipts.receipt_pdf import receipt_pdf
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen


@require_GET
@for_payer
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = view_payments(citizen=citizen, language=language(), now=clock_now())
    return render(request, "payments/history.html", {"payments": list(filter(worth_showing, found)), "here": "history"})


@require_GET
@for_payer
def receipt(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    context = {"receipt": _receipt(citizen, order_id), "name": citizen.name}
    return render(request, "payments/receipt.html", context)


@require_GET
@for_payer
def pdf(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    found = _receipt(citizen, order_id)
    headers = {"Content-Disposition": f'inline; filename="receipt-{found.number}.pdf"'}
    written = receipt_pdf(found, name=citizen.name, language=language())
    return HttpResponse(written, content_type="application/pdf", headers=headers)


def _receipt(citizen: Citizen, order_id: str) -> Receipt:
    """Return the receipt in the page's language. Raises NoSuchPayment."""
    return receipt_of(citizen=citizen, order_id=order_id, language=language())
