"""Describe a payment in words. An unknown outcome is never shown as either paid or unpaid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from payments import adapters
from payments.adapters import NotOffered
from payments.bills.bills import bills_of
from payments.checkout.confirm_payment import NoSuchPayment
from payments.models import Bill, Payment
from payments.states import ABANDONED, CONFIRMING, DONE, LIVE, TAKEN, UNKNOWN, UNTOUCHED
from payments.words import IN_REVIEW, PAYMENT_STATES, REFUND_STATES, REFUSALS
from subscriptions.models import Citizen


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
    fields: Mapping[str, Any]  # of the record: which debt it was; none without its bill, or where it is not theirs now
    provider: str
    provider_title: str
    amount: int  # won, as asked for
    state: str
    state_words: str
    reason: str  # a key of words.REFUSALS where nothing was taken
    reason_words: str
    began_at: datetime
    taken: bool  # money was taken, and there is a receipt
    in_review: bool  # … and the provider and our books disagree about what is left of it: neither paid nor unpaid
    pending: bool  # it is being confirmed or checked: show "확인 중, 중복 결제되지 않습니다", offer no other payment
    live: bool  # not finished yet: the page may look again
    receipt_number: str  # "" where nothing was taken
    approved_at: datetime | None
    taken_amount: int | None  # won
    refunded: int  # won that went back
    refunds: tuple[RefundView, ...]


@dataclass(frozen=True, slots=True)
class ProviderView:
    name: str
    title: str


def view_payment(*, citizen: Citizen, order_id: str, language: str) -> PaymentView:
    """Changes nothing and asks nobody. Raises NoSuchPayment."""
    row = payments_of(citizen).filter(order_id=order_id).first()
    if row is None:
        raise NoSuchPayment
    return payment_view(row, language)


def view_payments(*, citizen: Citizen, language: str) -> list[PaymentView]:
    """All that were ever begun, newest first."""
    of_theirs = {row.pk: row for row in bills_of(citizen)}
    return [payment_view(row, language, bill=of_theirs.get(row.bill_id)) for row in payments_of(citizen)]


def view_providers(*, language: str) -> list[ProviderView]:
    """By which services a bill can be paid here."""
    return [ProviderView(name, provider_title(name, language)) for name in settings.PAYMENT_PROVIDERS]


def payments_of(citizen: Citizen) -> QuerySet[Payment]:
    rows = Payment.objects.filter(bill__citizen=citizen).select_related(
        "settlement", "bill__record__data_type__live_version"
    )
    return rows.prefetch_related("refunds").order_by("-id")


def payment_view(row: Payment, language: str, *, bill: Bill | None = None, ended_by: str = "") -> PaymentView:
    """`ended_by`: the reason for which its bill does not stand any more; what nobody has confirmed ends with it."""
    ended = bool(ended_by) and row.state in UNTOUCHED
    state, reason = (ABANDONED, ended_by) if ended else (row.state, row.reason)
    settlement = row.settlement if row.state in TAKEN else None
    refunds = sorted(row.refunds.all(), key=lambda item: item.pk)
    return PaymentView(
        order_id=row.order_id,
        bill_id=row.bill_id,
        title=(bill or row.bill).record.data_type.name(language),
        fields=bill.record.payload if bill is not None and bill.is_theirs else {},
        provider=row.provider,
        provider_title=provider_title(row.provider, language),
        amount=row.amount,
        state=state,
        state_words=str(IN_REVIEW if row.review_since else PAYMENT_STATES[state]),
        reason=reason,
        reason_words=str(REFUSALS.get(reason, "")),
        began_at=row.created_at,
        taken=settlement is not None,
        in_review=row.review_since is not None,
        pending=state in (CONFIRMING, UNKNOWN),
        live=state in LIVE,
        receipt_number=settlement.receipt_number if settlement else "",
        approved_at=settlement.approved_at if settlement else None,
        taken_amount=settlement.amount if settlement else None,
        refunded=sum(item.amount for item in refunds if item.state == DONE),
        refunds=tuple(
            RefundView(item.amount, item.state, str(REFUND_STATES[item.state]), item.finished_at) for item in refunds
        ),
    )


def provider_title(name: str, language: str) -> str:
    """Return what citizens call it; its bare name where it is not offered any more."""
    try:
        return adapters.provider(name).title["en" if language == "en" else "ko"]
    except NotOffered:
        return name
