"""TRANSITIONS: every move of a payment, and the only module that writes its state. Which moves there are: states.py.

    open_payment → open_page → claim → settle | keep_surplus → refund         (money was captured)
                              ↘ hear_not_captured, hear_reversed              (it was not, or was refunded already)
    end_unopened, abandon, abandon_untouched                                  (before a confirm)

Callers hold the lock on the debt (debts.py) and on the payment's row, and hand in facts: what the citizen did, what the
provider has answered, at which price. What a move means for bill, ledger, record and agency is theirs: take_outcome.py,
carry_out_refund.py. Of a payment's other columns, the time of the next poll is moved on by poll_payments.py and
poll_settled.py too, the review by compare_balance.py, and the name of the debt by debts.py.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BooleanField, Case, DateTimeField, ExpressionWrapper, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from payments.models import Bill, Payment, Quote
from payments.providers.contract import Outcome, ProviderRefused, ProviderUnavailable, Verdict
from payments.refusal_codes import NOT_CAPTURED, PROVIDER_REFUSED, PROVIDER_UNAVAILABLE, TOO_LATE
from payments.states import (
    ABANDONED,
    CONFIRMING,
    CREATED,
    DECLINED,
    EXPIRED,
    OPENED,
    PAID,
    PART_REFUNDED,
    REFUNDED,
    RETURNED,
    REVERSED,
    SURPLUS,
    UNKNOWN,
    UNTOUCHED,
)
from secretary.kernel.log_ids import bind
from secretary.kernel.persons.identifiers import uuid7


def lock_payment(payment_id: int) -> Payment:
    """With its quote, and two answers of the database's clock: `claim_is_over`, its lease has ended; `is_dropped`, the
    provider has certainly dropped what it has not captured."""
    bind(payment=payment_id)
    rows = Payment.objects.select_for_update(of=("self",)).select_related("quote")
    return rows.annotate(claim_is_over=_past("lease_until"), is_dropped=_past("dropped_at")).get(pk=payment_id)


# ── before a confirm: nothing has been captured, and nothing can be ──
def open_payment(*, bill: Bill, quote: Quote, provider: str, now: datetime) -> Payment:
    """Its row, with its key, before any call. Raises IntegrityError where another one of the debt is live."""
    stale = _seconds_from_now(settings.PAYMENT_STALE_MINUTES * 60)
    return Payment.objects.create(
        bill=bill,
        debt=bill.debt,
        quote=quote,
        provider=provider,
        order_id=f"{settings.REFERENCE_PREFIX}-{uuid7().hex}",
        key=uuid7().hex,
        amount=quote.amount,
        state=CREATED,
        created_at=now,
        dropped_at=stale,
        ask_at=stale,
    )


def open_page(payment: Payment, *, vendor_id: str) -> bool:
    """Mark the provider's page as open. False where another device or a second click has begun anew meanwhile: locked
    and compared in one statement, as no transaction stays open while a provider answers."""
    if not Payment.objects.filter(pk=payment.pk, state=CREATED).update(state=OPENED, vendor_id=vendor_id[:200]):
        return False
    payment.state, payment.vendor_id = OPENED, vendor_id
    return True


def end_unopened(payment: Payment, why: ProviderRefused | ProviderUnavailable, *, now: datetime) -> str:
    """Its page did not open; the reason. Locked and compared as in `open_page`."""
    state, reason, code = ABANDONED, PROVIDER_UNAVAILABLE, ""
    if isinstance(why, ProviderRefused):
        state, reason, code = DECLINED, PROVIDER_REFUSED, why.code
    unopened = Payment.objects.filter(pk=payment.pk, state=CREATED)
    unopened.update(state=state, reason=reason, code=code[:60], finished_at=now, ask_at=None)
    return reason


def abandon_untouched(*, bill: Bill, reason: str, now: datetime) -> int:
    """End the bill's unconfirmed payments; return how many."""
    untouched = Payment.objects.filter(bill=bill, state__in=UNTOUCHED)
    return untouched.update(state=ABANDONED, reason=reason, finished_at=now, ask_at=None)


def abandon(payment: Payment, *, reason: str, code: str = "", now: datetime) -> None:
    """Abandon it: the person gave it up on the provider's page, or its amount has changed."""
    payment.state, payment.reason, payment.code = ABANDONED, reason, code[:60]
    payment.finished_at, payment.ask_at = now, None
    payment.save(update_fields=["state", "reason", "code", "finished_at", "ask_at"])


def claim(payment: Payment, *, quote: Quote, vendor_id: str, confirm_within: timedelta, now: datetime) -> None:
    """Claim it for confirming, once, by the holder of its new fence. `confirm_within`: after it the provider accepts
    none."""
    lease = settings.PAYMENT_LEASE_SECONDS
    payment.state, payment.reason, payment.code = CONFIRMING, "", ""
    payment.quote = quote
    payment.vendor_id = payment.vendor_id or vendor_id[:200]
    payment.fence += 1
    payment.confirmed_at = now
    payment.lease_until = payment.ask_at = _seconds_from_now(lease)
    payment.dropped_at = _seconds_from_now(confirm_within.total_seconds() + lease)
    payment.asked = 0
    payment.save()


