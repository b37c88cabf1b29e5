"""Serve the citizens' pages: plain values out, in the person's language; every lookup is of their own.

    bills(citizen=…, language=…, now=…)            what there is to pay, and what there was
    bill(citizen=…, bill_id=…, language=…, now=…)  one of them, with its price clock; raises NoSuchBill
    providers(language=…)                          by which services it can be paid
    begin(citizen=…, bill_id=…, provider=…, return_urls=…, now=…) → where to send the browser; raises Refused
    come_back(citizen=…, order_id=…, query=…, now=…) → the payment after the provider's page; raises Refused
    payment(citizen=…, order_id=…, language=…)     its state in words, for the page that is safe to close
    receipt(citizen=…, order_id=…, language=…)     what was paid; raises NoSuchPayment
    history(citizen=…, language=…)                 all payments, newest first
    object_to(…), take_back(…)                     an objection and its end

`Refused.words` says why nothing was taken; `Refused.quote`, where it is not None, is the amount that would be due now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from payments import gateways
from payments.begin_payment import begin_payment
from payments.bills import NoSuchBill, ask_once_more, behind_bills, bill_of, bills_of, follow, open_bills
from payments.confirm_payment import NoSuchPayment, confirm_payment
from payments.file_by import FileBy, file_by
from payments.gateways import ReturnUrls
from payments.models import Bill, Payment
from payments.object_to_bill import raise_objection, take_back_objection
from payments.payment_view import PaymentView, payment_view, payments_of
from payments.price_clock import NoteLine, PriceClock, price_clock
from payments.providers.contract import Begun
from payments.quote_bill import Unquotable, quote_bill
from payments.receipt import Receipt, receipt_of
from payments.refusals import Refused
from payments.states import CLOSED, OPEN
from payments.tariffs.cards import card_notes
from payments.tariffs.registry import debt_name
from payments.words import BILL_STATES, CLOSED_BECAUSE
from secretary.common.clock import kst_date
from subscriptions.models import Citizen

__all__ = ["Begun", "BillView", "NoSuchBill", "NoSuchPayment", "Refused", "ReturnUrls", "ask_once_more"]


@dataclass(frozen=True, slots=True)
class ProviderView:
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class BillView:
    """One debt as its person sees it."""

    bill_id: int
    record_id: int
    title: str  # the data type's name
    tariff: str  # traffic_fine | traffic_penalty
    agency: str
    agency_phone: str
    external_id: str  # the agency's number
    version: int  # of the record
    fields: Mapping[str, Any]  # of the record: violation, place, due_on (ISO dates) …; none where it is not theirs now
    state: str
    state_words: str
    reason: str  # paid_elsewhere | cancelled_by_agency | objection | objected | sibling | another_person, or ""
    reason_words: str
    payable: bool  # today, here: show the button
    known: bool  # False: asked about it, the agency did not know it
    clock: PriceClock | None  # also while an objection stands: the deadlines do not move; None: nothing can be quoted
    payments: tuple[PaymentView, ...]  # newest first
    card_notes: tuple[NoteLine, ...]  # of paying it by card, before it is paid; none where nothing is known
    file_by: FileBy | None  # until when the person may object at the agency; None: not in this kind of debt

    @property
    def in_review(self) -> PaymentView | None:
        """The payment that is said to have paid this and is being looked at: neither paid nor unpaid."""
        return None if self.state in (OPEN, CLOSED) else next((item for item in self.payments if item.in_review), None)

    @property
    def under_way(self) -> PaymentView | None:
        """The payment that is being confirmed or checked; while there is one no other can begin."""
        return next((item for item in self.payments if item.pending), None)


def bills(*, citizen: Citizen, language: str, now: datetime) -> list[BillView]:
    """Newest first. Opens bills for new records and follows the agencies' newest word."""
    open_bills(citizen=citizen, now=now)
    for behind in behind_bills(citizen).order_by("pk"):
        follow(bill_id=behind.pk, now=now)
    rows = bills_of(citizen).prefetch_related("payments__settlement", "payments__refunds")
    return [_bill_view(row, language, now) for row in rows]


def bill(*, citizen: Citizen, bill_id: int, language: str, now: datetime) -> BillView:
    """Raise NoSuchBill."""
    follow(bill_id=bill_of(citizen, bill_id).pk, now=now)
    row = bills_of(citizen).filter(pk=bill_id).first()
    if row is None:
        raise NoSuchBill  # it has moved to another row of the same person
    return _bill_view(row, language, now)


