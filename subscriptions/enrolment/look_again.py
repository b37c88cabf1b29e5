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

# People with subscriptions and no channel that can reach them: Toss that is not linked, a number with a new owner.
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
    """Schedule another match after any change that may make a person reachable. Delivered notices are not repeated.

    Joins the caller's transaction, in which the person is locked. The work is recorded in `matched_at`: a lost message
    loses nothing.
    """
    live = Subscription.objects.filter(citizen=citizen_id, ended_at=None, matched_at__isnull=False)
    if live.update(matched_at=None):
        announce_subscribed(citizen_id)


def look_anew(citizen_id: UUID) -> None:
    """Schedule it after a change of number or channels, and forget earlier failures, which do not apply any more."""
    Unreached.objects.filter(citizen=citizen_id).delete()
    look_again(citizen_id)


def note_reach(people: Collection[UUID], *, now: datetime) -> None:
    """Record those of these people who have no usable channel, before a notice fails. Joins the transaction."""
    if people:
        with connection.cursor() as cursor:
            cursor.execute(NO_WAY, {"people": list(people), "now": now})


@retried
@transaction.atomic
def try_again(*, citizen_id: UUID, actor: str, now: datetime, reason: str = "") -> None:
    """Try again, when the person or a member of staff states that messages should arrive now. Raises Busy."""
    Citizen.objects.select_for_update(no_key=True).only("id").get(pk=citizen_id)
    look_again(citizen_id)
    record_audit(now=now, actor=actor, action="notices.tried_again", citizen_id=citizen_id, object="", reason=reason)
