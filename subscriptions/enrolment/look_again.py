"""Match a person's open records once more when undelivered notices may reach them now."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from subscriptions.events import announce_subscribed
from subscriptions.models import Citizen, Subscription, Unreached
from subscriptions.models.unreached import ADDRESS_KIND

# People who want notices and have no way by which any could come: Toss that is not linked, a number that is another's.
NO_WAY = f"""
INSERT INTO subscriptions_unreached (citizen_id, at, reason)
SELECT c.id, %(now)s, 'no_channel' FROM subscriptions_citizen c
WHERE c.id = ANY(%(people)s) AND c.state = '{Citizen.ACTIVE}'
  AND EXISTS (SELECT 1 FROM subscriptions_subscription s WHERE s.citizen_id = c.id AND s.ended_at IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM subscriptions_channelchoice cc JOIN subscriptions_contact ct
        ON ct.citizen_id = cc.citizen_id AND ct.kind = {ADDRESS_KIND} AND ct.suspended_at IS NULL
    WHERE cc.citizen_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM subscriptions_unreached u WHERE u.citizen_id = c.id AND u.notice_id IS NULL)
ORDER BY c.id
"""  # noqa: S608  (constants)


def look_again(citizen_id: UUID) -> None:
    """After anything that may mend how a person is reached. Nothing that was told is told again.

    Joins the caller's transaction, in which the person is locked. What is found waits in `matched_at`: a lost wake-up
    loses nothing.
    """
    live = Subscription.objects.filter(citizen=citizen_id, ended_at=None, matched_at__isnull=False)
    if live.update(matched_at=None):
        announce_subscribed(citizen_id)


def look_anew(citizen_id: UUID) -> None:
    """Do the same after the number or the channels have changed: earlier failures say nothing about these."""
    Unreached.objects.filter(citizen=citizen_id).delete()
    look_again(citizen_id)


def note_reach(people: Collection[UUID], *, now: datetime) -> None:
    """Put down who of these has no way to be reached, without waiting for a notice to fail. Joins the transaction."""
    if people:
        with connection.cursor() as cursor:
            cursor.execute(NO_WAY, {"people": list(people), "now": now})


@retried
@transaction.atomic
def try_again(*, citizen_id: UUID, actor: str, now: datetime, reason: str = "") -> None:
    """Try again, as the person or a member of staff says that messages should arrive now. Raises Busy."""
    Citizen.objects.select_for_update(no_key=True).only("id").get(pk=citizen_id)
    look_again(citizen_id)
    record_audit(now=now, actor=actor, action="notices.tried_again", citizen_id=citizen_id, object="", reason=reason)
