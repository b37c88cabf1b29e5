"""BEGIN: a payment's row first, then the provider's page. Takes no money."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from payments import gateways
from payments.ask_agency import ask_agency, hear_agency
from payments.bills import bill_of
from payments.close_bill import give_up
from payments.database_time import seconds_from_now
from payments.debts import lock_debt, settled_payments
from payments.desks.contract import Debt
from payments.gateways import NotOffered
from payments.models import Bill, Payment, Quote
from payments.providers.contract import Begun, Order, Provider, ProviderRefused, ProviderUnavailable
from payments.quote_bill import Unquotable, quote_bill
from payments.refusals import Refused
from payments.states import ABANDONED, CREATED, DECLINED, LIVE, OPEN, OPENED, SIBLING
from payments.tariffs.registry import debt_name
from secretary.common.audit import record_audit
from secretary.common.blind_index import blind_index
from secretary.common.connections import let_go
from secretary.common.identifiers import uuid7
from subscriptions.models import Citizen

CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class ReturnUrls:
    """Absolute addresses to which a provider sends the browser back. They name the order and nothing else."""

    success: str
    cancel: str
    fail: str


def begin_payment(
    *,
    citizen: Citizen,
    bill_id: int,
    provider: str,
    return_urls: Callable[[str], ReturnUrls],
    now: datetime,
    seen: int | None = None,
) -> tuple[Payment, Begun]:
    """Ask the agency, and open the provider's page for today's amount; the payment and where to send the browser.
    `seen`: the amount (won) that the person has agreed to; where it is another one now nothing begins.

    An earlier attempt that was not confirmed ends here: only our own confirm takes money, so it is certain that nothing
    was taken with it and, since a late confirm of it is refused, that nothing will be. Raises NoSuchBill, Refused.
    """
    bill = bill_of(citizen, bill_id)
    counter = _counter(provider, bill)
    debt = ask_agency(bill=bill, now=now)
    payment = _put_down(bill_id=bill_id, provider=provider, debt=debt, seen=seen, now=now)
    if isinstance(payment, Refused):
        raise payment
    order = order_of(payment, return_urls(payment.order_id))
    let_go()
    try:
        begun = counter.begin(order)
    except ProviderRefused as error:
        _end(payment, DECLINED, "provider_refused", now, code=error.code)
        raise Refused("provider_refused", payment) from error
    except ProviderUnavailable as error:
        _end(payment, ABANDONED, "provider_unavailable", now)
        raise Refused("provider_unavailable", payment) from error
    _opened(payment, begun)
    return payment, begun


def _counter(provider: str, bill: Bill) -> Provider:
    """Nobody pays where the agency can neither be asked nor told."""
    try:
        gateways.desk(bill.record.agency.code)
        return gateways.provider(provider)
    except NotOffered as error:
        raise Refused("not_offered") from error


def order_of(payment: Payment, urls: ReturnUrls | None = None) -> Order:
    """The payment as its provider knows it. Without `urls` it is good for a confirm only."""
    urls = urls or ReturnUrls("", "", "")
    return Order(
        order_id=payment.order_id,
        amount=payment.amount,
        name=debt_name(payment.bill.tariff).ko,
        payer=blind_index("payer", str(payment.bill.citizen_id)).hex()[:40],
        success_url=urls.success,
        cancel_url=urls.cancel,
        fail_url=urls.fail,
    )


@transaction.atomic
def _put_down(
    *, bill_id: int, provider: str, debt: Debt | Refused, seen: int | None, now: datetime
) -> Payment | Refused:
    """The payment's row. A refusal is returned, not raised: what was learnt about the bill stays written."""
    bill, siblings = lock_debt(bill_id, now=now)
    hear_agency(bill=bill, debt=debt, now=now)
    try:
        quote = payable_today(bill, debt, now)
    except Refused as refused:
        return refused
    if seen not in (None, quote.amount):
        return Refused("amount_changed", quote=quote)
    for other in (bill, *siblings):
        give_up(bill=other, reason="replaced", now=now)
    if Payment.objects.filter(bill__debt=bill.debt, state__in=LIVE).exists():
        return Refused("under_way")
    try:
        with transaction.atomic():
            payment = _draw_up(bill, quote, provider, now)
    except IntegrityError:  # one that the agency's correction has made one of this debt's
        return Refused("under_way")
    what = f"payment:{payment.pk}"
    record_audit(now=now, actor=CITIZEN, action="payment.begun", citizen_id=bill.citizen_id, object=what)
    return payment


def _draw_up(bill: Bill, quote: Quote, provider: str, now: datetime) -> Payment:
    stale = seconds_from_now(settings.PAYMENT_STALE_MINUTES * 60)
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


def payable_today(bill: Bill, debt: Debt | Refused, now: datetime) -> Quote:
    """The quote of a locked bill that can be paid, by what the agency has just said. Raises Refused."""
    if bill.state != OPEN:
        raise Refused(bill.reason or "already_paid")
    if settled_payments(bill.debt).exists():
        raise Refused(SIBLING)
    if isinstance(debt, Refused):
        raise debt
    try:
        quote = quote_bill(bill=bill, now=now, agency_amount=debt.amount)
    except Unquotable as error:
        raise Refused("not_payable") from error
    if not quote.amount:
        raise Refused("not_payable", quote=quote)
    return quote


def _opened(payment: Payment, begun: Begun) -> None:
    """Raises Refused where another device or a second click has begun anew in the meantime."""
    mine = Payment.objects.filter(pk=payment.pk, state=CREATED)
    if not mine.update(state=OPENED, vendor_id=begun.vendor_id[:200]):
        raise Refused("replaced", payment)
    payment.state, payment.vendor_id = OPENED, begun.vendor_id


def _end(payment: Payment, state: str, reason: str, now: datetime, *, code: str = "") -> None:
    mine = Payment.objects.filter(pk=payment.pk, state=CREATED)
    mine.update(state=state, reason=reason, code=code[:60], finished_at=now, ask_at=None)
