"""PAY: open the provider's page, and on the return make the one call that captures money.

Begin: query the agency, put the payment's row down, open the page. Nothing is captured.
Confirm: three short transactions with other people's servers in between, and no connection held meanwhile: look at what
came back; (query the agency;) claim the payment, with its key and a fence, so that no second device, click or worker
sends another confirm; (let the provider capture the money;) store its answer. A process that dies in between leaves a
claim whose lease ends, and the provider is polled (poll_payments.py). Both times the amount is computed just before.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from notifications.alarms import raise_alarm
from payments import adapters, transitions
from payments.adapters import NotOffered, ReturnUrls
from payments.billers.contract import Debt
from payments.bills.bills import bill_of
from payments.bills.close_bill import follow_record, hear_agency, poll_agency
from payments.bills.debts import lock_debt, payments_under_way, settled_payments
from payments.bills.quote_bill import Unquotable, quote_bill
from payments.checkout.take_outcome import take_outcome
from payments.models import Bill, Payment, Quote
from payments.providers.contract import Begun, Provider, ProviderRefused, ProviderUnavailable, Returned
from payments.refusal_codes import (
    ALREADY_PAID,
    AMOUNT_CHANGED,
    GIVEN_UP,
    NOT_CAPTURED,
    NOT_OFFERED,
    NOT_PAYABLE,
    REPLACED,
    TAMPERED,
    TOO_LATE,
    UNDER_WAY,
)
from payments.refusals import Refused
from payments.states import CAPTURED, CONFIRMING, CREATED, LIVE, OPEN, OPENED, SIBLING, UNKNOWN
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.connections import let_go
from secretary.kernel.database.each import ends_everything, place_of
from secretary.kernel.log_ids import bind
from subscriptions.models import Citizen

logger = logging.getLogger(__name__)
CITIZEN = "citizen"
INCOMPLETE = "incomplete"  # the adapters' code for a return without the values of a confirm: a typed address


def begin_payment(
    *,
    citizen: Citizen,
    bill_id: int,
    provider: str,
    return_urls: Callable[[str], ReturnUrls],
    now: datetime,
    seen: int | None = None,
) -> tuple[Payment, Begun]:
    """Query the agency, and open the provider's page for today's amount. Returns the payment and the way to the page.
    `seen`: the amount (won) that the citizen has agreed to; if it has changed, no payment begins.

    An earlier attempt that was not confirmed ends here: only our own confirm captures money, so it is certain that
    nothing was captured with it and, since a late confirm of it is refused, that nothing will be. Raises NoSuchBill,
    Refused.
    """
    bill = bill_of(citizen, bill_id)
    adapter = _adapter(provider, bill)
    debt = poll_agency(bill=bill, now=now)
    payment = _put_down(bill_id=bill_id, provider=provider, debt=debt, seen=seen, now=now)
    if isinstance(payment, Refused):
        raise payment
    order = adapters.order_of(payment, return_urls(payment.order_id))
    let_go()
    try:
        begun = adapter.begin(order)
    except (ProviderRefused, ProviderUnavailable) as error:
        raise Refused(transitions.end_unopened(payment, error, now=now), payment) from error
    if not transitions.open_page(payment, vendor_id=begun.vendor_id):
        raise Refused(REPLACED, payment)
    return payment, begun


def _adapter(provider: str, bill: Bill) -> Provider:
    """Refuse a payment where the agency has no biller."""
    try:
        adapters.biller(bill.record.agency.code)
        return adapters.provider(provider)
    except NotOffered as error:
        raise Refused(NOT_OFFERED) from error


@transaction.atomic
def _put_down(
    *, bill_id: int, provider: str, debt: Debt | Refused, seen: int | None, now: datetime
) -> Payment | Refused:
    """Return the payment's row. A refusal is returned, not raised, so that changes of the bill are committed."""
    bill, siblings = lock_debt(bill_id, now=now)
    hear_agency(bill=bill, debt=debt, now=now)
    try:
        quote = payable_today(bill, debt, now)
    except Refused as refused:
        return refused
    if seen not in (None, quote.amount):
        return Refused(AMOUNT_CHANGED, quote=quote)
    for other in (bill, *siblings):
        transitions.abandon_untouched(bill=other, reason=REPLACED, now=now)
    if Payment.objects.filter(bill__debt=bill.debt, state__in=LIVE).exists():
        return Refused(UNDER_WAY)
    try:
        with transaction.atomic():
            payment = transitions.open_payment(bill=bill, quote=quote, provider=provider, now=now)
    except IntegrityError:  # one that the agency's correction has made one of this debt's
        return Refused(UNDER_WAY)
    bind(payment=payment.pk)
    what = f"payment:{payment.pk}"
    record_audit(now=now, actor=CITIZEN, action="payment.begun", citizen_id=bill.citizen_id, object=what)
    return payment


def payable_today(bill: Bill, debt: Debt | Refused, now: datetime) -> Quote:
    """Return the quote of a locked bill that can be paid, by the agency's answer. Raises Refused."""
    if bill.state != OPEN:
        raise Refused(bill.reason or ALREADY_PAID)
    if settled_payments(bill.debt).exists():
        raise Refused(SIBLING)
    if isinstance(debt, Refused):
        raise debt
    try:
        quote = quote_bill(bill=bill, now=now, agency_amount=debt.amount)
    except Unquotable as error:
        raise Refused(NOT_PAYABLE) from error
    if not quote.amount:
        raise Refused(NOT_PAYABLE, quote=quote)
    return quote


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
    """Return None if we know no reason against a confirm. Locks only if there is something to write."""
    sound = (known.state, known.bill.state, known.bill.record.state) == (OPENED, OPEN, OPEN)
    if sound and not returned.code and _fits(known, returned):
        return None
    return _look_closely(known, returned, now)


@transaction.atomic
def _look_closely(known: Payment, returned: Returned, now: datetime) -> Payment | Refused | None:
    """As `_look`; refusals are returned and not raised, so that changes of the bill are committed."""
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
    """Nothing that the browser sends is trusted; if it contradicts our data, nothing is confirmed."""
    return (
        returned.order_id in ("", payment.order_id)
        and returned.amount in (None, payment.amount)
        and payment.vendor_id in ("", returned.vendor_id)
    )


def _give_up(payment: Payment, reason: str, now: datetime, *, code: str = "", quote: Quote | None = None) -> Refused:
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
