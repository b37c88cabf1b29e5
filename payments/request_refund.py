"""A refund is asked for by one person and approved by another; what settles nothing the service asks back itself."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from notifications.wake import wake
from payments.models import Payment, Refund
from payments.states import APPROVED, DONE, REFUND_LIVE, REJECTED, REQUESTED, TAKEN
from secretary.common.audit import record_audit
from secretary.common.identifiers import uuid7
from subscriptions.approvers import why_not_approve

OUTSIDE = "given back at the provider, not by us"  # the reason of a refund that is only taken into our books
OVERTAKEN = "overtaken"  # the code of a request that made way for one


class RefundRefused(ValueError):
    """It cannot be asked for or decided like this; the message says why."""


def remainder_of(payment: Payment) -> int:
    """Won of the payment that have not gone back."""
    given_back = payment.refunds.filter(state=DONE).aggregate(won=Sum("amount"))["won"]
    return int(payment.settlement.amount - (given_back or 0))


@transaction.atomic
def request_refund(
    *, payment_id: int, amount: int, requested_by: AbstractBaseUser, reason: str, now: datetime
) -> Refund:
    """Whole or in part. Raises RefundRefused."""
    payment = Payment.objects.select_for_update().select_related("bill").get(pk=payment_id)
    if payment.state not in TAKEN:
        raise RefundRefused(_("Nothing was taken with this payment."))
    if payment.refunds.filter(state__in=REFUND_LIVE).exists():
        raise RefundRefused(_("Another refund of this payment is not finished yet."))
    remainder = remainder_of(payment)
    if not 0 < amount <= remainder:
        raise RefundRefused(_("Between 1 and %(most)s won can be refunded.") % {"most": f"{remainder:,}"})
    refund = _create(payment, amount, remainder, reason, now, requested_by=requested_by)
    _record(refund, f"staff:{requested_by.pk}", "refund.requested", reason, now)
    return refund


def request_surplus_refund(*, payment: Payment, amount: int, reason: str, now: datetime) -> Refund | None:
    """Asked for by the service itself, once, whatever a person decides; not while another one is under way. The payment
    is locked by the caller."""
    asked = Q(requested_by=None, outside=False) & ~Q(code=OVERTAKEN)
    if payment.refunds.filter(Q(state__in=REFUND_LIVE) | asked).exists():
        return None
    refund = _create(payment, amount, amount, reason, now)
    _record(refund, "system", "refund.requested", reason, now)
    return refund


def request_outside_refund(*, payment: Payment, amount: int, remainder: int, reason: str, now: datetime) -> Refund:
    """The provider gave this back without us: the approver takes it into our books. The payment is locked by
    the caller, and no refund of it is live."""
    refund = _create(payment, amount, remainder, reason, now, outside=True)
    _record(refund, "system", "refund.found", reason, now)
    return refund


def overtake_request(*, refund: Refund, now: datetime) -> None:
    """What a refund that waits for a decision would give back is not there any more in that amount."""
    refund.state, refund.code, refund.finished_at = REJECTED, OVERTAKEN, now
    refund.save(update_fields=["state", "code", "finished_at"])
    _record(refund, "system", "refund.rejected", OUTSIDE, now)


@transaction.atomic
def approve_refund(*, refund_id: int, approved_by: AbstractBaseUser, reason: str, now: datetime) -> Refund:
    """By somebody else than who asked for it, which the database holds us to as well. Raises RefundRefused."""
    refund = _requested(refund_id)
    if refund.requested_by_id == approved_by.pk:
        raise RefundRefused(_("A refund is approved by a second person."))
    if reason_against := why_not_approve(by=approved_by, authors=[refund.requested_by_id], now=now):
        raise RefundRefused(reason_against)
    refund.state, refund.approved_by_id, refund.approved_at = APPROVED, approved_by.pk, now
    refund.ask_at = Now()
    refund.save(update_fields=["state", "approved_by", "approved_at", "ask_at"])
    _record(refund, f"staff:{approved_by.pk}", "refund.approved", reason, now)
    transaction.on_commit(lambda: wake("payments.refund"))
    return refund


@transaction.atomic
def reject_refund(*, refund_id: int, actor: str, reason: str, now: datetime) -> Refund:
    """Raises RefundRefused."""
    refund = _requested(refund_id)
    refund.state, refund.finished_at = REJECTED, now
    refund.save(update_fields=["state", "finished_at"])
    _record(refund, actor, "refund.rejected", reason, now)
    return refund


def _requested(refund_id: int) -> Refund:
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment__bill").get(pk=refund_id)
    if refund.state != REQUESTED:
        raise RefundRefused(_("This refund does not wait for a decision any more."))
    return refund


def _create(
    payment: Payment,
    amount: int,
    remainder: int,
    reason: str,
    now: datetime,
    requested_by: AbstractBaseUser | None = None,
    outside: bool = False,
) -> Refund:
    return Refund.objects.create(
        outside=outside,
        payment=payment,
        amount=amount,
        expected_remainder=remainder,
        reason=reason[:200],
        requested_at=now,
        requested_by_id=requested_by.pk if requested_by else None,
        key=uuid7().hex,
    )


def _record(refund: Refund, actor: str, action: str, reason: str, now: datetime) -> None:
    citizen_id = refund.payment.bill.citizen_id
    record_audit(
        now=now, actor=actor, action=action, citizen_id=citizen_id, object=f"refund:{refund.pk}", reason=reason
    )
