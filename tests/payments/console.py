"""Act as staff at a provider's console, and as the worker and the operator who find what was done there."""

from typing import Any

from django.db.models import Sum
from django.db.models.functions import Now

from payments.checkout.poll_payments import poll_because_of_event, poll_payments
from payments.models import LedgerEntry, Payment, Refund
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, let_time_pass


def poll(*, dropped: bool = False) -> None:
    let_time_pass(dropped=dropped)
    poll_payments(now=MORNING)


def event(payment: Payment) -> None:
    """The provider calls about it, and a worker polls."""
    poll_because_of_event(payment_id=payment.pk)
    Payment.objects.filter(pk=payment.pk).update(ask_at=Now(), heard_at=Now())
    poll_payments(now=MORNING)


def settled(far: Any, name: str = "toss_payments") -> Payment:
    alice, bill = alice_owes()
    return confirm(alice, begin(alice, bill, provider=name), far.banks[name])


def approve(staff: Any) -> Refund:
    refund = Refund.objects.get(state="requested")
    approve_refund(refund_id=refund.pk, approved_by=staff[1], reason="seen", now=MORNING)
    return carry_out()


def carry_out() -> Refund:
    Refund.objects.filter(ask_at__isnull=False).update(ask_at=Now())
    carry_out_refunds(now=MORNING)
    poll()
    return Refund.objects.latest("pk")


def booked(account: str) -> int:
    return LedgerEntry.objects.filter(account__startswith=account).aggregate(won=Sum("amount"))["won"] or 0
