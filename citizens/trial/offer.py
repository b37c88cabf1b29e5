"""Tell what the button for a test message needs: the channel, or why there is none."""

from datetime import datetime
from typing import Any

from django.conf import settings

from citizens.trial.trial_words import refusal_words
from notifications.delivery.outcome_words import channel_within
from notifications.models import TrialMessage
from notifications.trials.ask_trial import LIMIT, NEWEST
from notifications.trials.trial_way import CHOSEN, way_of
from secretary.kernel.database.kept_queries import Together
from subscriptions.models import Citizen

FOUND = Together(**CHOSEN, newest=NEWEST)


def offer_of(citizen: Citizen, *, now: datetime) -> dict[str, Any]:
    """Return the values of templates/citizens/trial/ask.html."""
    found = FOUND.rows(citizen=citizen.pk)
    way = way_of(citizen, now=now, chosen=found)
    newest: TrialMessage | None = next(iter(found["newest"]), None)
    return {
        "channel": channel_within(way.channel) if way.channel else "",
        "why_not": refusal_words(way.why_not, way.channel) if way.why_not else "",
        "newest": newest,
        "after": newest.pk if newest else 0,
        "most": settings.ATTEMPT_LIMITS[LIMIT][0],
    }
