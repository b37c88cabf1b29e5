"""Describe what a citizen has to pay in plain values in their language, with each bill as its record and debt are at
this moment. It locks and changes no row: `standing` returns the state that a bill should have, and the next POST or
`follow_records` writes it to the row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Case, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from notifications.models.declared_holiday import STANDING, take_declared_holidays
from payments.bills.bills import NoSuchBill, open_bills, shown_bills
from payments.bills.close_bill import standing, with_other_open
from payments.bills.debts import PAID, all_of, names_of_debts, paid_among, shown_fields
from payments.bills.quote_bill import (
    OF_A_DAY,
    FileBy,
    NoteLine,
    PriceClock,
    Unquotable,
    file_by,
    keep_quotes,
    price_clock,
    price_today,
)
from payments.models import Bill, Payment, Refund
from payments.refusal_codes import (
    ALREADY_PAID,
    NOT_PAYABLE,
    UNDER_REVIEW,
    UNDER_WAY,
    UNKNOWN_TO_AGENCY,
    UNREADABLE,
)
from payments.states import CLOSED, OBJECTED, OBJECTION, OPEN, REFUNDED
from payments.tariffs.cards import card_notes
from payments.tariffs.ladder import debt_name
from payments.web.payment_view import REFUNDS, PaymentView, payment_view
from payments.words import BILL_STATES, CLOSED_BECAUSE
from secretary.kernel.database.kept_queries import KeptQuery, KeptText, Together, along, put_along
from secretary.kernel.korean.korean import Language
from secretary.kernel.time.clock import kst_date
from subscriptions.message_templates.values import Fact, fact
from subscriptions.models import Citizen
from subscriptions.specs import FieldSpec, fields_from_json

ON_A_PAGE = 20
FIELDS = "fields_of_its_kind"  # of a row: read for the facts of one bill
IS_CLOSED = Case(When(Q(state=OPEN) | Q(reason__in=(OBJECTION, OBJECTED)), then=Value(0)), default=Value(1))


def _mine(citizen: UUID, **which: Any) -> QuerySet[Bill]:
    """Return bills of a person with what showing them needs, also those that are not theirs any more."""
    return shown_bills().filter(citizen=citizen, **which).order_by("-id")


def _one(citizen: UUID, **which: Any) -> QuerySet[Bill]:
    """Return one with the fields of its kind, as text: it is read once per process for each."""
    return _mine(citizen, **which).annotate(**{FIELDS: Cast("record__data_type__live_version__fields", TextField())})


def _page(first: int, end: int, citizen: UUID) -> QuerySet[Bill]:
    """Pick them first: what is read along is looked up for these alone."""
    picked = Bill.objects.filter(citizen=citizen).order_by(IS_CLOSED, "-id").values("pk")[first:end]
    return _mine(citizen, pk__in=picked).order_by(IS_CLOSED, "-id")


PAGE = KeptQuery(_page)
ONE = KeptQuery(lambda citizen, bill: _one(citizen, pk=bill))
OF_RECORD = KeptQuery(lambda citizen, record: _one(citizen, record=record))
# What hangs on bills, and what today's prices rest on.
ALONG = Together(
    holidays=KeptText(STANDING),
    quotes=OF_A_DAY,
    payments=KeptQuery(lambda bills: Payment.objects.select_related("settlement").filter(bill__in=bills)),
    refunds=KeptQuery(lambda bills: Refund.objects.filter(payment__bill__in=bills)),
    paid=PAID,
)
BEGUN = KeptQuery(
    lambda first, end, citizen: (
        Payment.objects.filter(bill__citizen=citizen).select_related("settlement").order_by("-id")[first:end]
    )
)
OF_BEGUN = Together(refunds=REFUNDS, bills=KeptQuery(lambda citizen, bills: _mine(citizen, pk__in=bills)))


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
    fields: Mapping[str, Any]  # of the record: due_on (ISO dates) …; none where it is not theirs now, or unreadable
    facts: tuple[Fact, ...]  # the same as its data type names and writes it, without what it leaves out; none in a list
    state: str
    state_words: str
    reason: str  # paid_elsewhere | cancelled_by_agency | objection | objected | sibling | another_person, or ""
    reason_words: str
    payable: bool  # today, here: show the button
    readable: bool  # False: what the agency's record says cannot be read at the moment; nothing is said of it
    known: bool  # False: asked about it, the agency did not know it
    clock: PriceClock | None  # also while an objection stands: the deadlines do not move; None: nothing can be quoted
    payments: tuple[PaymentView, ...]  # newest first
    card_notes: tuple[NoteLine, ...]  # of paying it by card, before it is paid; none where nothing is known
    file_by: FileBy | None  # until when the person may object at the agency; None: not in this kind of debt, or unknown

    @property
    def in_review(self) -> PaymentView | None:
        """The payment that is said to have paid this and is being looked at: neither paid nor unpaid."""
        return None if self.state in (OPEN, CLOSED) else next((item for item in self.payments if item.in_review), None)

    @property
    def stop_code(self) -> str:
        """Why this bill cannot be paid at this moment; "" where it can."""
        if self.under_way:
            return UNDER_WAY
        if self.in_review:
            return UNDER_REVIEW
        if self.state == OPEN:
            if not self.readable:
                return UNREADABLE
            return "" if self.payable else NOT_PAYABLE if self.known else UNKNOWN_TO_AGENCY
        return self.reason or ("refunded" if self.state == REFUNDED else ALREADY_PAID)

    @property
    def is_owed(self) -> bool:
        """Whether the debt is still to be paid: a pause of reminders changes nothing of that, and a payment that is
        being confirmed or checked makes it neither paid nor unpaid."""
        return (self.state == OPEN or self.reason == OBJECTION) and self.under_way is None

    @property
    def under_way(self) -> PaymentView | None:
        """The payment that is being confirmed or checked; while there is one, no other can begin."""
        return next((item for item in self.payments if item.pending), None)


def view_bills(
    *, citizen: Citizen, language: Language, now: datetime, first: int = 0, most: int = ON_A_PAGE
) -> list[BillView]:
    """Return `most` bills from the `first` on: those that are open or paused before all others, the newest first. Opens
    bills for new records."""
    open_bills(citizen=citizen, now=now)
    rows = PAGE.rows(first, first + most, citizen=citizen.pk)
    return _views(rows, language, now, with_facts=False)


def view_bill(*, citizen: Citizen, bill_id: int, language: Language, now: datetime) -> BillView:
    """Raises NoSuchBill."""
    found = _views(ONE.rows(citizen=citizen.pk, bill=bill_id), language, now)
    if not found:
        raise NoSuchBill
    return found[0]


def view_bill_of_record(*, citizen: Citizen, record_id: int, language: Language, now: datetime) -> BillView | None:
    """Return the bill of the person about one record, opened where it is new; None where there is none of theirs."""
    mine = OF_RECORD.rows(citizen=citizen.pk, record=record_id)
    if not mine and open_bills(citizen=citizen, now=now):
        mine = OF_RECORD.rows(citizen=citizen.pk, record=record_id)
    found = _views(mine, language, now)
    return found[0] if found else None


def view_payments(
    *, citizen: Citizen, language: Language, now: datetime, first: int = 0, most: int = ON_A_PAGE
) -> list[PaymentView]:
    """Return `most` payments that were ever begun from the `first` on, newest first."""
    rows = BEGUN.rows(first, first + most, citizen=citizen.pk)
    if not rows:
        return []
    found = OF_BEGUN.rows(citizen=citizen.pk, payments=[row.pk for row in rows], bills={row.bill_id for row in rows})
    put_along(rows, "refunds", found["refunds"], of="payment")
    bills = {bill.pk: bill for bill in found["bills"]}
    fields = {pk: shown_fields(bill, now=now) or {} for pk, bill in bills.items()}
    there = [row for row in rows if row.bill_id in bills]  # all, but for one that is erased at this moment
    for row in there:
        row.bill = bills[row.bill_id]
    return [payment_view(row, language, fields=fields[row.bill_id]) for row in there]


def _read_along(bills: Sequence[Bill], *, now: datetime) -> set[int]:
    """Read the payments of these bills, their refunds and what is known of today's prices, by one statement. Returns
    those whose debt is paid."""
    if not bills:
        return set()
    names = names_of_debts(bill for bill in bills if bill.is_theirs)
    found = ALONG.rows(bills=[bill.pk for bill in bills], day=kst_date(now), debts=all_of(names))
    take_declared_holidays(day for (day,) in found["holidays"])
    keep_quotes(bills, found["quotes"])
    put_along(bills, "payments", found["payments"], of="bill")
    put_along(found["payments"], "refunds", found["refunds"], of="payment")
    return paid_among(names, found["paid"])


def _views(rows: Sequence[Bill], language: Language, now: datetime, *, with_facts: bool = True) -> list[BillView]:
    paid = _read_along(rows, now=now)
    others = cache(lambda: with_other_open(rows))  # asked for by few
    for row in rows:  # what its page says of it; never saved
        row.state, row.reason = standing(row, paid=lambda: row.pk in paid, has_other=lambda: row.pk in others())  # noqa: B023
    return [_bill_view(row, language, now, with_facts=with_facts) for row in rows]


def _bill_view(row: Bill, language: Language, now: datetime, *, with_facts: bool) -> BillView:
    record, theirs = row.record, row.is_theirs
    fields = shown_fields(row, now=now)
    readable, payload, specs = fields is not None, fields or {}, _specs(row) if theirs and with_facts else ()
    clock = _clock(row, language, now) if readable else None
    known = row.unknown_since is None or row.seen_version != record.version
    payable = row.state == OPEN and record.state == "open" and clock is not None and clock.amount > 0 and known
    return BillView(
        bill_id=row.pk,
        record_id=record.pk,
        title=_title(row, language),
        tariff=row.tariff,
        agency=record.data_type.agency_name(language),
        agency_phone=record.data_type.agency_phone(),
        external_id=record.external_id,
        version=record.version,
        fields=payload,
        facts=tuple(
            fact(spec, value, language) for spec in specs if (value := payload.get(spec.name)) not in (None, "")
        ),
        state=row.state,
        state_words=str(BILL_STATES[row.state]),
        reason=row.reason,
        reason_words=str(CLOSED_BECAUSE.get(row.reason, "")),
        payable=payable,
        readable=readable,
        known=known,
        clock=clock,
        payments=_payments(row, payload, language),
        card_notes=_card_notes(row, clock, language) if payable and clock is not None else (),
        file_by=file_by(row.tariff, payload, today=kst_date(now)) if theirs and readable else None,
    )


def _title(row: Bill, language: Language) -> str:
    data_type, general = row.record.data_type, debt_name(row.tariff)
    if data_type.live_version:
        return str(data_type.name(language))
    return general.en if language == "en" else general.ko


def _specs(row: Bill) -> Sequence[FieldSpec]:
    fields: str | None = getattr(row, FIELDS)
    return _compiled(fields) if fields else ()


@lru_cache(maxsize=64)
def _compiled(fields: str) -> Sequence[FieldSpec]:
    return fields_from_json(orjson.loads(fields))


def _clock(row: Bill, language: Language, now: datetime) -> PriceClock | None:
    if row.state != OPEN and row.reason not in ("objection", "objected"):
        return None
    try:
        return price_clock(price_today(bill=row, now=now), language=language)
    except Unquotable:
        return None


def _card_notes(row: Bill, clock: PriceClock, language: Language) -> tuple[NoteLine, ...]:
    permille = settings.PAYMENT_CARD_FEES.get(row.record.agency.code)
    if permille is None:
        return ()
    notes = card_notes(row.tariff, amount=clock.amount, fee_permille=permille)
    return tuple(
        NoteLine(each.code, each.what.en if language == "en" else each.what.ko, each.article) for each in notes
    )


def _payments(row: Bill, fields: Mapping[str, Any], language: Language) -> tuple[PaymentView, ...]:
    rows: Sequence[Payment] = sorted(along(row, "payments"), key=lambda item: -item.pk)
    ended_by = row.reason if row.state == CLOSED else ""
    return tuple(payment_view(item, language, fields=fields, ended_by=ended_by) for item in rows)
