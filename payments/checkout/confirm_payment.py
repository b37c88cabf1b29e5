"""CONFIRM: make the one call that captures money. Its amount is computed and checked just before.

Three short transactions with other people's servers in between, and no connection held meanwhile: look at what came
back; (query the agency;) claim the payment, with its key and a fence, so that no second device, click or worker sends
another confirm; (let the provider capture the money;) store its answer. A process that dies in between leaves a claim
whose lease ends, and the provider is polled (poll_payments.py).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from notifications.alarms import raise_alarm
from payments import adapters, transitions
from payments.adapters import NotOffered
from payments.billers.contract import Debt
from payments.bills.close_bill import follow_record, hear_agency, poll_agency
from payments.bills.debts import lock_debt, payments_under_way
from payments.bills.quote_bill import Unquotable, quote_bill
from payments.checkout.take_outcome import take_outcome
from payments.models import Bill, Payment
from payments.providers.contract import Provider, Returned
from payments.refusal_codes import (
    ALREADY_PAID,
    AMOUNT_CHANGED,
    GIVEN_UP,
    NOT_CAPTURED,
    NOT_OFFERED,
    NOT_PAYABLE,
    TAMPERED,
    TOO_LATE,
    UNDER_WAY,
)
from payments.refusals import Refused
from payments.states import CAPTURED, CONFIRMING, CREATED, OPEN, OPENED, UNKNOWN
from secretary.kernel.database.each import ends_everything, place_of
from secretary.kernel.http.connections import let_go
from secretary.kernel.log_ids import bind
from subscriptions.models import Citizen

logger = logging.getLogger(__name__)

INCOMPLETE = "incomplete"  # the adapters' word for a return without what a confirm needs: a typed address


@dataclass(frozen=True, slots=True)
class Claimed:
    """The payment is claimed: only this process confirms it."""

    payment: Payment


class NoSuchPayment(LookupError):
    """No such payment, or another person's: the caller does not learn which."""


def payment_of(citizen: Citizen, order_id: str) -> Payment:
    """Return the citizen's payment of this order, and bind its id into the log. Raises NoSuchPayment."""
    rows = Payment.objects.select_related("bill__record__agency").filter(bill__citizen=citizen)
    payment = rows.filter(order_id=order_id).first()
    if payment is None:
        raise NoSuchPayment
    bind(payment=payment.pk)
    return payment


def confirm_payment(*, citizen: Citizen, order_id: str, query: Mapping[str, str], now: datetime) -> Payment:
    """Handle the citizen's return from the provider's page, with `query`. Called again it changes nothing and charges
    nothing.

    Returns the payment: paid, or being confirmed or checked. Raises NoSuchPayment, and Refused where nothing was
    captured: with `quote` where the amount is another now, so that the citizen sees both and decides.
    """
    payment = payment_of(citizen, order_id)
    try:
        adapter = adapters.provider(payment.provider)
    except NotOffered:  # removed from the settings since it was begun
        return _answer(payment if payment.state in (*CAPTURED, CONFIRMING, UNKNOWN) else Refused(NOT_OFFERED, payment))
    returned = adapter.read_return(query)
    returned = replace(returned, vendor_id=returned.vendor_id or payment.vendor_id)
    found = _look(payment, returned, now)
    if found is not None:
        return _answer(found)
    debt = poll_agency(bill=payment.bill, now=now)
    claimed = _claim(payment, adapter, returned, debt, now)
    if not isinstance(claimed, Claimed):
        return _answer(claimed)
    return _answer(_take_money(claimed.payment, adapter, returned, now))


