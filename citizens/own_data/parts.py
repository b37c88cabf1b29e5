"""List every part of a person's copy, in the order of its files. What each holds: docs/own-data.md."""

from collections.abc import Iterator
from uuid import UUID

from citizens.models import ReadNotice
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
    Part("read_notices", ("notice", "read_at"), _read),
    *payments.PARTS,
    Part("accesses_by_staff", _LINE, _accesses),
    Part("deeds", _LINE, _deeds),
)
