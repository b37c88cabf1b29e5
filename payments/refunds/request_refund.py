"""Request a refund by one person and approve it by another. The service requests the refund of surplus: surplus.py."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from payments.bills.surplus import OVERTAKEN, open_refund, record_refund
from payments.models import Payment, Refund
from payments.states import APPROVED, CAPTURED, REFUND_LIVE, REJECTED, REQUESTED
from secretary.kernel.enqueue import enqueue
from subscriptions.accounts.approvers import why_not_approve

OUTSIDE = "refunded at the provider, not by us"  # the reason of a refund that is only booked


class RefundRefused(ValueError):
    """It cannot be requested or decided like this; the message states why."""


@transaction.atomic
def request_refund(
    *, payment_id: int, amount: int, requested_by: AbstractBaseUser, reason: str, now: datetime
) -> Refund:
    """Whole or in part. Raises RefundRefused."""
    payment = Payment.objects.select_for_update().select_related("bill").get(pk=payment_id)
    if payment.state not in CAPTURED:
        raise RefundRefused(_("Nothing was captured with this payment."))
    if payment.refunds.filter(state__in=REFUND_LIVE).exists():
        raise RefundRefused(_("Another refund of this payment is not finished yet."))
    remainder = payment.remainder()
    if not 0 < amount <= remainder:
        raise RefundRefused(_("Between 1 and %(most)s won can be refunded.") % {"most": f"{remainder:,}"})
    refund = open_refund(
        payment=payment, amount=amount, remainder=remainder, reason=reason, now=now, requested_by=requested_by
    )
    record_refund(refund=refund, actor=f"staff:{requested_by.pk}", action="refund.requested", reason=reason, now=now)
    return refund


def request_outside_refund(*, payment: Payment, amount: int, remainder: int, reason: str, now: datetime) -> Refund:
    """Book a refund that the provider made without us, as its approver decides. The payment is locked by
    the caller, and no refund of it is live."""
    refund = open_refund(payment=payment, amount=amount, remainder=remainder, reason=reason, now=now, outside=True)
    record_refund(refund=refund, actor="system", action="refund.found", reason=reason, now=now)
    return refund


def overtake_request(*, refund: Refund, now: datetime) -> None:
    """Overtake a refund that waits for a decision: the amount that it would refund is no longer there."""
    refund.state, refund.code, refund.finished_at = REJECTED, OVERTAKEN, now
    refund.save(update_fields=["state", "code", "finished_at"])
    record_refund(refund=refund, actor="system", action="refund.rejected", reason=OUTSIDE, now=now)


@transaction.atomic
def approve_refund(*, refund_id: int, approved_by: AbstractBaseUser, reason: str, now: datetime) -> Refund:
    """Approve a refund as another person than the requester, which the database enforces too. Raises RefundRefused."""
    refund = _requested(refund_id)
    if refund.requested_by_id == approved_by.pk:
        raise RefundRefused(_("A refund is approved by a second person."))
    if reason_against := why_not_approve(by=approved_by, authors=[refund.requested_by_id], now=now):
        raise RefundRefused(reason_against)
    refund.state, refund.approved_by_id, refund.approved_at = APPROVED, approved_by.pk, now
    refund.ask_at = Now()
    refund.save(update_fields=["state", "approved_by", "approved_at", "ask_at"])
    record_refund(refund=refund, actor=f"staff:{approved_by.pk}", action="refund.approved", reason=reason, now=now)
    transaction.on_commit(lambda: enqueue("payments.refund"))
    return refund


@transaction.atomic
def reject_refund(*, refund_id: int, actor: str, reason: str, now: datetime) -> Refund:
    """Reject a refund that waits for a decision. Raises RefundRefused."""
    refund = _requested(refund_id)
    refund.state, refund.finished_at = REJECTED, now
    refund.save(update_fields=["state", "finished_at"])
    record_refund(refund=refund, actor=actor, action="refund.rejected", reason=reason, now=now)
    return refund


def _requested(refund_id: int) -> Refund:
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment__bill").get(pk=refund_id)
    if refund.state != REQUESTED:
        raise RefundRefused(_("This refund no longer waits for a decision."))
    return refund
