"""OUTCOME: what a provider says of one order, to a page, the sweeper or an event. The only way to the books.

Idempotent: an answer, a callback's question and a sweeper's question may all bring the same news, in any order.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, DateTimeField, F, Q, Value, When
from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from payments.book_capture import book_capture
from payments.database_time import seconds_from_now
from payments.debts import lock_debt
from payments.models import Payment
from payments.providers.contract import Outcome, Verdict
from payments.states import CONFIRMING, DECLINED, EXPIRED, LIVE, OPENED, TAKEN, UNKNOWN, UNTOUCHED


@transaction.atomic
def take_outcome(*, payment_id: int, outcome: Outcome, now: datetime, fence: int | None = None) -> Payment:
    """Write down what is known now. `fence`: of the claim whose confirm was answered; None where we only asked.

    UNKNOWN stays unknown and is asked again. OPEN ends a payment only once the provider has certainly dropped it.
    """
    bill_id = Payment.objects.values_list("bill_id", flat=True).get(pk=payment_id)
    lock_debt(bill_id, now=now)
    payment = _locked(payment_id)
    if outcome.verdict is Verdict.PAID and _believed(payment, outcome, now):
        return _taken(payment, outcome, now)
    if payment.state in LIVE:
        _not_taken(payment, outcome, fence, now)
    elif outcome.verdict is not Verdict.UNKNOWN:
        _asked(payment)  # as known before: a callback had made us ask
    return payment


def _locked(payment_id: int) -> Payment:
    """With two answers of the database's clock: is its lease over, and has the provider dropped it?"""
    rows = Payment.objects.select_for_update(of=("self",)).select_related("quote")
    return rows.annotate(abandoned_claim=_past("lease_until"), dropped=_past("dropped_at")).get(pk=payment_id)


def _past(column: str) -> Case:
    return Case(When(Q(**{f"{column}__lte": Now()}), then=Value(True)), default=False, output_field=BooleanField())


def _believed(payment: Payment, outcome: Outcome, now: datetime) -> bool:
    """An answer about another order, or without an amount, proves nothing about this one."""
    fits = outcome.amount is not None and outcome.order_id in ("", payment.order_id)
    if not fits:
        message = f"{payment.provider} answered for another order or without an amount; look it up there"
        raise_alarm(kind="payment_answer", subject=payment.order_id, message=message, now=now)
    return fits


def _taken(payment: Payment, outcome: Outcome, now: datetime) -> Payment:
    if payment.state in TAKEN:
        _compare(payment, outcome, now)
        return payment
    return book_capture(payment_id=payment.pk, outcome=outcome, now=now)


def _compare(payment: Payment, outcome: Outcome, now: datetime) -> None:
    if outcome.amount != payment.settlement.amount:
        message = f"{payment.provider} says {outcome.amount} won, the ledger {payment.settlement.amount}"
        raise_alarm(kind="payment_amount", subject=payment.order_id, message=message, now=now)
    _asked(payment)


def _asked(payment: Payment) -> None:
    payment.ask_at = _unless_heard_of()
    payment.save(update_fields=["ask_at"])


def _unless_heard_of() -> Case:
    """No further question, but for the one that an event asked for while this answer was on its way: taking a payment
    to ask about it has put its next question into the future."""
    due = When(ask_at__lte=Now(), then=F("ask_at"))
    later = When(heard_at__gt=Now(), then=F("heard_at"))
    return Case(due, later, default=None, output_field=DateTimeField())


def _not_taken(payment: Payment, outcome: Outcome, fence: int | None, now: datetime) -> None:
    # The answer of a claim that was taken over says nothing about what its successor does.
    answered = fence is not None and (payment.state, payment.fence) == (CONFIRMING, fence)
    if fence is not None and not answered:
        return
    # Whatever a question brings while a confirm is out, its own answer is the newer one.
    if fence is None and payment.state == CONFIRMING and not _is(payment, "abandoned_claim"):
        return
    open_again = outcome.verdict is Verdict.OPEN
    # Nobody has confirmed it, so nothing was taken, whether or not the provider can be asked about it.
    ends = open_again or payment.state in UNTOUCHED
    if outcome.verdict is Verdict.DECLINED:
        _finish(payment, DECLINED, "declined", outcome, now)
    elif answered and open_again:
        _move(payment, OPENED, "not_taken", outcome, ask_in=settings.PAYMENT_STALE_MINUTES * 60)
    elif payment.state == CONFIRMING:
        _move(payment, UNKNOWN, "", outcome, ask_in=outcome.retry_after or settings.PAYMENT_ASK_SECONDS)
    elif ends and _is(payment, "dropped"):
        _finish(payment, EXPIRED, "too_late", outcome, now)


def _is(payment: Payment, annotation: str) -> bool:
    return bool(getattr(payment, annotation))


def _finish(payment: Payment, state: str, reason: str, outcome: Outcome, now: datetime) -> None:
    payment.finished_at = now
    _move(payment, state, reason, outcome, ask_in=None)


def _move(payment: Payment, state: str, reason: str, outcome: Outcome, *, ask_in: float | None) -> None:
    payment.state, payment.reason, payment.code, payment.lease_until = state, reason, outcome.code[:60], None
    payment.vendor_id = outcome.vendor_id[:200] or payment.vendor_id
    payment.ask_at = _unless_heard_of() if ask_in is None else seconds_from_now(ask_in)
    payment.asked = 0
    payment.save(
        update_fields=[
            *("state", "reason", "code", "lease_until", "vendor_id", "ask_at", "asked", "finished_at"),
        ]
    )