# ── what the provider has reported ──
def hear_not_captured(payment: Payment, outcome: Outcome, *, fence: int | None, now: datetime) -> None:
    """Of a live payment, from `lock_payment`. `fence`: of the claim whose confirm was answered; None: of a poll.

    UNKNOWN stays unknown and is polled again. OPEN ends a payment only once the provider has certainly dropped it.
    """
    # The answer of a claim that was taken over proves nothing about what its successor does.
    answered = fence is not None and (payment.state, payment.fence) == (CONFIRMING, fence)
    if fence is not None and not answered:
        return
    # Whatever a poll brings while a confirm is out, the confirm's own answer is the newer one.
    if fence is None and payment.state == CONFIRMING and not _is(payment, "claim_is_over"):
        return
    open_again = outcome.verdict is Verdict.OPEN
    # It was not confirmed, so nothing was captured, whether or not the provider can be polled.
    ends = open_again or payment.state in UNTOUCHED
    if outcome.verdict is Verdict.DECLINED:
        _finish(payment, DECLINED, "declined", outcome, now)
    elif answered and open_again:
        _move(payment, OPENED, NOT_CAPTURED, outcome, poll_in=settings.PAYMENT_STALE_MINUTES * 60)
    elif payment.state == CONFIRMING:
        _move(payment, UNKNOWN, "", outcome, poll_in=outcome.retry_after or settings.PAYMENT_POLL_SECONDS)
    elif ends and _is(payment, "is_dropped"):
        _finish(payment, EXPIRED, TOO_LATE, outcome, now)


def hear_reversed(payment: Payment, outcome: Outcome, *, now: datetime) -> bool:
    """Note that all was refunded before we learnt of the capture. False where that was known."""
    known = payment.state == REVERSED
    payment.left_there, payment.left_as_of = 0, Now()
    payment.save(update_fields=["left_there", "left_as_of"])
    _finish(payment, REVERSED, REVERSED, outcome, now)
    return not known


def settle(payment: Payment, outcome: Outcome, *, now: datetime) -> None:
    """Its money pays the debt."""
    _take(payment, PAID, "", outcome, now)


def keep_surplus(payment: Payment, outcome: Outcome, *, reason: str, now: datetime) -> None:
    """Its money settles nothing and goes back."""
    _take(payment, SURPLUS, reason, outcome, now)


def refund(payment: Payment, *, whole: bool) -> None:
    """Note a completed refund of it. `whole`: nothing is left of its money."""
    if payment.state == SURPLUS:
        payment.state = RETURNED if whole else SURPLUS
    else:
        payment.state = REFUNDED if whole else PART_REFUNDED
    payment.save(update_fields=["state"])


# ── the next question ──
def poll_anew(payment: Payment) -> None:
    """Poll at once: an answer has overtaken this one, and which of the two is newer only the provider knows."""
    payment.ask_at = Now()
    payment.save(update_fields=["ask_at"])


def stop_polling(payment: Payment) -> None:
    """End a poll that a callback had caused and that brought no news."""
    payment.ask_at = _unless_heard_of()
    payment.save(update_fields=["ask_at"])


def poll_balance(payment: Payment) -> None:
    """Poll the balance after a refund: older answers about it are void."""
    payment.left_as_of = payment.ask_at = Now()
    payment.save(update_fields=["left_as_of", "ask_at"])


def _take(payment: Payment, state: str, reason: str, outcome: Outcome, now: datetime) -> None:
    payment.state, payment.reason, payment.code = state, reason[:40], outcome.code[:60]
    payment.vendor_id = outcome.vendor_id[:200] or payment.vendor_id
    payment.finished_at, payment.lease_until, payment.ask_at = now, None, None
    payment.save(update_fields=["state", "reason", "code", "vendor_id", "finished_at", "lease_until", "ask_at"])


def _finish(payment: Payment, state: str, reason: str, outcome: Outcome, now: datetime) -> None:
    payment.finished_at = now
    _move(payment, state, reason, outcome, poll_in=None)


def _move(payment: Payment, state: str, reason: str, outcome: Outcome, *, poll_in: float | None) -> None:
    payment.state, payment.reason, payment.code, payment.lease_until = state, reason, outcome.code[:60], None
    payment.vendor_id = outcome.vendor_id[:200] or payment.vendor_id
    payment.ask_at = _unless_heard_of() if poll_in is None else _seconds_from_now(poll_in)
    payment.asked = 0
    payment.save(
        update_fields=[
            *("state", "reason", "code", "lease_until", "vendor_id", "ask_at", "asked", "finished_at"),
        ]
    )


def _is(payment: Payment, annotation: str) -> bool:
    return bool(getattr(payment, annotation))


def _past(column: str) -> Case:
    return Case(When(Q(**{f"{column}__lte": Now()}), then=Value(True)), default=False, output_field=BooleanField())


def _seconds_from_now(seconds: float) -> Combinable:
    """Return that instant, for a column: leases and polls run by the database's clock (docs/adr/0001)."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())


def _unless_heard_of() -> Case:
    """Return no further poll, but the one that an event has requested while this answer was on its way: claiming a
    payment for polling has put its next poll into the future."""
    due = When(ask_at__lte=Now(), then=F("ask_at"))
    later = When(heard_at__gt=Now(), then=F("heard_at"))
    return Case(due, later, default=None, output_field=DateTimeField())
