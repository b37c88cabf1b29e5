"""Say of a notice what became of it and why, for its person: each state and each reason of notifications/models/notice.

A message that arrived counts as arrived whatever the notice's own state says: a carrier may report late
(docs/adr/0023), and a final state is not changed any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.delivery.outcome_words import channel_within, why_not_delivered
from notifications.states import CANCELLED, DELIVERED, FAILED, READY, REVIEW, SENDING, TOO_LATE, UNKNOWN
from secretary.kernel.language import moment

STATES: Mapping[str, Promise] = {
    READY: gettext_lazy("Not sent yet"),
    SENDING: gettext_lazy("On its way"),
    UNKNOWN: gettext_lazy("We are checking whether it arrived"),
    REVIEW: gettext_lazy("Our staff is checking it"),
    DELIVERED: gettext_lazy("Arrived"),
    FAILED: gettext_lazy("Did not reach you"),
    CANCELLED: gettext_lazy("Not sent"),
    TOO_LATE: gettext_lazy("Not sent: too late"),
}
# Of REASONS, in the words of the person concerned. "{time}": when it is tried (again).
SENTENCES: Mapping[str, Promise] = {
    "erased": gettext_lazy("Your data had been erased when it was due."),
    "unsubscribed": gettext_lazy("You did not want this kind of notice any more when it was due."),
    "consent_withdrawn": gettext_lazy("You had withdrawn your consent when it was due."),
    "another_person": gettext_lazy("Before it was sent, the agency reported that this is about another person."),
    "already_told": gettext_lazy("You had been notified of the same before, so it was not sent twice."),
    "already_delivered": gettext_lazy("It had arrived already, so it was not sent again."),
    "withdrawn_by_agency": gettext_lazy("The agency had taken this back when it was due."),
    "settled": gettext_lazy("When it was due this was settled already: paid, completed or decided."),
    "superseded": gettext_lazy("A newer notice had replaced it when it was due."),
    "too_late": gettext_lazy("It would have come too late to help you, so it was not sent."),
    "objection": gettext_lazy(
        "It waits, because you paused the reminders of this. Reminders before a deadline still come."
    ),
    "quiet_hours": gettext_lazy("It is held back until {time}. Outside of your hours only urgent notices are sent."),
    "calm": gettext_lazy("It waits for the message in which your notices are bundled, at {time}."),
    "no_channel": gettext_lazy("None of the channels that you chose can be used for you at the moment."),
    "all_channels_failed": gettext_lazy("It failed on each of your channels."),
    "wording_stopped": gettext_lazy(
        "The service that carries it does not accept its text at the moment. Our staff has been alerted, and it is "
        "tried again at {time}."
    ),
    "channel_paused": gettext_lazy(
        "The channel that it goes by is paused because of a disturbance. It is tried again at {time}."
    ),
    "gateway_silent": gettext_lazy(
        "It may have arrived, but no report of it came. So that you do not get it twice, our staff decides what "
        "happens."
    ),
    "lease_expired": gettext_lazy("Sending was interrupted on our side."),
    "cannot_compose": gettext_lazy(
        "The message could not be written from what the agency sent. Our staff has been alerted."
    ),
    "resent": gettext_lazy("Our staff has checked it and had it sent once more."),
    "closed_by_staff": gettext_lazy("Our staff has checked it and decided not to send it."),
}
REMEDIES = {"no_channel": "channels", "all_channels_failed": "channels", "unsubscribed": "kinds"}


@dataclass(frozen=True, slots=True)
class Why:
    """What became of a notice: in a word, and in a sentence with its reason ("" where there is none to give)."""

    state: str  # one of STATES
    headline: str
    sentence: str
    remedy: str  # channels | kinds | "": where the person can change it


def why(state: str, reason: str, *, not_before: datetime, arrived: str, now: datetime) -> Why:
    """Explain the notice. `arrived`: the channel on which one of its messages arrived, by a receipt; "" for none."""
    if arrived:
        headline = _("Arrived by %(channel)s") % {"channel": channel_within(arrived)}
        return Why(DELIVERED, headline, "", "")
    if state == DELIVERED:  # no message of it that we keep says so
        return Why(SENDING, str(STATES[SENDING]), "", "")
    return Why(state, str(STATES[state]), _sentence(state, reason, not_before, now), REMEDIES.get(reason, ""))


def _sentence(state: str, reason: str, not_before: datetime, now: datetime) -> str:
    if reason in SENTENCES:
        return str(SENTENCES[reason]).format(time=moment(max(not_before, now)))
    channel, _colon, code = reason.partition(":")
    if state == READY and code:
        words = {"channel": channel_within(channel), "why": why_not_delivered(channel, code)}
        return _("It could not be delivered by %(channel)s: %(why)s. It is sent again or by your next channel.") % words
    if state == READY:
        return (
            _("Its turn comes in a moment: it is sent then, unless it is outside of your hours or no longer true.")
            if not_before <= now
            else _("It is sent at %(time)s.") % {"time": moment(not_before)}
        )
    if state == UNKNOWN:
        return _(
            "It was handed over, but no answer came. It is not sent again before we know, so you do not get it twice."
        )
    if state == SENDING:
        return _("It was handed over; whether it has arrived has not been reported yet.")
    return ""
