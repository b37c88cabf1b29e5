"""The one place that says which rows an office sees: its people, its lists, its officials.

Every page takes them here, by the official who is signed in. A row of another office is as if it were not there, and
the attempt is on record.
"""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from secretary.kernel.audit.audit import record_audit
from subscriptions.models import BulkUpload, Citizen, Consent, Office, Official

DATA_TYPE = "vaccination"
NAMED: dict[type[Model], str] = {BulkUpload: "upload", Official: "official"}  # on the trail
Row = TypeVar("Row", bound=Model)


class NotThisOffice(LookupError):
    """No such row, or another office's: only the trail records which."""


def papers_of(office: Office) -> QuerySet[Consent]:
    """Return the consents to vaccination notices whose paper the office keeps, and that stand."""
    return Consent.objects.filter(method=Consent.PAPER, office=office, text__code=DATA_TYPE, withdrawn_at=None)


def registered_by_office(office: Office) -> QuerySet[Citizen]:
    """Return the registrations of an office, newest first; the only definition of the people that belong to it."""
    paper = papers_of(office).filter(citizen=OuterRef("pk"))
    return Citizen.objects.filter(Exists(paper), state=Citizen.ACTIVE).order_by("-created_at", "-id")


def uploads_of(official: Official) -> QuerySet[BulkUpload]:
    """Return the lists that may be opened, newest first; the only definition of that: an official's own. To the office
    manager all of her office, so that one whose official is away is not lost."""
    if official.manager:
        return uploads_at(official.office)
    return BulkUpload.objects.filter(official=official).defer("file_encrypted").order_by("-id")


def uploads_at(office: Office) -> QuerySet[BulkUpload]:
    """Return the lists of all officials of an office, newest first, for its manager."""
    lists = BulkUpload.objects.filter(official__office=office).defer("file_encrypted")
    return lists.select_related("official__user").order_by("-id")


def officials_of(manager: Official) -> QuerySet[Official]:
    """Return the officials whom an office manager decides about: those of her own office who are no managers."""
    staff = Official.objects.filter(office=manager.office_id, manager=False).exclude(pk=manager.pk)
    return staff.select_related("user", "office").order_by("-active", "user__username")


def own(rows: QuerySet[Row], key: UUID | int, *, by: Official, refused: str, now: datetime) -> Row:
    """Return the row of that key among `rows`. Raises NotThisOffice, and records the attempt as action `refused`."""
    row = rows.filter(pk=key).first()
    if row is None:
        about: dict[str, Any] = (
            {"citizen_id": key} if isinstance(key, UUID) else {"object": f"{NAMED[rows.model]}:{key}"}
        )
        record_audit(now=now, actor=f"official:{by.id}", action=refused, **about)
        raise NotThisOffice
    return row
