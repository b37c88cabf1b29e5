"""Translate what a gateway reported of one attempt, for the person who was to get it: never its code.

Which code means what: the tables of notifications/channels, with the vendors' pages.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels import nhn_codes, solapi_codes, twilio_sms
from notifications.channels.contract import Verdict
from notifications.delivery.deliver import NO_TEMPLATE
from notifications.delivery.fit import UNFIT
from notifications.states import DELIVERED, FAILED, RETURNED, SENDING, SENT, UNKNOWN
from subscriptions.models.channel_choice import CHANNELS

NOT_A_USER = gettext_lazy("the number does not use %(channel)s")
BLOCKED = gettext_lazy("our messages are blocked there")
WRONG_NUMBER = gettext_lazy("the number is wrong or no longer in use")
OFF = gettext_lazy("the phone was switched off or out of reach")
CANNOT = gettext_lazy("%(channel)s cannot be received at this number")
TEXT = gettext_lazy("the channel could not carry this text")
OURS = gettext_lazy("a disturbance on our side or at the service that carries it")
# By channel: what is about the person or the text. All other codes are judged by their verdict.
CODES: Mapping[str, Mapping[Promise, tuple[str, ...]]] = {
    "kakaotalk": {
        NOT_A_USER: ("3019",),
        BLOCKED: ("3020",),
        WRONG_NUMBER: ("-4019", "-5000", "1020", "3008"),
        CANNOT: ("2003", "3018", "4121", "MRC02"),
        TEXT: tuple(nhn_codes.VALUES),
        OURS: tuple(nhn_codes.ACCOUNT),
    },
    "naver": {
        NOT_A_USER: ("3104",),
        BLOCKED: ("1061", "3055", "3107"),
        WRONG_NUMBER: ("1010", "3010", "3032"),
        OFF: ("3043",),
        TEXT: tuple(solapi_codes.VALUES),
    },
    "sms": {
        BLOCKED: ("21610", "30004"),
        WRONG_NUMBER: ("21211", "21614", "30005"),
        OFF: ("30003",),
        CANNOT: ("21612", "30006", "30008"),
        TEXT: ("21617", "21658", "30007", "30019"),
    },
}
VERDICTS: Mapping[str, Mapping[str, Verdict]] = {
    "kakaotalk": {**nhn_codes.API, **nhn_codes.KAKAO},
    "naver": solapi_codes.CODES,
    "sms": twilio_sms.CODES,
}
_WORDS = {
    channel: {code: words for words, codes in table.items() for code in codes} for channel, table in CODES.items()
}


def channel_name(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def channel_within(channel: str) -> str:
    """Return the channel's name as it stands within a sentence: KakaoTalk, but text message."""
    return _("text message") if channel == "sms" else channel_name(channel)


def outcome_words(*, channel: str, state: str, code: str) -> str:
    """Return what came of one attempt, as a sentence."""
    words = {"channel": channel_within(channel), "why": why_not_delivered(channel, code)}
    if state == DELIVERED:
        return _("It arrived.")
    if state == FAILED:
        return _("It did not arrive: %(why)s.") % words
    if state == RETURNED:
        return _("It was not sent: %(why)s.") % words
    if state == UNKNOWN:
        return _("No answer came: it may have arrived or not. We are checking.")
    return {SENDING: _("It is being handed over."), SENT: _("It was handed over; no report has come yet.")}[state]


def why_not_delivered(channel: str, code: str) -> str:
    """Return the reason behind a gateway's code, as part of a sentence."""
    return str(reason_of(channel, code)) % {"channel": channel_within(channel)}


def reason_of(channel: str, code: str) -> Promise:
    """Return the reason itself, one of the constants above."""
    if code in UNFIT or code == NO_TEMPLATE:
        return TEXT
    if code in _WORDS.get(channel, {}):
        return _WORDS[channel][code]
    verdict = VERDICTS.get(channel, {}).get(code)
    if verdict is Verdict.TEMPLATE_REJECTED:
        return TEXT
    return CANNOT if verdict is Verdict.UNDELIVERABLE or channel == "toss" else OURS