def _take_money(payment: Payment, adapter: Provider, returned: Returned, now: datetime) -> Payment:
    """From here on money may have been captured, so nothing but an outage raises: an answer that cannot be read or
    stored leaves the claim, whose lease ends, and the citizen reads that the payment is being checked."""
    let_go()
    try:
        outcome = adapter.confirm(adapters.order_of(payment), returned, key=payment.key)
        return take_outcome(payment_id=payment.pk, outcome=outcome, fence=payment.fence, now=now)
    except Exception as error:
        if ends_everything(error):
            raise
        logger.error("payment %s: %s at %s", payment.pk, type(error).__name__, place_of(error))
        message = f"the answer of {payment.provider} could not be processed ({type(error).__name__}); polling"
        raise_alarm(kind="payment_answer", subject=payment.order_id, message=message, now=now)
        return Payment.objects.get(pk=payment.pk)


def _answer(found: Payment | Refused) -> Payment:
    if isinstance(found, Refused):
        raise found
    if found.state in (*CAPTURED, CONFIRMING, UNKNOWN):
        return found
    raise Refused(found.reason or TOO_LATE, found)


def _look(known: Payment, returned: Returned, now: datetime) -> Payment | Refused | None:
    """None where it may be confirmed as far as we know. Locks only where there is something to write down."""
    sound = (known.state, known.bill.state, known.bill.record.state) == (OPENED, OPEN, OPEN)
    if sound and not returned.code and _fits(known, returned):
        return None
    return _look_closely(known, returned, now)


@transaction.atomic
def _look_closely(known: Payment, returned: Returned, now: datetime) -> Payment | Refused | None:
    """As `_look`; refusals are returned and not raised, so that what was learnt is kept."""
    bill, payment = _locked(known, now)
    if payment.state != OPENED:
        return Refused(NOT_CAPTURED, payment) if payment.state == CREATED else payment
    if not _fits(payment, returned):
        message = "the browser returned another order or amount; no money was captured"
        raise_alarm(kind="payment_tampered", subject=payment.order_id, message=message, now=now)
        return Refused(TAMPERED, payment)
    if returned.code == INCOMPLETE:
        return Refused(NOT_CAPTURED, payment)
    if returned.code:
        return _give_up(payment, GIVEN_UP, now, code=returned.code)
    follow_record(bill=bill, now=now)
    if bill.state != OPEN:
        return Refused(bill.reason or ALREADY_PAID, payment)
    return None


def _locked(known: Payment, now: datetime) -> tuple[Bill, Payment]:
    bill, _ = lock_debt(known.bill_id, now=now)
    payment = transitions.lock_payment(known.pk)
    payment.bill = bill
    return bill, payment


def _fits(payment: Payment, returned: Returned) -> bool:
    """Nothing that the browser sends is trusted; where it contradicts what we know, nothing is confirmed."""
    return (
        returned.order_id in ("", payment.order_id)
        and returned.amount in (None, payment.amount)
        and payment.vendor_id in ("", returned.vendor_id)
    )


def _give_up(payment: Payment, reason: str, now: datetime, *, code: str = "", quote: Any = None) -> Refused:
    transitions.abandon(payment, reason=reason, code=code, now=now)
    return Refused(reason, payment, quote)


@transaction.atomic
def _claim(
    known: Payment, adapter: Provider, returned: Returned, debt: Debt | Refused, now: datetime
) -> Claimed | Payment | Refused:
    """Claim the payment for confirming; return it as it is where another process was first; or why not."""
    bill, payment = _locked(known, now)
    if payment.state != OPENED:
        return payment
    hear_agency(bill=bill, debt=debt, now=now)
    if isinstance(debt, Refused):
        return Refused(debt.code, payment)
    if bill.state != OPEN:
        return Refused(bill.reason or ALREADY_PAID, payment)
    if payments_under_way(bill.debt).exists():
        return Refused(UNDER_WAY, payment)
    try:
        quote = quote_bill(bill=bill, now=now, agency_amount=debt.amount)
    except Unquotable:
        return _give_up(payment, NOT_PAYABLE, now)
    if quote.amount != payment.amount:
        return _give_up(payment, AMOUNT_CHANGED, now, quote=quote)
    transitions.claim(
        payment, quote=quote, vendor_id=returned.vendor_id, confirm_within=adapter.confirm_within, now=now
    )
    return Claimed(payment)
