"""Refuse the yearly message, and want it again (시행령 §15의3②1). The claim obeys it at the very next send."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications.models import YearlyMessage, YearlyRefusal
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import retried
from subscriptions.enrolment.people import lock_person

MOST = 5  # years that a page shows
HANDED_OVER = ("sent", "unknown", "delivered")
# Of a person: whether they refuse it, and the newest that left, or may have left, the newest first.
REFUSAL = KeptQuery(lambda citizen: YearlyRefusal.objects.filter(citizen=citizen).order_by("pk")[:1])
HANDED = KeptQuery(
    lambda citizen: YearlyMessage.objects.filter(citizen=citizen, state__in=HANDED_OVER).order_by("-year")[:MOST]
)


@retried
@transaction.atomic
def choose_yearly(*, citizen_id: UUID, refuses: bool, actor: str, now: datetime) -> bool:
    """Note whether the person refuses the yearly message; return whether that is new. Raises Busy."""
    lock_person(citizen_id)
    if refuses == YearlyRefusal.objects.filter(citizen=citizen_id).exists():
        return False
    if refuses:
        YearlyRefusal.objects.create(citizen_id=citizen_id, refused_at=now)
    else:
        YearlyRefusal.objects.filter(citizen=citizen_id).delete()
    action = "yearly_message.refused" if refuses else "yearly_message.wanted"
    record_audit(now=now, actor=actor, action=action, citizen_id=citizen_id)
    return True
