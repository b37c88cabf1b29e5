"""List a person's bills, what they cost when, payments, refunds, receipts and what agencies were notified of."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from payments.models import AgencyPosting, Bill, Difference, Payment, ProviderEvent, Quote, Refund, Settlement
from secretary.kernel.own_data import Part, Row


def _bills(citizen_id: UUID) -> Iterator[Row]:
    for row in Bill.objects.filter(citizen=citizen_id).select_related("record__agency").order_by("pk"):
        yield {
            "number": row.pk,
            "agency": row.record.agency.name_ko,
            "agency_number": row.record.external_id,
            "tariff": row.tariff,
            "state": row.state,
            "reason": row.reason,
            "opened_at": row.opened_at,
            "changed_at": row.changed_at,
            "unknown_to_agency_since": row.unknown_since,
            "reminders_paused_at": row.record.objected_at if row.is_theirs else None,
        }


def _quotes(citizen_id: UUID) -> Iterator[Row]:
    for row in Quote.objects.filter(bill__citizen=citizen_id).order_by("pk"):
        yield {
            "bill": row.bill_id,
            "day": row.day,
            "amount": row.amount,
            "by_law": row.by_law,
            "agency_amount": row.agency_amount,
            "valid_until": row.valid_until,
            "calculation": row.detail,
        }


def _payments(citizen_id: UUID) -> Iterator[Row]:
    rows = Payment.objects.filter(bill__citizen=citizen_id).select_related("settlement").order_by("pk")
    for row in rows:
        receipt = getattr(row, "settlement", None)
        yield {
            "order": row.order_id,
            "bill": row.bill_id,
            "provider": row.provider,
            "provider_number": row.vendor_id,
            "amount": row.amount,
            "state": row.state,
            "reason": row.reason,
            "started_at": row.created_at,
            "confirmed_at": row.confirmed_at,
            "finished_at": row.finished_at,
            "receipt_number": receipt.receipt_number if receipt else "",
            "captured": receipt.amount if receipt else None,
            "overpayment": receipt.surplus if receipt else None,
            "approved_at": receipt.approved_at if receipt else None,
            "day_of_payment": receipt.day if receipt else None,
            "method": receipt.method if receipt else "",
        }


def _of_payments(model: Any, columns: Mapping[str, str], citizen_id: UUID) -> Iterator[Row]:
    """List rows of a model that hang on the person's payments: the order, and these columns of theirs."""
    for row in model.objects.filter(payment__bill__citizen=citizen_id).select_related("payment").order_by("pk"):
        yield {"order": row.payment.order_id, **{name: getattr(row, field) for name, field in columns.items()}}


def _part_of_payments(name: str, model: Any, *fields: str) -> Part:
    """`fields`: as the model has them, or `name:field` where the column has a name of its own."""
    columns = {field.split(":")[0]: field.split(":")[-1] for field in fields}
    return Part(name, ("order", *columns), partial(_of_payments, model, columns), (model,))


PARTS = (
    Part(
        "bills",
        (
            *("number", "agency", "agency_number", "tariff", "state", "reason", "opened_at", "changed_at"),
            *("unknown_to_agency_since", "reminders_paused_at"),
        ),
        _bills,
        (Bill,),
    ),
    Part(
        "quotes", ("bill", "day", "amount", "by_law", "agency_amount", "valid_until", "calculation"), _quotes, (Quote,)
    ),
    Part(
        "payments",
        (
            *("order", "bill", "provider", "provider_number", "amount", "state", "reason", "started_at"),
            *("confirmed_at", "finished_at", "receipt_number", "captured", "overpayment", "approved_at"),
            *("day_of_payment", "method"),
        ),
        _payments,
        (Payment, Settlement),
    ),
    _part_of_payments("refunds", Refund, "amount", "state", "reason", "requested_at", "approved_at", "finished_at"),
    _part_of_payments(
        *("agency_postings", AgencyPosting, "kind", "amount", "state", "happened_at", "acknowledged_at"),
        "agency_reference:reference",
    ),
    _part_of_payments("provider_events", ProviderEvent, "provider", "event:event_id", "kind", "received_at"),
    _part_of_payments(
        *("differences", Difference, "kind", "where", "ours", "theirs", "found_at", "resolved_at", "resolution"),
    ),
)
