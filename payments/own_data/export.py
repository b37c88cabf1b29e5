"""List a person's bills, what they cost when, payments, refunds, receipts and what agencies were notified of."""

from collections.abc import Iterator
from uuid import UUID

from payments.models import AgencyPosting, Bill, Payment, ProviderEvent, Quote, Refund
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


def _refunds(citizen_id: UUID) -> Iterator[Row]:
    for row in Refund.objects.filter(payment__bill__citizen=citizen_id).select_related("payment").order_by("pk"):
        yield {
            "order": row.payment.order_id,
            "amount": row.amount,
            "state": row.state,
            "reason": row.reason,
            "requested_at": row.requested_at,
            "approved_at": row.approved_at,
            "finished_at": row.finished_at,
        }


def _postings(citizen_id: UUID) -> Iterator[Row]:
    rows = AgencyPosting.objects.filter(payment__bill__citizen=citizen_id).select_related("payment").order_by("pk")
    for row in rows:
        yield {
            "order": row.payment.order_id,
            "kind": row.kind,
            "amount": row.amount,
            "state": row.state,
            "happened_at": row.happened_at,
            "acknowledged_at": row.acknowledged_at,
            "agency_reference": row.reference,
        }


def _events(citizen_id: UUID) -> Iterator[Row]:
    rows = ProviderEvent.objects.filter(payment__bill__citizen=citizen_id).select_related("payment").order_by("pk")
    for row in rows:
        assert row.payment is not None
        yield {
            "order": row.payment.order_id,
            "provider": row.provider,
            "event": row.event_id,
            "kind": row.kind,
            "received_at": row.received_at,
        }


PARTS = (
    Part(
        "bills",
        (
            *("number", "agency", "agency_number", "tariff", "state", "reason", "opened_at", "changed_at"),
            *("unknown_to_agency_since", "reminders_paused_at"),
        ),
        _bills,
    ),
    Part("quotes", ("bill", "day", "amount", "by_law", "agency_amount", "valid_until", "calculation"), _quotes),
    Part(
        "payments",
        (
            *("order", "bill", "provider", "provider_number", "amount", "state", "reason", "started_at"),
            *("confirmed_at", "finished_at", "receipt_number", "captured", "overpayment", "approved_at"),
            *("day_of_payment", "method"),
        ),
        _payments,
    ),
    Part("refunds", ("order", "amount", "state", "reason", "requested_at", "approved_at", "finished_at"), _refunds),
    Part(
        "agency_postings",
        ("order", "kind", "amount", "state", "happened_at", "acknowledged_at", "agency_reference"),
        _postings,
    ),
    Part("provider_events", ("order", "provider", "event", "kind", "received_at"), _events),
)
