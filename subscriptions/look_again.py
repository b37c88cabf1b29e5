"""What a person could not be told may reach them now: their open records are matched once more."""

from uuid import UUID

from subscriptions.events import announce_subscribed
from subscriptions.models import Subscription


def look_again(citizen_id: UUID) -> None:
    """After anything that may mend how a person is reached. Nothing that was told is told again.

    Joins the caller's transaction, in which the person is locked. What is found waits in `matched_at`: a lost wake-up
    loses nothing.
    """
    live = Subscription.objects.filter(citizen=citizen_id, ended_at=None, matched_at__isnull=False)
    if live.update(matched_at=None):
        announce_subscribed(citizen_id)
