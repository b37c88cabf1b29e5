"""BALANCE: compare a provider's balance of a captured payment with our books. Decided only here.

`Outcome.balance` is what is left of the money, whatever the provider's word for the order's state is. Nothing left of
what we have not settled: nothing was paid (take_outcome.py). Another balance than our books have of what we did settle:
the provider refunded money without us. Then the payment is in review, an alarm is raised at once, pages and receipt
state that it is being checked, and a refund "refunded at the provider already" waits for a person, whose approval takes
it into our books and posts it to the agency.
"""

from datetime import datetime

from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from payments.bills.surplus import OVERTAKEN
from payments.models import Payment, Refund
from payments.providers.contract import Outcome
from payments.refunds.request_refund import OUTSIDE, overtake_request, request_outside_refund
from payments.states import REFUND_LIVE, REJECTED, REQUESTED, SENDING, UNKNOWN
from secretary.kernel.audit.audit import record_audit


def compare_balance(*, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """Of a locked payment whose money is in our books. Ends its review where the two agree."""
    assert outcome.amount is not None and outcome.balance is not None  # sound
    if outcome.amount != payment.settlement.amount:
        message = f"{payment.provider} reports {outcome.amount} won, the ledger {payment.settlement.amount}"
        raise_alarm(kind="payment_amount", subject=payment.order_id, message=message, now=now)
    ours = payment.remainder()
    if outcome.balance in (ours, *_on_its_way(payment, ours)):
        _agree(payment)
        return
    why = f"{payment.provider} holds {outcome.balance} won of it, our books {ours}"
    _into_review(payment, outcome.balance, why, now)
    if outcome.balance < ours:
        _wait_for_a_person(payment, ours, outcome.balance, now)


def miss_payment(*, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """Handle a provider's report that it never captured what our books have of this locked payment."""
    if payment.remainder():
        why = f"{payment.provider} reports {outcome.verdict} ({outcome.code}) for a booked payment"
        _into_review(payment, None, why, now)


def _on_its_way(payment: Payment, ours: int) -> list[int]:
    """Return what is left where a refund of ours, whose answer is not here yet, was made."""
    sent = payment.refunds.filter(state__in=(SENDING, UNKNOWN), outside=False)
    return [ours - amount for amount in sent.values_list("amount", flat=True)]


def _agree(payment: Payment) -> None:
    if payment.review_since is not None:
        payment.review_since = payment.left_there = None
        payment.save(update_fields=["review_since", "left_there"])


def _into_review(payment: Payment, left: int | None, why: str, now: datetime) -> None:
    news = payment.review_since is None or payment.left_there != left
    payment.review_since, payment.left_there = payment.review_since or now, left
    payment.left_as_of = Now()
    payment.save(update_fields=["review_since", "left_there", "left_as_of"])
    message = f"{why}; check the provider's console, then the pending refunds under Refunds"
    raise_alarm(kind="payment_review", subject=payment.order_id, message=message, now=now)
    if news:
        record_audit(
            now=now,
            actor="system",
            action="payment.in_review",
            citizen_id=payment.bill.citizen_id,
            object=f"payment:{payment.pk}",
            reason=why,
        )


def _wait_for_a_person(payment: Payment, ours: int, left: int, now: datetime) -> None:
    """Request one refund for all that was refunded without us. A refund of ours that waits for approval yields to it;
    one that is under way ends first, at the provider's own guard, and the provider is polled again then."""
    live = payment.refunds.select_for_update().filter(state__in=REFUND_LIVE).first()
    if live is not None and live.state != REQUESTED:
        return
    if live is not None and not _fits(live, ours, left):
        overtake_request(refund=live, now=now)
        live = None
    if live is None and not _rejected(payment, ours, left):
        request_outside_refund(payment=payment, amount=ours - left, remainder=ours, reason=OUTSIDE, now=now)


def _fits(refund: Refund, ours: int, left: int) -> bool:
    return refund.outside and (refund.expected_remainder, refund.amount) == (ours, ours - left)


def _rejected(payment: Payment, ours: int, left: int) -> bool:
    """Return whether a person has rejected a refund of this very difference."""
    decided = payment.refunds.filter(outside=True, state=REJECTED, expected_remainder=ours, amount=ours - left)
    return decided.exclude(code=OVERTAKEN).exists()
