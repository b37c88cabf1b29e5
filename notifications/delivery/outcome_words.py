"""Translate what a gateway reported of one attempt, for the person who was to get it, who never reads its code, and for
staff, who read both.

Which code means what: the tables of notifications/channels, with the vendors' pages.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels import twilio_sms
from notifications.channels.codes import carriers, kakao, nhn_alimtalk, nhn_sms, solapi
from notifications.channels.codes.numbers import WRONG_NUMBER as WRONG_NUMBERS
from notifications.channels.contract import Verdict
from notifications.delivery.deliver import NO_TEMPLATE
from notifications.delivery.fit import UNFIT
from notifications.delivery.gateways import gateways_of
from notifications.states import DELIVERED, FAILED, RETURNED, SENDING, SENT, UNKNOWN
from subscriptions.models.channel_choice import CHANNELS

NOT_A_USER = gettext_lazy("the number does not use %(channel)s")
BLOCKED = gettext_lazy("our messages are blocked there")
WRONG_NUMBER = gettext_lazy("the number is wrong or no longer in use")
OFF = gettext_lazy("the phone was switched off or out of reach")
CANNOT = gettext_lazy("%(channel)s cannot be received at this number")
TEXT = gettext_lazy("the channel could not carry this text")
OURS = gettext_lazy("a disturbance on our side or at the service that carries it")
Words = Mapping[Promise, tuple[str, ...]]
_KAKAO: Words = {
    NOT_A_USER: ("3019",),
    BLOCKED: ("3020",),
    CANNOT: ("2003", "3018", "4121", "MRC02"),
    TEXT: tuple(kakao.VALUES),
}
_CARRIERS: Words = {
    BLOCKED: ("3006", "E916", "E917"),
    OFF: ("2003", "2005", "2007", "3005"),
    CANNOT: ("1019", "2001", "2002", "2004", "2006", "3000", "3004", "3008", "3010", "3013", "3014", "3015"),
    TEXT: tuple(carriers.VALUES),
}
_SOLAPI: Words = {
    NOT_A_USER: ("3104",),
    BLOCKED: ("1060", "1061", "2060", "2061", "3047", "3055", "3107"),
    OFF: ("3041", "3042", "3043", "3046", "3051"),
    CANNOT: ("3031", "3044", "3045", "3050", "3056", "3057", "3058", "3102"),
    TEXT: tuple(solapi.VALUES),
}
# By gateway: what is about the person or the text. All other codes are judged by their verdict.
_OTHERS: Mapping[str, Words] = {
    "nhn": {
        **_KAKAO,
        TEXT: tuple(nhn_alimtalk.VALUES),
        OURS: tuple(nhn_alimtalk.ACCOUNT),
    },
    "sens_alimtalk": _KAKAO,
    "solapi": _SOLAPI,
    "solapi_alimtalk": _SOLAPI,
    "solapi_sms": _SOLAPI,
    "twilio": {
        BLOCKED: ("21610", "30004"),
        OFF: ("30003",),
        CANNOT: ("21612", "30006", "30008"),
        TEXT: ("21617", "21658", "30007", "30019"),
    },
    "nhn_sms": {
        **_CARRIERS,
        BLOCKED: (*_CARRIERS[BLOCKED], "-6001"),
        CANNOT: (*_CARRIERS[CANNOT], "-2024", "-2044", "-2045", "-2046"),
        TEXT: tuple(nhn_sms.VALUES),
    },
    "sens_sms": _CARRIERS,
}
CODES: Mapping[str, Words] = {
    gateway: {**words, WRONG_NUMBER: WRONG_NUMBERS[gateway]} for gateway, words in _OTHERS.items()
}
VERDICTS: Mapping[str, Mapping[str, Verdict]] = {
    "nhn": {**nhn_alimtalk.API, **kakao.CODES},
    "sens_alimtalk": kakao.CODES,
    "solapi": solapi.CODES,
    "solapi_alimtalk": solapi.CODES,
    "solapi_sms": solapi.CODES,
    "twilio": twilio_sms.CODES,
    "nhn_sms": {**nhn_sms.API, **carriers.CODES},
    "sens_sms": carriers.CODES,
}
_WORDS = {
    gateway: {code: words for words, codes in table.items() for code in codes} for gateway, table in CODES.items()
}


def channel_name(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def channel_within(channel: str) -> str:
    """Return the channel's name as it stands within a sentence: KakaoTalk, but text message."""
    return _("text message") if channel == "sms" else channel_name(channel)


def outcome_words(*, channel: str, state: str, code: str, gateway: str = "") -> str:
    """Return what came of one attempt, as a sentence. `gateway`: whose code it is, "" where that is not known."""
    words = {"channel": channel_within(channel), "why": why_not_delivered(channel, code, gateway)}
    if state == DELIVERED:
        return _("It arrived.")
    if state == FAILED:
        return _("It did not arrive: %(why)s.") % words
    if state == RETURNED:
        return _("It was not sent: %(why)s.") % words
    if state == UNKNOWN:
        return _("No answer came: it may have arrived or not. We are checking.")
    return {SENDING: _("It is being handed over."), SENT: _("It was handed over; no report has come yet.")}[state]


def why_not_delivered(channel: str, code: str, gateway: str = "") -> str:
    """Return the reason behind a gateway's code, as part of a sentence."""
    return str(reason_of(channel, code, gateway)) % {"channel": channel_within(channel)}


def reason_of(channel: str, code: str, gateway: str = "") -> Promise:
    """Return the reason itself, one of the constants above. Without a gateway it is that of the channel's first one
    that has the code."""
    if code in UNFIT or code == NO_TEMPLATE:
        return TEXT
    if gateway not in VERDICTS:
        gateway = next((name for name in gateways_of(channel) if code in VERDICTS.get(name, {})), "")
    if code in _WORDS.get(gateway, {}):
        return _WORDS[gateway][code]
    verdict = VERDICTS.get(gateway, {}).get(code)
    if verdict is Verdict.TEMPLATE_REJECTED:
        return TEXT
    return CANNOT if verdict is Verdict.UNDELIVERABLE or channel == "toss" else OURS
