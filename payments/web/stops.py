"""Show the page of a payment that did not happen: the cause, what to do, and a way on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from payments.refusal_codes import (
    GIVEN_UP,
    LEFT_PROVIDER,
    NOT_CAPTURED,
    PROVIDER_EXPIRED,
    PROVIDER_FAILED,
    WINDOW_BLOCKED,
)
from payments.refusals import Refused
from payments.web.bill_view import BillView
from payments.web.bills import own_bill
from payments.web.stop_words import STOPS, WAYS, Stop
from payments.words import REFUSALS
from subscriptions.models import Citizen

# Providers' codes for "the citizen closed our page", and for "the citizen took too long on it". The rest is a failure.
LEFT = ("PAY_PROCESS_CANCELED", "UserCancel", "userCancel")
TOO_SLOW = ("PaymentTimeExpire", "paymentTimeExpire", "TimeExpired", "EXPIRED")
NO_WINDOW = "WINDOW_NOT_OPENED"  # static/payments/*_window.js


@dataclass(frozen=True, slots=True)
class Around:
    """What a way on may need to know."""

    request: HttpRequest
    bill: BillView


def left_because(refused: Refused, how: str) -> str:
    """Return what happened on the provider's page, as far as its code or the address it chose shows."""
    code = refused.payment.code if refused.payment else ""
    if refused.code == NOT_CAPTURED and how != "success":  # KakaoPay's two ways back carry nothing more
        return LEFT_PROVIDER if how == "cancel" else PROVIDER_FAILED
    if refused.code != GIVEN_UP:
        return refused.code
    for named, codes in ((LEFT_PROVIDER, LEFT), (PROVIDER_EXPIRED, TOO_SLOW), (WINDOW_BLOCKED, (NO_WINDOW,))):
        if code in codes:
            return named
    return PROVIDER_FAILED


def stopped(
    request: HttpRequest,
    citizen: Citizen,
    bill_id: int,
    code: str,
    *,
    status: int | None = None,
) -> HttpResponse:
    """`status`: of the answer, where it is not the reason's own. Raises NoSuchBill."""
    stop = STOPS[code]
    around = Around(request, own_bill(citizen, bill_id))
    context = {"stop": stop, "cause": stop.cause or REFUSALS[code], "bill": around.bill, "ways": _ways(stop, around)}
    return render(request, "payments/stopped.html", context, status=status or stop.status)


def changed(request: HttpRequest, bill: BillView, provider: str, *, before: int | None, now: int) -> HttpResponse:
    """Show both amounts side by side; the citizen decides. No money was taken."""
    context = {"bill": bill, "provider": provider, "before": before, "now": now}
    return render(request, "payments/changed.html", context, status=409)


def _ways(stop: Stop, around: Around) -> list[tuple[str, Any]]:
    """(address, words), those that lead somewhere here."""
    found = [(ADDRESSES[name](around), WAYS[name]) for name in stop.ways]
    return [(address, words) for address, words in found if address]


def _receipt(around: Around) -> str:
    captured = next((item for item in around.bill.payments if item.captured), None)
    return reverse("pay:receipt", args=(captured.order_id,)) if captured else ""


def _pending(around: Around) -> str:
    return reverse("pay:order", args=(around.bill.under_way.order_id,)) if around.bill.under_way else ""


def _reviewed(around: Around) -> str:
    return reverse("pay:order", args=(around.bill.in_review.order_id,)) if around.bill.in_review else ""


def _of_bill(name: str) -> Callable[[Around], str]:
    """Admit a bill that can still be paid, or any bill for pages that show it in any state."""
    return lambda around: reverse(name, args=(around.bill.bill_id,))


def _choose(around: Around) -> str:
    return reverse("pay:choose", args=(around.bill.bill_id,)) if not around.bill.stop_code else ""


ADDRESSES: dict[str, Callable[[Around], str]] = {
    "again": lambda around: around.request.get_full_path(),
    "choose": _choose,
    "restart": _choose,
    "bill": _of_bill("pay:bill"),
    "objection": _of_bill("pay:objection"),
    "receipt": _receipt,
    "pending": _pending,
    "payment": _reviewed,
    "bills": lambda _: reverse("pay:bills"),
    "history": lambda _: reverse("pay:history"),
}
