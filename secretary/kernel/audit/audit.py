"""Record which actor did or saw what. Called inside the transaction of the deed itself; waits for no lock."""

from datetime import datetime
from uuid import UUID

from secretary.kernel.models import AuditEvent


def record_audit(
    *, now: datetime, actor: str, action: str, citizen_id: UUID | None = None, object: str = "", reason: str = ""
) -> None:
    AuditEvent.objects.create(
        at=now, actor=actor, action=action, citizen_id=citizen_id, object=object[:120], reason=reason[:200]
    )
