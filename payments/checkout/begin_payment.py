"""BEGIN: create a payment's row, then open the provider's page. Captures no money."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from payments import adapters, transitions
from payments.adapters import NotOffered, ReturnUrls
from payments.billers.contract import Debt
from payments.bills.bills import bill_of
from payments.bills.close_bill import hear_agency, poll_agency
from payments.bills.debts import lock_debt, settled_payments
from payments.bills.quote_bill import Unquotable, quote_bill
from payments.models import Bill, Payment, Quote
from payments.providers.contract import Begun, Provider, ProviderRefused, ProviderUnavailable
from payments.refusal_codes import ALREADY_PAID, AMOUNT_CHANGED, NOT_OFFERED, NOT_PAYABLE, REPLACED, UNDER_WAY
from payments.refusals import Refused
from payments.states import LIVE, OPEN, SIBLING
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.http.connections import let_go
from secretary.kernel.log_ids import bind
from subscriptions.models import Citizen

CITIZEN = "citizen"


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
    `seen`: the amount (won) that the citizen has agreed to; where it is another one now nothing begins.

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
    """Return the payment's row. A refusal is returned, not raised: what was learnt about the bill stays written."""
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
