"""Describe a payment in words, and its receipt. An unknown outcome is never shown as either paid or unpaid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from payments import adapters
from payments.adapters import NotOffered
from payments.bills.quote_bill import PriceClock, price_clock
from payments.checkout.pay_bill import NoSuchPayment
from payments.models import AgencyPosting, Payment, Refund
from payments.states import ABANDONED, CAPTURED, CONFIRMING, DONE, LIVE, UNKNOWN, UNTOUCHED
from payments.words import IN_REVIEW, PAYMENT_STATES, REFUND_STATES, REFUSALS
from secretary.kernel.database.kept_queries import KeptQuery, Together, along, put_along
from secretary.kernel.korean.korean import Language
from subscriptions.models import Citizen

LARGE = "bill__record__data_type__live_version__fields"  # read for the facts of a bill only
KIND = "bill__record__data_type__live_version"
REFUNDS = KeptQuery(lambda payments: Refund.objects.filter(payment__in=payments))


def _payments_of(citizen: UUID, **which: Any) -> QuerySet[Payment]:
    rows = Payment.objects.filter(bill__citizen=citizen, **which).select_related("settlement", "quote", KIND)
    return rows.defer(LARGE).order_by("-id")


def _posted(payment: int) -> QuerySet[AgencyPosting, datetime | None]:
    rows = AgencyPosting.objects.filter(payment=payment, kind="paid")
    return rows.values_list("acknowledged_at", flat=True)[:1]


OF_ORDER = KeptQuery(lambda citizen, order: _payments_of(citizen, order_id=order))
SETTLED_ORDER = KeptQuery(lambda citizen, order: _payments_of(citizen, order_id=order, settlement__isnull=False))
ALONG = Together(refunds=REFUNDS, posted=KeptQuery(_posted))


@dataclass(frozen=True, slots=True)
class RefundView:
    amount: int
    state: str
    state_words: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentView:
    order_id: str
    bill_id: int
    title: str
    fields: Mapping[str, Any]  # of the record: which debt it was; none alone, or where the bill shows none
    provider: str
    provider_title: str
    amount: int  # won, as asked for
    state: str
    state_words: str
    reason: str  # a key of words.REFUSALS where nothing was captured
    reason_words: str
    began_at: datetime
    captured: bool  # money was captured, and there is a receipt
    in_review: bool  # … and the provider and our books disagree about what is left of it: neither paid nor unpaid
    pending: bool  # it is being confirmed or checked: show "확인 중, 중복 결제되지 않습니다", offer no other payment
    live: bool  # not finished yet: the page may look again
    receipt_number: str  # "" where nothing was captured
    approved_at: datetime | None
    captured_amount: int | None  # won
    refunded: int  # won that went back
    refunds: tuple[RefundView, ...]


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


@dataclass(frozen=True, slots=True)
class ProviderView:
    name: str
    title: str


def view_payment(*, citizen: Citizen, order_id: str, language: Language) -> PaymentView:
    """Changes nothing and makes no call. Raises NoSuchPayment."""
    rows = OF_ORDER.rows(citizen=citizen.pk, order=order_id)
    if not rows:
        raise NoSuchPayment
    _read_along(rows[0])
    return payment_view(rows[0], language)


def view_order(*, citizen: Citizen, order_id: str, language: Language) -> tuple[PaymentView, Receipt | None]:
    """Return a payment, and its receipt where money was captured. Changes nothing and makes no call. Raises
    NoSuchPayment."""
    rows = OF_ORDER.rows(citizen=citizen.pk, order=order_id)
    if not rows:
        raise NoSuchPayment
    posted = _read_along(rows[0])
    payment = payment_view(rows[0], language)
    return payment, _receipt(rows[0], language, payment, posted) if payment.captured else None


def receipt_of(*, citizen: Citizen, order_id: str, language: Language) -> Receipt:
    """Return the receipt of an order. Raises NoSuchPayment, also where nothing was captured."""
    rows = SETTLED_ORDER.rows(citizen=citizen.pk, order=order_id)
    if not rows:
        raise NoSuchPayment
    posted = _read_along(rows[0])
    return _receipt(rows[0], language, payment_view(rows[0], language), posted)


def _read_along(row: Payment) -> datetime | None:
    """Read the refunds of a payment; return when its agency acknowledged it."""
    found = ALONG.rows(payments=[row.pk], payment=row.pk)
    put_along([row], "refunds", found["refunds"], of="payment")
    return next(iter(found["posted"]), None)


def _receipt(row: Payment, language: Language, payment: PaymentView, posted: datetime | None) -> Receipt:
    settlement, record = row.settlement, row.bill.record
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
        payment=payment,
    )


def view_providers(*, language: Language) -> list[ProviderView]:
    """Return the services by which a bill can be paid here."""
    return [ProviderView(name, provider_title(name, language)) for name in settings.PAYMENT_PROVIDERS]


def payment_view(
    row: Payment, language: Language, *, fields: Mapping[str, Any] = MappingProxyType({}), ended_by: str = ""
) -> PaymentView:
    """Describe a payment. `fields`: of its record, as the bill shows them. `ended_by`: why its bill is closed; a
    payment in one of the states UNTOUCHED is shown as abandoned with it."""
    ended = bool(ended_by) and row.state in UNTOUCHED
    state, reason = (ABANDONED, ended_by) if ended else (row.state, row.reason)
    settlement = row.settlement if row.state in CAPTURED else None
    refunds = sorted(along(row, "refunds"), key=lambda item: item.pk)
    return PaymentView(
        order_id=row.order_id,
        bill_id=row.bill_id,
        title=row.bill.record.data_type.name(language),
        fields=fields,
        provider=row.provider,
        provider_title=provider_title(row.provider, language),
        amount=row.amount,
        state=state,
        state_words=str(IN_REVIEW if row.review_since else PAYMENT_STATES[state]),
        reason=reason,
        reason_words=str(REFUSALS.get(reason, "")),
        began_at=row.created_at,
        captured=settlement is not None,
        in_review=row.review_since is not None,
        pending=state in (CONFIRMING, UNKNOWN),
        live=state in LIVE,
        receipt_number=settlement.receipt_number if settlement else "",
        approved_at=settlement.approved_at if settlement else None,
        captured_amount=settlement.amount if settlement else None,
        refunded=sum(item.amount for item in refunds if item.state == DONE),
        refunds=tuple(
            RefundView(item.amount, item.state, str(REFUND_STATES[item.state]), item.finished_at) for item in refunds
        ),
    )


def provider_title(name: str, language: Language) -> str:
    """Return what citizens call it; its bare name where it is not offered any more."""
    try:
        return adapters.provider(name).title[language]
    except NotOffered:
        return name
