"""Read bills and payments for their pages, a few statements each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When

from payments.bills.bills import WITH_NAMES
from payments.bills.quote_bill import read_quotes
from payments.models import AgencyPosting, Bill, Payment, Refund
from payments.states import OBJECTED, OBJECTION, OPEN
from secretary.kernel.database.kept_queries import KeptQuery, put_along

LARGE = "record__data_type__live_version__fields"  # read for the facts of a bill only
KIND = "bill__record__data_type__live_version"
IS_CLOSED = Case(When(Q(state=OPEN) | Q(reason__in=(OBJECTION, OBJECTED)), then=Value(0)), default=Value(1))


def _mine(citizen: UUID, **which: Any) -> QuerySet[Bill]:
    """Return bills of a person with what showing them needs, also those that are not theirs any more."""
    return Bill.with_about().filter(citizen=citizen, **which).select_related(*WITH_NAMES).order_by("-id")


def _picked(first: int, end: int, citizen: UUID) -> QuerySet[Bill, int]:
    mine = Bill.objects.filter(citizen=citizen).order_by(IS_CLOSED, "-id")
    return mine.values_list("pk", flat=True)[first:end]


PICKED = KeptQuery(_picked)
ONE = KeptQuery(lambda citizen, bill: _mine(citizen, pk=bill))
OF_RECORD = KeptQuery(lambda citizen, record: _mine(citizen, record=record))
LISTED = KeptQuery(lambda citizen, bills: _mine(citizen, pk__in=bills).defer(LARGE))
PAYMENTS = KeptQuery(lambda bills: Payment.objects.select_related("settlement", "quote").filter(bill__in=bills))
REFUNDS = KeptQuery(lambda payments: Refund.objects.filter(payment__in=payments))


def _payments_of(citizen: UUID, **which: Any) -> QuerySet[Payment]:
    rows = Payment.objects.filter(bill__citizen=citizen, **which).select_related("settlement", KIND)
    return rows.defer(f"bill__{LARGE}").order_by("-id")


def _posted(payment: int) -> QuerySet[AgencyPosting, datetime | None]:
    rows = AgencyPosting.objects.filter(payment=payment, kind="paid")
    return rows.values_list("acknowledged_at", flat=True)[:1]


BEGUN = KeptQuery(
    lambda first, end, citizen: (
        Payment.objects.filter(bill__citizen=citizen).select_related("settlement").order_by("-id")[first:end]
    )
)  # their bills: LISTED
OF_ORDER = KeptQuery(lambda citizen, order: _payments_of(citizen, order_id=order))
SETTLED_ORDER = KeptQuery(
    lambda citizen, order: _payments_of(citizen, order_id=order, settlement__isnull=False).select_related("quote")
)
POSTED = KeptQuery(_posted)


def with_payments(bills: Sequence[Bill], *, now: datetime) -> Sequence[Bill]:
    """Read the payments of these bills, their refunds and what is known of today's prices."""
    read_quotes(bills, now=now)
    payments = PAYMENTS.rows(bills=[bill.pk for bill in bills]) if bills else []
    put_along(bills, "payments", payments, of="bill")
    with_refunds(payments)
    return bills


def with_refunds(payments: Sequence[Payment]) -> Sequence[Payment]:
    found = REFUNDS.rows(payments=[payment.pk for payment in payments]) if payments else ()
    put_along(payments, "refunds", found, of="payment")
    return payments
