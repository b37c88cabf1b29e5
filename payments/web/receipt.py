"""Describe a receipt: what was paid, to which agency, when, by which service, and how the amount was calculated."""

from dataclasses import dataclass
from datetime import date, datetime

from payments.bills.price_clock import PriceClock, price_clock
from payments.checkout.confirm_payment import NoSuchPayment
from payments.web.payment_view import PaymentView, payment_view, payments_of
from subscriptions.models import Citizen


@dataclass(frozen=True, slots=True)
class Receipt:
    number: str
    amount: int  # won that were captured
    in_review: bool  # our books and the provider disagree about what is left of it: no proof of anything meanwhile
    surplus: bool  # it settles nothing and goes back: no proof that the debt is paid
    paid_on: date  # the day of payment in Korea (질서위반행위규제법 §17의2)
    approved_at: datetime
    agency: str
    agency_phone: str
    external_id: str
    clock: PriceClock  # as it was quoted for this payment
    posted_at: datetime | None  # when the agency acknowledged it; None: not yet
    payment: PaymentView


def receipt_of(*, citizen: Citizen, order_id: str, language: str) -> Receipt:
    """Return the receipt of an order. Raises NoSuchPayment, also where nothing was captured."""
    rows = payments_of(citizen).select_related("settlement", "quote", "bill__record__data_type__live_version")
    row = rows.filter(order_id=order_id, settlement__isnull=False).first()
    if row is None:
        raise NoSuchPayment
    settlement, record = row.settlement, row.bill.record
    posted = row.postings.filter(kind="paid").values_list("acknowledged_at", flat=True).first()
    return Receipt(
        number=settlement.receipt_number,
        amount=settlement.amount,
        surplus=settlement.surplus,
        in_review=row.review_since is not None,
        paid_on=settlement.day,
        approved_at=settlement.approved_at,
        agency=record.data_type.agency_name(language),
        agency_phone=record.data_type.agency_phone(),
        external_id=record.external_id,
        clock=price_clock(row.quote, language=language),
        posted_at=posted,
        payment=payment_view(row, language),
    )
