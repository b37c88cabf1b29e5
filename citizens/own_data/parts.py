"""List every part of a person's copy, in the order of its files. What each holds: docs/own-data.md."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from citizens.models import CalendarEntry, CalendarFeed, DataExport, OfficeCall, ReadNotice
from citizens.own_data.accesses import every_access
from notifications.own_data import export as notifications
from payments.own_data import export as payments
from secretary.kernel.models import AuditEvent
from secretary.kernel.own_data import Part, Row
from subscriptions.own_data import export as subscriptions


def _accesses(citizen_id: UUID) -> Iterator[Row]:
    for access in every_access(citizen_id):
        yield {
            "at": access.at,
            "who": access.who,
            "what": access.action,
            "object": access.object,
            "reason": access.reason,
        }


def _read(citizen_id: UUID) -> Iterator[Row]:
    for notice, read_at in ReadNotice.objects.filter(citizen=citizen_id).order_by("pk").values_list("pk", "read_at"):
        yield {"notice": notice, "read_at": read_at}


def _office_calls(citizen_id: UUID) -> Iterator[Row]:
    for row in OfficeCall.objects.filter(citizen=citizen_id).select_related("office").order_by("pk"):
        yield {
            "called_at": row.called_at,
            "office": row.office.name_ko,
            "notice": row.notice_id,
            "outcome": row.outcome,
            "next_call_on": row.next_call_on,
        }


def _calendar_feeds(citizen_id: UUID) -> Iterator[Row]:
    for row in CalendarFeed.objects.filter(citizen=citizen_id):
        yield {"made_at": row.made_at, "is_valid": row.token_hash is not None, "last_read_at": row.read_at}


def _calendar_days(citizen_id: UUID) -> Iterator[Row]:
    for row in CalendarEntry.objects.filter(feed=citizen_id).order_by("pk"):
        yield {
            "record": row.record_id,
            "field": row.field,
            "day": row.day,
            "sequence": row.sequence,
            "changed_at": row.changed_at,
            "cancelled_at": row.gone_at,
        }


def _copies(citizen_id: UUID) -> Iterator[Row]:
    rows = DataExport.objects.filter(citizen=citizen_id).order_by("pk")
    yield from rows.values("asked_at", "state", "made_at", "expires_at")


def _deeds(citizen_id: UUID) -> Iterator[Row]:
    """What the person and the service itself have done, by the audit trail; an objection is a line of it too."""
    events = AuditEvent.objects.filter(citizen_id=citizen_id).order_by("id")
    for event in events.exclude(actor__startswith="staff:").exclude(actor__startswith="official:").iterator():
        yield {
            "at": event.at,
            "who": event.actor,
            "what": event.action,
            "object": event.object,
            "reason": event.reason,
        }


_LINE = ("at", "who", "what", "object", "reason")
PARTS: tuple[Part, ...] = (
    *subscriptions.PARTS,
    *notifications.PARTS,
    Part("read_notices", ("notice", "read_at"), _read, (ReadNotice,)),
    Part("office_calls", ("called_at", "office", "notice", "outcome", "next_call_on"), _office_calls, (OfficeCall,)),
    Part("calendar_feeds", ("made_at", "is_valid", "last_read_at"), _calendar_feeds, (CalendarFeed,)),
    Part(
        "calendar_days",
        ("record", "field", "day", "sequence", "changed_at", "cancelled_at"),
        _calendar_days,
        (CalendarEntry,),
    ),
    *payments.PARTS,
    Part("copies", ("asked_at", "state", "made_at", "expires_at"), _copies, (DataExport,)),
    Part("accesses_by_staff", _LINE, _accesses, (AuditEvent,)),
    Part("deeds", _LINE, _deeds, (AuditEvent,)),
)
# Models that hold rows about a person and are in no part, with the reason; the copy and docs/own-data.md state it.
LEFT_OUT: Mapping[str, str] = {
    "subscriptions.CitizenKey": "keyed hashes, which we cannot read either",
    "subscriptions.PhoneCode": "sign-in codes, deleted after an hour",
    "notifications.QueueEntry": "the place in the queue of a notice, whose state is in `notices`",
    "notifications.BundleEntry": "the same for notices that wait for a bundled message",
    "notifications.TemplateComplaint": "codes of `deliveries` again, counted for a month by message template",
    "payments.Journal": "the books: the sums of `payments` and `refunds` again",
    "payments.LedgerEntry": "the same, line by line",
    "common.AuditLink": "seals of the audit trail: hashes of its lines",
    "common.LookReportLine": "the lines of `accesses_by_staff` again, counted by month",
    "common.LookReportMember": "the same, over all people that a member of staff looked at",
    "notifications.BatchFigures": "how many records of a batch were delivered: counts, which name no person",
    "notifications.YearlyRun": "how far the yearly message of a year is, and counts of it",
    "citizens.Erasure": "erasures: a person who was erased has no row here any more",
}