def providers(*, language: str) -> list[ProviderView]:
    words = "en" if language == "en" else "ko"
    return [ProviderView(name, gateways.provider(name).title[words]) for name in settings.PAYMENT_PROVIDERS]


def begin(
    *, citizen: Citizen, bill_id: int, provider: str, return_urls: Callable[[str], ReturnUrls], seen: int, now: datetime
) -> Begun:
    """Send the browser to `url` or `mobile_url`. `return_urls`: order id → addresses; `seen`: the amount (won) that
    they have agreed to. Asks the agency. Raises NoSuchBill, Refused."""
    _, begun = begin_payment(
        citizen=citizen, bill_id=bill_id, provider=provider, return_urls=return_urls, seen=seen, now=now
    )
    return begun


def come_back(*, citizen: Citizen, order_id: str, query: Mapping[str, str], now: datetime) -> Payment:
    """For all three return addresses, with the request's query. Safe to repeat. Raises NoSuchPayment, Refused."""
    return confirm_payment(citizen=citizen, order_id=order_id, query=query, now=now)


def payment(*, citizen: Citizen, order_id: str, language: str) -> PaymentView:
    """Show a payment. Changes nothing and makes no calls. Raises NoSuchPayment."""
    return _one(payments_of(citizen).filter(order_id=order_id), language)


def receipt(*, citizen: Citizen, order_id: str, language: str) -> Receipt:
    """Raise NoSuchPayment, also where nothing was paid."""
    return receipt_of(citizen=citizen, order_id=order_id, language=language)


def history(*, citizen: Citizen, language: str) -> list[PaymentView]:
    of_theirs = {row.pk: row for row in bills_of(citizen)}
    return [payment_view(row, language, bill=of_theirs.get(row.bill_id)) for row in payments_of(citizen)]


def object_to(*, citizen: Citizen, bill_id: int, now: datetime) -> None:
    """Raise NoSuchBill, Refused."""
    raise_objection(citizen=citizen, bill_id=bill_id, now=now)


def take_back(*, citizen: Citizen, bill_id: int, now: datetime) -> None:
    """Raise NoSuchBill, Refused."""
    take_back_objection(citizen=citizen, bill_id=bill_id, now=now)


def _one(rows: Any, language: str) -> PaymentView:
    row = rows.first()
    if row is None:
        raise NoSuchPayment
    return payment_view(row, language)


def _bill_view(row: Bill, language: str, now: datetime) -> BillView:
    record = row.record
    clock, known = _clock(row, language, now), row.unknown_since is None
    payable = row.state == OPEN and record.state == "open" and clock is not None and clock.amount > 0 and known
    words = debt_name(row.tariff)
    version = record.data_type.live_version
    return BillView(
        bill_id=row.pk,
        record_id=record.pk,
        title=record.data_type.name(language) if version else words.en if language == "en" else words.ko,
        tariff=row.tariff,
        agency=record.data_type.agency_name(language),
        agency_phone=record.data_type.agency_phone(),
        external_id=record.external_id,
        version=record.version,
        fields=record.payload if row.is_theirs else {},
        state=row.state,
        state_words=str(BILL_STATES[row.state]),
        reason=row.reason,
        reason_words=str(CLOSED_BECAUSE.get(row.reason, "")),
        payable=payable,
        known=known,
        clock=clock,
        payments=_payments(row, language),
        card_notes=_card_notes(row, clock, language) if payable and clock is not None else (),
        file_by=file_by(row.tariff, record.payload, today=kst_date(now)) if row.is_theirs else None,
    )


def _clock(row: Bill, language: str, now: datetime) -> PriceClock | None:
    if row.state != OPEN and row.reason not in ("objection", "objected"):
        return None
    try:
        return price_clock(quote_bill(bill=row, now=now), language=language)
    except Unquotable:
        return None


def _card_notes(row: Bill, clock: PriceClock, language: str) -> tuple[NoteLine, ...]:
    permille = settings.PAYMENT_CARD_FEES.get(row.record.agency.code)
    if permille is None:
        return ()
    notes = card_notes(row.tariff, amount=clock.amount, fee_permille=permille)
    return tuple(
        NoteLine(each.code, each.what.en if language == "en" else each.what.ko, each.article) for each in notes
    )


def _payments(row: Bill, language: str) -> tuple[PaymentView, ...]:
    rows: Sequence[Payment] = sorted(row.payments.all(), key=lambda item: -item.pk)
    return tuple(payment_view(item, language, bill=row) for item in rows)
