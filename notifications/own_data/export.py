"""List the records about a person in clear, the notices made of them with their texts, and what came of each."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from notifications.delivery.check_codes import check_code
from notifications.models import (
    Bundle,
    Delivery,
    Notice,
    ReceiptEvent,
    Record,
    TrialMessage,
    YearlyMessage,
    YearlyRefusal,
)
from notifications.models.record import is_about
from notifications.own_data.sent_texts import sent_texts
from secretary.kernel.own_data import Part, Row
from subscriptions.models import CitizenKey

AT_ONCE = 500


def records_of(citizen_id: UUID) -> Any:
    """Return a QuerySet of the records that are about the person now."""
    keys = list(CitizenKey.objects.filter(citizen=citizen_id).values_list("key_hash", flat=True))
    return Record.objects.filter(Q(ci_hash__in=keys) | Q(person_hash__in=keys)).order_by("pk")


def _records(citizen_id: UUID) -> Iterator[Row]:
    for row in records_of(citizen_id).select_related("agency", "data_type").iterator(chunk_size=AT_ONCE):
        yield {
            "number": row.pk,
            "agency": row.agency.name_ko,
            "agency_number": row.external_id,
            "data_type": row.data_type.code,
            "version": row.version,
            "state": row.state,
            "event": row.event,
            "fields": row.payload,
            "first_read_at": row.first_seen_at,
            "read_at": row.received_at,
            "paid_here_at": row.paid_here_at,
            "reminders_paused_at": row.objected_at,
        }


def _notices(citizen_id: UUID) -> Iterator[Row]:
    rows = Notice.objects.filter(citizen=citizen_id).annotate(theirs=is_about()).select_related("stage")
    for row in rows.order_by("pk").iterator(chunk_size=AT_ONCE):
        yield {
            "number": row.pk,
            "check_code": check_code(row.pk),
            "record": row.record_id if row.theirs else None,  # another person's record is not named
            "stage": row.stage.label_ko,
            "cause": row.cause,
            "record_version": row.record_version,
            "urgent": row.urgent,
            "state": row.state,
            "reason": row.reason,
            "created_at": row.created_at,
            "not_before": row.not_before,
            "expires_at": row.expires_at,
            "finished_at": row.finished_at,
        }


def _deliveries(citizen_id: UUID) -> Iterator[Row]:
    numbers = Notice.objects.filter(citizen=citizen_id).order_by("pk").values_list("pk", flat=True).iterator()
    while chunk := list(islice(numbers, AT_ONCE)):
        for row in sent_texts(chunk):
            yield {
                "number": row.delivery_id,
                "notice": row.notice_id,
                "channel": row.channel,
                "state": row.state,
                "code": row.code,
                "gateway_number": row.vendor_id,
                "started_at": row.started_at,
                "answered_at": row.answered_at,
                "finished_at": row.finished_at,
                "title": row.title,
                "text": row.text,
                "text_is_as_sent": row.is_as_sent,
                "bundled_in": row.carrier_id,
            }


def _receipts(citizen_id: UUID) -> Iterator[Row]:
    deliveries = Notice.objects.filter(citizen=citizen_id, deliveries__isnull=False)
    numbers = deliveries.order_by("deliveries__pk").values_list("deliveries__pk", flat=True).iterator()
    while chunk := list(islice(numbers, AT_ONCE)):
        for row in ReceiptEvent.objects.filter(delivery_id__in=chunk).order_by("pk"):
            yield {
                "delivery": row.delivery_id,
                "gateway": row.gateway,
                "result": row.verdict,
                "code": row.code,
                "happened_at": row.happened_at,
                "received_at": row.received_at,
            }


def _test_messages(citizen_id: UUID) -> Iterator[Row]:
    for row in TrialMessage.objects.filter(citizen=citizen_id).order_by("pk"):
        yield {
            "number": row.pk,
            "check_code": check_code(row.number),
            "channel": row.channel,
            "state": row.state,
            "code": row.code,
            "gateway_number": row.vendor_id,
            "asked_at": row.asked_at,
            "started_at": row.started_at,
            "answered_at": row.answered_at,
            "finished_at": row.finished_at,
        }


def _yearly_messages(citizen_id: UUID) -> Iterator[Row]:
    for row in YearlyMessage.objects.filter(citizen=citizen_id).order_by("pk"):
        yield {
            "number": row.pk,
            "check_code": check_code(row.number),
            "year": row.year,
            "state": row.state,
            "reason": row.reason,
            "channel": row.channel,
            "code": row.code,
            "gateway_number": row.vendor_id,
            "started_at": row.started_at,
            "answered_at": row.answered_at,
            "finished_at": row.finished_at,
        }


def _yearly_refusals(citizen_id: UUID) -> Iterator[Row]:
    for row in YearlyRefusal.objects.filter(citizen=citizen_id):
        yield {"refused_at": row.refused_at}


PARTS = (
    Part(
        "records",
        (
            *("number", "agency", "agency_number", "data_type", "version", "state", "event", "fields"),
            *("first_read_at", "read_at", "paid_here_at", "reminders_paused_at"),
        ),
        _records,
        (Record,),
    ),
    Part(
        "notices",
        (
            *("number", "check_code", "record", "stage", "cause", "record_version", "urgent", "state", "reason"),
            *("created_at", "not_before", "expires_at", "finished_at"),
        ),
        _notices,
        (Notice,),
    ),
    Part(
        "deliveries",
        (
            *("number", "notice", "channel", "state", "code", "gateway_number", "started_at", "answered_at"),
            *("finished_at", "title", "text", "text_is_as_sent", "bundled_in"),
        ),
        _deliveries,
        (Delivery, Bundle),
    ),
    Part(
        "receipts",
        ("delivery", "gateway", "result", "code", "happened_at", "received_at"),
        _receipts,
        (ReceiptEvent,),
    ),
    Part(
        "test_messages",
        (
            *("number", "check_code", "channel", "state", "code", "gateway_number", "asked_at", "started_at"),
            *("answered_at", "finished_at"),
        ),
        _test_messages,
        (TrialMessage,),
    ),
    Part(
        "yearly_messages",
        (
            *("number", "check_code", "year", "state", "reason", "channel", "code", "gateway_number"),
            *("started_at", "answered_at", "finished_at"),
        ),
        _yearly_messages,
        (YearlyMessage,),
    ),
    Part("yearly_refusals", ("refused_at",), _yearly_refusals, (YearlyRefusal,)),
)
