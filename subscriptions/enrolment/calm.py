"""CALM MODE: one message a day or a week on each channel, for notices that may wait (docs/adr/0043)."""

from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from subscriptions.events import announce_rescheduled
from subscriptions.models import Citizen


@retried
@transaction.atomic
def choose_calm(
    *, citizen_id: UUID, calm: str, at: time | None = None, weekday: int = 1, actor: str, now: datetime
) -> bool:
    """Set the person's calm mode: one of Citizen.CALM; return whether anything changed.

    `at`: the hour of the bundled message (KST), None: CALM_AT; outside of the person's hours it goes out when they
    begin. `weekday`: 1 (Monday) to 7, only for weekly ones. What waits is released at once, and held again only where
    the new choice still holds it. Raises ValueError for another mode or weekday, Busy.
    """
    if calm not in Citizen.CALM or weekday not in range(1, 8):
        raise ValueError("no such calm mode or weekday")
    citizen = Citizen.objects.select_for_update(no_key=True).get(pk=citizen_id)
    was_calm, before = citizen.calm != Citizen.NONE, (citizen.calm, citizen.calm_at, citizen.calm_weekday)
    citizen.calm, citizen.calm_at, citizen.calm_weekday = calm, at, weekday
    if before == (calm, at, weekday):
        return False
    if calm == Citizen.NONE:
        citizen.calm_since = None
    elif not was_calm:
        citizen.calm_since = now
    citizen.save(update_fields=["calm", "calm_at", "calm_weekday", "calm_since"])
    announce_rescheduled(citizen_id=citizen_id, now=now)
    record_audit(now=now, actor=actor, action="calm mode chosen", citizen_id=citizen_id, object=f"calm:{calm}")
    return True
