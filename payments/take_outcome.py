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
from payments.compare_balance import compare_balance, is_sound, is_stale, miss_payment
from payments.database_time import seconds_from_now
from payments.debts import lock_debt
from payments.models import Payment
from payments.providers.contract import Outcome, Verdict
from payments.states import (
    CONFIRMING,
    DECLINED,
    EXPIRED,
    GIVEN_BACK,
    LIVE,
    OPENED,
    TAKEN,
    UNKNOWN,
    UNTOUCHED,
)
from secretary.common.audit import record_audit


@transaction.atomic
def take_outcome(
    *, payment_id: int, outcome: Outcome, now: datetime, fence: int | None = None, as_of: datetime | None = None
) -> Payment:
    """Write down what is known now. `fence`: of the claim whose confirm was answered; None where we only asked, at the
    instant `as_of` of the database's clock.

    UNKNOWN stays unknown and is asked again. OPEN ends a payment only once the provider has certainly dropped it.
    """
    bill_id = Payment.objects.values_list("bill_id", flat=True).get(pk=payment_id)
    lock_debt(bill_id, now=now)
    payment = _locked(payment_id)
    if outcome.verdict is Verdict.PAID and _believed(payment, outcome, now):
        return _taken(payment, outcome, as_of, now)
    if payment.state in LIVE:
        _not_taken(payment, outcome, fence, now)
    elif outcome.verdict in (Verdict.OPEN, Verdict.DECLINED):
        if payment.state in TAKEN and not is_stale(payment, as_of):
            miss_payment(payment=payment, outcome=outcome, now=now)
        _asked(payment)  # as known before: a callback had made us ask
    return payment


def _locked(payment_id: int) -> Payment:
    """With two answers of the database's clock: is its lease over, and has the provider dropped it?"""
    rows = Payment.objects.select_for_update(of=("self",)).select_related("quote")
    return rows.annotate(abandoned_claim=_past("lease_until"), dropped=_past("dropped_at")).get(pk=payment_id)


def _past(column: str) -> Case:
    return Case(When(Q(**{f"{column}__lte": Now()}), then=Value(True)), default=False, output_field=BooleanField())


def _believed(payment: Payment, outcome: Outcome, now: datetime) -> bool:
    """An answer about another order, or without an amount and what is left of it, proves nothing about this one."""
    fits = is_sound(outcome) and outcome.order_id in ("", payment.order_id)
    if not fits:
        message = f"{payment.provider} answered for another order, or without amount and balance; look it up there"
        raise_alarm(kind="payment_answer", subject=payment.order_id, message=message, now=now)
    return fits


def _taken(payment: Payment, outcome: Outcome, as_of: datetime | None, now: datetime) -> Payment:
    """By what is left of the money, and not by the provider's word for it, it is decided what that was."""
    if is_stale(payment, as_of):
        _ask_again(payment)
    elif payment.state in TAKEN:
        compare_balance(payment=payment, outcome=outcome, now=now)
        _asked(payment)
    elif outcome.balance:
        return book_capture(payment_id=payment.pk, outcome=outcome, now=now)
    else:
        _given_back(payment, outcome, now)
    return payment


def _given_back(payment: Payment, outcome: Outcome, now: datetime) -> None:
    """Nothing was paid: the bill stays as it is, and there is nothing to book, to tell or to give back."""
    payment.left_there, payment.left_as_of = 0, Now()
    payment.save(update_fields=["left_there", "left_as_of"])
    again = payment.state == GIVEN_BACK
    _finish(payment, GIVEN_BACK, GIVEN_BACK, outcome, now)
    if not again:
        what = f"payment:{payment.pk}"
        citizen_id = payment.bill.citizen_id
        record_audit(now=now, actor="system", action="payment.given_back", citizen_id=citizen_id, object=what)


def _ask_again(payment: Payment) -> None:
    """An answer that another one has overtaken: which of the two is newer at the provider, only it can say."""
    payment.ask_at = Now()
    payment.save(update_fields=["ask_at"])


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
