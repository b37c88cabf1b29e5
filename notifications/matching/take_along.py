"""MERGE: move the notices of a person's former row together with its keys when two rows are merged.

Matching then finds the earlier notices, and waiting ones go to the person's present channels. The deliveries stay
unchanged: they record time, channel and gateway.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from notifications.matching.notify_former import FREED_CAUSE
from notifications.models import TrialMessage, YearlyMessage, YearlyRefusal
from notifications.models.record import about_sql
from notifications.states import CANCELLED, FAILED, NOTIFIED, READY, TOO_LATE, WAITING
from secretary.kernel.audit.audit import record_audit
from subscriptions.models import CitizenKey

# All notices of a row that has no key left; of one that keeps a key, only those about the other person now.
GOING = f"""
SELECT n.id FROM notifications_notice n JOIN notifications_record r ON r.id = n.record_id
WHERE n.citizen_id = %(former)s AND (
    NOT EXISTS (SELECT 1 FROM subscriptions_citizenkey left_over WHERE left_over.citizen_id = %(former)s)
    OR {about_sql(record="r", citizen="%(citizen)s")} AND NOT {about_sql(record="r", citizen="%(former)s")})
ORDER BY n.id FOR UPDATE OF n
"""  # noqa: S608  (constants)
TWIN = "own.citizen_id = %(citizen)s AND own.record_id = n.record_id AND own.cause = n.cause AND n.id = ANY(%(going)s)"
# Both rows have the same notice. Of the two, the notified one stays, else the one that can still be sent.
GIVE_WAY = f"""
UPDATE notifications_notice own SET
    cause = {FREED_CAUSE.format(notice="own")},
    state = CASE WHEN own.state = '{READY}' THEN '{CANCELLED}' ELSE own.state END,
    reason = CASE WHEN own.state = '{READY}' THEN 'already_told' ELSE own.reason END,
    finished_at = coalesce(own.finished_at, %(now)s)
FROM notifications_notice n WHERE {TWIN}
  AND (own.state IN ('{CANCELLED}', '{FAILED}', '{TOO_LATE}') OR own.state = '{READY}' AND n.state = ANY(%(notified)s))
"""  # noqa: S608  (constants)
STAY_BEHIND = f"""
UPDATE notifications_notice n SET state = '{CANCELLED}', reason = 'already_told', finished_at = %(now)s
FROM notifications_notice own WHERE {TWIN} AND n.state = '{READY}'
"""  # noqa: S608  (constants)
GO = f"""
UPDATE notifications_notice n SET citizen_id = %(citizen)s,
    bundle_at = CASE WHEN n.state <> '{READY}' THEN n.bundle_at END, -- the claim asks how this person wants it
    not_before = CASE WHEN n.state = '{READY}' AND n.bundle_at > %(now)s THEN %(now)s ELSE n.not_before END
WHERE n.id = ANY(%(going)s) AND NOT EXISTS (SELECT 1 FROM notifications_notice own WHERE {TWIN})
"""  # noqa: S608  (constants)


@transaction.atomic
def take_along(*, former_id: UUID, citizen_id: UUID, now: datetime) -> int:
    """Move the notices of `former_id` to `citizen_id`, who now holds its keys; return how many. None is sent twice."""
    if not CitizenKey.objects.filter(citizen=former_id).exists():
        TrialMessage.objects.filter(citizen=former_id).update(citizen=citizen_id)
        _take_yearly_along(former_id, citizen_id)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"former": former_id, "citizen": citizen_id, "now": now, "notified": list(NOTIFIED)}
        cursor.execute(GOING, values)
        values["going"] = [pk for (pk,) in cursor.fetchall()]
        if not values["going"]:
            return 0
        for statement in (GIVE_WAY, STAY_BEHIND, GO):
            cursor.execute(statement, values)
        moved = int(cursor.rowcount)
    record_audit(
        now=now,
        actor="system",
        action="notices.moved",
        citizen_id=citizen_id,
        object=f"from:{former_id} {moved}",
    )
    return moved


def _take_yearly_along(former_id: UUID, citizen_id: UUID) -> None:
    """Move the yearly messages. Of two of one year the one that has left stays, so that no second one is sent."""
    theirs = YearlyMessage.objects.filter(citizen=former_id)
    own = YearlyMessage.objects.filter(citizen=citizen_id, year__in=theirs.exclude(state=WAITING).values("year"))
    own.filter(state=WAITING).delete()
    theirs.filter(
        year__in=list(YearlyMessage.objects.filter(citizen=citizen_id).values_list("year", flat=True))
    ).delete()
    theirs.update(citizen=citizen_id)
    for refusal in YearlyRefusal.objects.filter(citizen=former_id):
        YearlyRefusal.objects.get_or_create(citizen_id=citizen_id, defaults={"refused_at": refusal.refused_at})
        refusal.delete()
