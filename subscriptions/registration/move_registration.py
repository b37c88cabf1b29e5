"""Pass a registration on to another office, with its paper: the person has moved. Both offices have it on record.

Notices go on as before; only the office that sees, corrects and ends the registration changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.models import AuditEvent
from subscriptions.enrolment.people import lock_person
from subscriptions.enrolment.receipt_numbers import receipt_of
from subscriptions.models import Citizen, Consent, Office, Official
from subscriptions.registration.scope import NotThisOffice, papers_of

MOVED = "registration.moved"
PER_PAGE = 20


class SameOffice(ValueError):
    """The office that it should be passed on to has it already."""


@dataclass(frozen=True, slots=True)
class Move:
    """A registration that was passed on, as both offices see it."""

    at: datetime
    receipt: str
    came: bool  # to this office
    other: str  # the code of the other office
    reason: str


@retried
@transaction.atomic
def move_registration(*, citizen: Citizen, official: Official, to: Office, reason: str, now: datetime) -> None:
    """Give the office's papers about the person to another office. Raises SameOffice, NotThisOffice, Busy."""
    here = official.office
    if to == here:
        raise SameOffice
    lock_person(citizen.id)
    if not papers_of(here).filter(citizen=citizen).exists():
        raise NotThisOffice
    kept = Consent.objects.filter(citizen=citizen, method=Consent.PAPER, office=here, withdrawn_at=None)
    kept.update(office=to)
    for place in (f"from:{here.code} to:{to.code}", f"to:{to.code} from:{here.code}"):
        record_audit(
            now=now, actor=f"official:{official.id}", action=MOVED, citizen_id=citizen.id, object=place, reason=reason
        )


def moves_of(office: Office, *, before: int | None = None) -> tuple[list[Move], int | None]:
    """Return the moves from and to an office, newest first, and the line before which the next page begins."""
    mine = Q(object__startswith=f"from:{office.code} ") | Q(object__startswith=f"to:{office.code} ")
    lines = AuditEvent.objects.filter(mine, action=MOVED, citizen_id__isnull=False).order_by("-id")
    if before is not None:
        lines = lines.filter(id__lt=before)
    found = list(lines[: PER_PAGE + 1])
    return _moves(found[:PER_PAGE]), found[PER_PAGE - 1].id if len(found) > PER_PAGE else None


def _moves(lines: Sequence[AuditEvent]) -> list[Move]:
    return [
        Move(
            at=line.at,
            receipt=receipt_of(line.citizen_id),
            came=line.object.startswith("to:"),
            other=line.object.rpartition(":")[2],
            reason=line.reason,
        )
        for line in lines
        if line.citizen_id is not None
    ]
