"""Put outcomes, ways and the rule of a kind into words, for the report's pages and its table to download."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models.reach import (
    DROPPED,
    ENOUGH,
    FIRST,
    HOURS,
    HOURS_URGENT,
    IN_TIME,
    LATE,
    MADE,
    OUTCOMES_OF_REACH,
    SHORT,
)
from notifications.reach.figures import OPEN, split_way
from subscriptions.models.channel_choice import CHANNELS

OUTCOMES = (IN_TIME, LATE, ENOUGH, SHORT, DROPPED, OPEN)


def outcome_name(outcome: str) -> str:
    if outcome == MADE:
        return _("notices made")
    return _("still under way") if outcome == OPEN else str(OUTCOMES_OF_REACH[outcome])


def way_name(outcome: str, way: str) -> str:
    """Return by which way a notice arrived, or what was tried in vain."""
    kind, channels = split_way(way)
    names = ", ".join(str(CHANNELS.get(channel, channel)) for channel in channels)
    if outcome in (IN_TIME, LATE):
        name = names or _("a message that is not kept any more")
        if kind == FIRST:
            return _("%(channel)s, tried first") % {"channel": name}
        return _("%(channel)s, after another channel had failed") % {"channel": name}
    if outcome in (ENOUGH, SHORT):
        return _("tried: %(channels)s") % {"channels": names} if names else _("no channel could be tried")
    return ""


def rule_words(hours: int, channels: int) -> str:
    """State the rule of a kind: hours and channels, 0 where it is the default."""
    if hours:
        in_time = ngettext("In time: within %(hours)s hour.", "In time: within %(hours)s hours.", hours) % {
            "hours": hours
        }
    else:
        in_time = _("In time: within %(urgent)s hour where urgent, otherwise within %(hours)s hours.") % {
            "urgent": HOURS_URGENT,
            "hours": HOURS,
        }
    if channels:
        enough = ngettext(
            "Tried enough: after %(channels)s channel has failed.",
            "Tried enough: after %(channels)s channels have failed.",
            channels,
        ) % {"channels": channels}
    else:
        enough = _("Tried enough: after every channel that the person chose has failed.")
    return f"{in_time} {enough}"
