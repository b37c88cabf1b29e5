"""SURPLUS: request the refund of money that settles nothing."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from payments.models import Payment, Refund
from payments.states import REFUND_LIVE
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.identifiers import uuid7

OVERTAKEN = "overtaken"  # the code of a request that made way for what went back at the provider without us


def request_surplus_refund(*, payment: Payment, amount: int, reason: str, now: datetime) -> Refund | None:
    """Request the refund of a payment's surplus once, whatever a person decides on it; not while another refund is
    under way. The caller has locked the payment."""
    requested = Q(requested_by=None, outside=False) & ~Q(code=OVERTAKEN)
    if payment.refunds.filter(Q(state__in=REFUND_LIVE) | requested).exists():
        return None
    refund = open_refund(payment=payment, amount=amount, remainder=amount, reason=reason, now=now)
    record_refund(refund=refund, actor="system", action="refund.requested", reason=reason, now=now)
    return refund


def open_refund(
    *,
    payment: Payment,
    amount: int,
    remainder: int,
    reason: str,
    now: datetime,
    requested_by: AbstractBaseUser | None = None,
    outside: bool = False,
) -> Refund:
    """Return the row that waits for a decision. `remainder`: won that are left of the payment before it."""
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


def record_refund(*, refund: Refund, actor: str, action: str, reason: str, now: datetime) -> None:
    """Write one line of the audit trail about the refund and its citizen."""
    citizen_id = refund.payment.bill.citizen_id
    record_audit(
        now=now, actor=actor, action=action, citizen_id=citizen_id, object=f"refund:{refund.pk}", reason=reason
    )
