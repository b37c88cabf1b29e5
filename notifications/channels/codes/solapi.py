"""Map Solapi's message status codes to verdicts.

Source: Solapi documentation, message status codes (github.com/solapi/documents, api-reference/message-status-codes.md).
Which of the KakaoTalk codes (31xx) Solapi also reports for Naver smart notifications (NSA) is unverified.
"""

from collections.abc import Mapping

from notifications.channels.contract import Verdict

# About a value of one record (contract.py: value_codes): a name outside EUC-KR, a text that became too long by it or
# was filtered for it.
VALUES = frozenset(("1029", "1031", "2254", "3054"))

CODES: Mapping[str, Verdict] = {
    "2000": Verdict.ACCEPTED,  # accepted
    "3000": Verdict.ACCEPTED,  # with the carrier or the app
    "4000": Verdict.DELIVERED,
    "1010": Verdict.UNDELIVERABLE,  # recipient number
    "1025": Verdict.RETRY_LATER,  # the account's daily limit
    "1029": Verdict.UNDELIVERABLE,  # characters outside EUC-KR
    "1030": Verdict.RETRY_LATER,  # balance
    "1031": Verdict.UNDELIVERABLE,  # size
    "1041": Verdict.RETRY_LATER,  # sender profile: our own configuration error
    "1042": Verdict.TEMPLATE_REJECTED,  # no such template
    "1043": Verdict.TEMPLATE_REJECTED,  # differs from the template
    "1060": Verdict.UNDELIVERABLE,  # number blocked
    "1061": Verdict.UNDELIVERABLE,  # opted out (080)
    "1062": Verdict.RETRY_LATER,  # sender number not registered: our own configuration error
    "2060": Verdict.UNDELIVERABLE,  # number blocked
    "2061": Verdict.UNDELIVERABLE,  # opted out (080)
    "2062": Verdict.RETRY_LATER,  # sender number not registered
    "2063": Verdict.RETRY_LATER,  # account blocked
    "2230": Verdict.RETRY_LATER,  # balance
    "2254": Verdict.UNDELIVERABLE,  # spam, by Solapi's own judgement: perhaps for a value in it
    "3010": Verdict.UNDELIVERABLE,  # bad number
    "3032": Verdict.UNDELIVERABLE,  # not a subscriber
    "3013": Verdict.RETRY_LATER,  # sender number against the rules: our own configuration error
    "3031": Verdict.UNDELIVERABLE,  # cannot be sent
    "3040": Verdict.UNKNOWN,  # no answer in time: may have arrived
    "3041": Verdict.UNDELIVERABLE,  # phone busy
    "3042": Verdict.UNDELIVERABLE,  # out of coverage
    "3043": Verdict.UNDELIVERABLE,  # switched off
    "3044": Verdict.UNDELIVERABLE,  # the phone's store is full
    "3045": Verdict.UNDELIVERABLE,  # service suspended
    "3046": Verdict.UNDELIVERABLE,  # the phone, otherwise
    "3047": Verdict.UNDELIVERABLE,  # refused by the recipient
    "3050": Verdict.UNDELIVERABLE,  # a phone without text messages
    "3051": Verdict.UNDELIVERABLE,  # cannot be reached
    "3054": Verdict.UNDELIVERABLE,  # spam: perhaps for a value in it
    "3055": Verdict.UNDELIVERABLE,  # blocked by the recipient
    "3056": Verdict.UNDELIVERABLE,  # radio network
    "3057": Verdict.UNDELIVERABLE,  # from the radio network to the phone
    "3058": Verdict.UNDELIVERABLE,  # no route
    "3059": Verdict.RETRY_LATER,  # sender number considered forged: our own configuration error
    "3101": Verdict.RETRY_LATER,  # sender profile: our own configuration error
    "3102": Verdict.UNDELIVERABLE,  # not connected with our channel
    "3103": Verdict.TEMPLATE_REJECTED,  # differs from the template
    "3104": Verdict.UNDELIVERABLE,  # not a user of the app
    "3105": Verdict.TEMPLATE_REJECTED,  # no such template
    "3106": Verdict.RETRY_LATER,  # our channel: our own configuration error
    "3107": Verdict.UNDELIVERABLE,  # blocked, or the app unused
    "3108": Verdict.RETRY_LATER,  # outside the allowed hours
}


def verdict(code: str) -> Verdict:
    """Return the verdict of a code. Unlisted 1xxx: refused on registration, nothing sent: RETRY_LATER. Any other:
    UNKNOWN, never sent again."""
    return CODES.get(code, Verdict.RETRY_LATER if code.startswith("1") and len(code) == 4 else Verdict.UNKNOWN)
