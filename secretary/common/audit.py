"""Put on record who did or saw what. Called inside the transaction of the deed itself."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from secretary.common.models import AUDIT_HASH, AuditEvent

BROKEN = f"""
SELECT id FROM (
    SELECT a.*, lag(a.hash, 1, ''::bytea) OVER (ORDER BY a.id) AS before FROM common_auditevent a
) a WHERE previous_hash <> before OR hash <> {AUDIT_HASH.replace("NEW.", "a.")} ORDER BY id LIMIT 1
"""  # noqa: S608  (constants)


def record_audit(
    *, now: datetime, actor: str, action: str, citizen_id: UUID | None = None, object: str = "", reason: str = ""
) -> None:
    AuditEvent.objects.create(
        at=now, actor=actor, action=action, citizen_id=citizen_id, object=object[:120], reason=reason[:200]
    )


def first_broken_link() -> int | None:
    """The id of the first event whose hash or link does not fit, None where the whole chain holds.

    A truncated end shows only against a head (id and hash of the last event) that was exported before.
    """
    with connection.cursor() as cursor:
        cursor.execute(BROKEN)
        row = cursor.fetchone()
    return int(row[0]) if row else None
