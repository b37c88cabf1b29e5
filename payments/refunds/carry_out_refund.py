"""Refund money once: guarded by the balance of the payment, under one key, and polled where in doubt."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.alarms import alarm_of_row, raise_alarm
from notifications.matching.mark_paid import mark_record_unpaid
from payments import adapters, transitions
from payments.bills.debts import lock_debt
from payments.bills.surplus import request_surplus_refund
from payments.models import AgencyPosting, Bill, Refund
from payments.models.ledger import book_refunded
from payments.providers.contract import Refunded, RefundVerdict, Verdict
from payments.states import (
    DONE,
    PART_REFUNDED,
    REFUNDED,
    REFUSED,
    SENDING,
    SIBLING,
    SURPLUS,
    UNKNOWN,
)
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.connections import let_go
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.enqueue import enqueue
from secretary.kernel.persons.identifiers import uuid7

# A worker that claims a refund holds it until its next poll; one that vanished has left it SENDING, and it is polled.
# The fence keeps the answer of a worker that was overtaken from being written.
TAKE = """
WITH due AS MATERIALIZED (
    SELECT id, state FROM payments_refund
    WHERE ask_at <= clock_timestamp() AND state IN ('approved', 'sending', 'unknown')
    ORDER BY ask_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE payments_refund r SET state = CASE WHEN due.state = 'approved' THEN 'sending' ELSE r.state END,
    fence = r.fence + 1, asked = least(r.asked + 1, 1000), first_sent_at = coalesce(r.first_sent_at, clock_timestamp()),
    ask_at = clock_timestamp()
        + make_interval(secs => greatest(%(lease)s, least(%(most)s, %(first)s * 2 ^ least(r.asked, 20))))
FROM due WHERE r.id = due.id RETURNING r.id, r.fence, due.state = 'approved'
"""
AT_ONCE = 20
BALANCE = "BALANCE"  # the code of an answer that fits neither before nor after a refund
ToSend = tuple[int, int, bool]  # refund, fence, whether it has not been sent yet


def carry_out_refunds(*, now: datetime) -> int:
    """Send what was approved, poll what is in doubt. Returns how many refunds were handled."""
    values: dict[str, Any] = {
        "limit": AT_ONCE,
        "lease": settings.PAYMENT_LEASE_SECONDS,
        "first": settings.PAYMENT_POLL_SECONDS,
        "most": settings.PAYMENT_POLL_MAX_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        claimed: list[ToSend] = cursor.fetchall()
    alarm = alarm_of_row(loop="refunds", now=now)
    for_each_apart(
        claimed,
        lambda due: _carry_out(due, now),
        what="carry_out_refunds",
        on_failure=lambda due, why: alarm(due[0], why),
        ids=lambda due: {"refund": due[0]},
    )
    return len(claimed)


def _carry_out(due: ToSend, now: datetime) -> None:
    """Send a refund, or poll it. Raises NotOffered where its provider was removed from the settings: it waits until
    that is back."""
    refund_id, fence, fresh = due
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    reported = _send(refund) if fresh and not refund.outside else _poll(refund)
    if reported is not None:
        take_refunded(refund_id=refund_id, reported=reported, fence=fence, now=now)


def _send(refund: Refund) -> Refunded:
    payment = refund.payment
    let_go()
    return adapters.provider(payment.provider).refund(
        order_id=payment.order_id,
        vendor_id=payment.vendor_id,
        amount=refund.amount,
        remainder=refund.expected_remainder,
        reason=refund.reason,
        key=refund.key,
    )


def _poll(refund: Refund) -> Refunded | None:
    """Conclude from what is left of the payment. None while the provider does not answer."""
    reported = _by_balance(refund)
    if reported is None or reported.verdict is RefundVerdict.DONE:
        return reported
    if refund.outside or not _key_holds(refund):
        return _overtaken(refund, reported)
    # Not done so far, or money went back besides. The first call may still be on its way: the same key keeps two of
    # them one, for as long as the provider honours it. A refusal may mean that the first has arrived meanwhile, so the
    # balance has the last word.
    again = _send(refund)
    if again.verdict is RefundVerdict.DONE or (again.verdict is RefundVerdict.UNKNOWN and reported.code != BALANCE):
        return again
    last = _by_balance(refund)
    return last and _overtaken(refund, last)


def _overtaken(refund: Refund, reported: Refunded) -> Refunded:
    """Less is left than either before or after this refund: the provider's guard keeps it from being made any more. If
    it had been made, its amount is a part of what went back without us: the sums are the same (compare_balance.py)."""
    less = reported.code == BALANCE and reported.balance is not None and reported.balance < refund.expected_remainder
    return replace(reported, verdict=RefundVerdict.REFUSED) if less else reported


def _by_balance(refund: Refund) -> Refunded | None:
    payment = refund.payment
    let_go()
    outcome = adapters.provider(payment.provider).poll(order_id=payment.order_id, vendor_id=payment.vendor_id)
    if outcome.verdict is not Verdict.PAID or outcome.balance is None:
        return None
    if outcome.balance == refund.expected_remainder - refund.amount:
        return Refunded(RefundVerdict.DONE, outcome.balance, code=outcome.code)
    if outcome.balance == refund.expected_remainder:
        return Refunded(RefundVerdict.REFUSED, outcome.balance, code="NOT_DONE")
    return Refunded(RefundVerdict.UNKNOWN, outcome.balance, code=BALANCE)


def _key_holds(refund: Refund) -> bool:
    window = adapters.provider(refund.payment.provider).key_window
    return Refund.objects.filter(pk=refund.pk, first_sent_at__gt=Now() - window).exists()


@transaction.atomic
def take_refunded(*, refund_id: int, reported: Refunded, fence: int, now: datetime) -> Refund:
    """Apply what the provider reported: payment, bill, ledger and the agency's posting in one transaction."""
    bill_id = Refund.objects.values_list("payment__bill_id", flat=True).get(pk=refund_id)
    bill, siblings = lock_debt(bill_id, now=now)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment__settlement").get(pk=refund_id)
    # A completed refund stays completed; any other outcome only the newest claim may write.
    if refund.state in (SENDING, UNKNOWN) and (reported.verdict is RefundVerdict.DONE or refund.fence == fence):
        if reported.code == BALANCE:
            message = f"{reported.balance} won remain, which fits neither before nor after refund {refund.pk}"
            raise_alarm(kind="refund_balance", subject=refund.payment.order_id, message=message, now=now)
        _write(refund, reported, bill, siblings, now)
    return refund


def _write(refund: Refund, reported: Refunded, bill: Bill, siblings: list[Bill], now: datetime) -> None:
    refund.code, refund.vendor_id = reported.code[:60], reported.vendor_id[:200] or refund.vendor_id
    if reported.verdict is RefundVerdict.UNKNOWN:
        refund.state = UNKNOWN
    else:
        refund.state = DONE if reported.verdict is RefundVerdict.DONE else REFUSED
        refund.finished_at, refund.ask_at = now, None
    refund.save(update_fields=["state", "code", "vendor_id", "finished_at", "ask_at"])
    if refund.finished_at is not None:
        transitions.poll_balance(refund.payment)
        transaction.on_commit(lambda: enqueue("payments.ask"))
    if refund.state == DONE:
        _refunded(refund, bill, siblings, now)
    elif refund.state == REFUSED:
        message = (
            f"{refund.payment.provider} refuses refund {refund.pk} ({reported.code}); check it and request it again"
        )
        raise_alarm(kind="refund_refused", subject=refund.payment.order_id, message=message, now=now)


def _refunded(refund: Refund, bill: Bill, siblings: list[Bill], now: datetime) -> None:
    payment = refund.payment
    whole = refund.amount == refund.expected_remainder
    surplus = payment.state == SURPLUS
    book_refunded(refund=refund, now=now)
    transitions.refund(payment, whole=whole)
    if not surplus:
        _move_bill(bill, siblings, whole, now)
        _report_to_agency(refund, now)
    elif refund.outside and not whole:  # the rest of it settles nothing either
        request_surplus_refund(payment=payment, amount=payment.remainder(), reason=payment.reason, now=now)
    record_audit(
        now=now, actor="system", action="refund.done", citizen_id=bill.citizen_id, object=f"refund:{refund.pk}"
    )


def _move_bill(bill: Bill, siblings: list[Bill], whole: bool, now: datetime) -> None:
    bill.state, bill.changed_at = REFUNDED if whole else PART_REFUNDED, now
    bill.save(update_fields=["state", "changed_at"])
    if whole:  # whether the debt stands is for the agency to report again, of its siblings too
        for row in (bill, *(sibling for sibling in siblings if sibling.reason == SIBLING)):
            mark_record_unpaid(record_id=row.record_id)


def _report_to_agency(refund: Refund, now: datetime) -> None:
    AgencyPosting.objects.create(
        posting_id=uuid7().hex,
        payment=refund.payment,
        refund=refund,
        kind=AgencyPosting.REFUNDED,
        amount=refund.amount,
        happened_at=now,
        created_at=now,
        next_at=Now(),
    )
    transaction.on_commit(lambda: enqueue("payments.post"))
