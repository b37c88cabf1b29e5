"""Word the codes of deliveries, of gateways' answers and of feeds, as staff read them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from notifications.channels.contract import Verdict
from notifications.delivery.outcome_words import channel_name, why_not_delivered
from notifications.gateway_names import GATEWAYS
from notifications.models import Feed, Notice
from notifications.models.feed_run import RUN_STATES
from notifications.models.reach import FIRST, MADE, OTHER, OUTCOMES_OF_REACH
from notifications.states import CANCELLED, DELIVERED, FAILED, RETURNED, SENDING, SENT, TOO_LATE, UNKNOWN, WAITING
from secretary.kernel.audit.code_names import name_codes
from subscriptions.models.channel_choice import CHANNELS

DELIVERY_STATES: Final[Mapping[str, Any]] = {
    SENDING: _("being sent"),
    SENT: _("handed over, no receipt yet"),
    UNKNOWN: _("outcome being checked"),
    DELIVERED: _("delivered"),
    FAILED: _("failed"),
    RETURNED: _("not sent"),
}
YEARLY_STATES: Final[Mapping[str, Any]] = {
    WAITING: _("waiting"),
    SENDING: _("being sent"),
    SENT: _("handed over, no receipt yet"),
    UNKNOWN: _("outcome being checked"),
    DELIVERED: _("delivered"),
    FAILED: _("reached on no channel"),
    CANCELLED: _("not sent: refused or withdrawn"),
    TOO_LATE: _("not sent: the next one has begun"),
}
YEARLY_REASONS: Final[Mapping[str, Any]] = {
    "consent_withdrawn": _("consent withdrawn"),
    "refused": _("the person refuses it"),
    "too_late": _("too late"),
    "calm": _("waits in calm mode"),
    "quiet_hours": _("outside of the person's hours"),
    "no_channel": _("no usable channel"),
    "all_channels_failed": _("all channels failed"),
    "wording_stopped": _("message template stopped or not approved"),
    "channel_paused": _("channel paused"),
}
TRIAL_STATES: Final[Mapping[str, Any]] = {WAITING: _("waiting"), **DELIVERY_STATES}
VERDICTS: Final[Mapping[str, Any]] = {
    Verdict.ACCEPTED: _("accepted by the gateway"),
    Verdict.DELIVERED: _("delivered"),
    Verdict.UNDELIVERABLE: _("cannot be delivered to this person"),
    Verdict.TEMPLATE_REJECTED: _("message template refused"),
    Verdict.RETRY_LATER: _("not sent, later again"),
    Verdict.UNKNOWN: _("outcome unknown"),
}
FEED_KINDS: Final[Mapping[str, Any]] = {
    Feed.PUSH: _("signed push"),
    "http_pull": _("HTTP pull"),
    "file_drop": _("file drop"),
}

OF_REACH: Final[Mapping[str, Any]] = {
    **OUTCOMES_OF_REACH,
    MADE: _("notices made"),
    FIRST: _("tried first"),
    OTHER: _("after another channel"),
}
name_codes({**CHANNELS, **GATEWAYS, **FEED_KINDS, **RUN_STATES, **OF_REACH, **DELIVERY_STATES, "test": _("test")})


def answer_words(*, channel: str, state: str, code: str, gateway: str = "") -> str:
    """Return the gateway's code of an attempt, with what it means in words where the attempt has failed."""
    return f"{why_not_delivered(channel, code, gateway)} ({code})" if code and state in (FAILED, RETURNED) else code


def refusal_words(channel: str, code: str, gateway: str = "") -> str:
    """Return what a gateway's refusal means, with its code for the vendor. `gateway`: "" of the channel's first one."""
    return f"{why_not_delivered(channel, code, gateway)} ({code})" if code else "–"


def notice_reason(notice: Notice) -> str:
    """Return the reason of a notice's state in words; of the last gateway's ("sms:30003") the code too, for the
    vendor."""
    channel, colon, code = notice.reason.partition(":")
    if not (colon and channel in CHANNELS):
        return notice.reason_words
    return f"{channel_name(channel)}: {why_not_delivered(channel, code)} ({code})"
