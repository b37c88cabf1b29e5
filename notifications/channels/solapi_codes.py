"""Map Solapi's message status codes to verdicts.

Source: Solapi documentation, message status codes (github.com/solapi/documents). Which of the KakaoTalk codes
(31xx) Solapi also reports for Naver smart notifications (NSA) is unverified.
"""

from collections.abc import Mapping

from notifications.channels.contract import Verdict

# About a value of one record (contract.py: value_codes): a name outside EUC-KR, a text that became too long by it.
VALUES = frozenset(("1029", "1031"))

CODES: Mapping[str, Verdict] = {
    "2000": Verdict.ACCEPTED,  # accepted
    "3000": Verdict.ACCEPTED,  # with the carrier or the app
    "4000": Verdict.DELIVERED,
    "1010": Verdict.UNDELIVERABLE,  # recipient number
    "1025": Verdict.RETRY_LATER,  # the account's daily limit
    "1029": Verdict.UNDELIVERABLE,  # characters outside EUC-KR
    "1030": Verdict.RETRY_LATER,  # balance
    "1031": Verdict.UNDELIVERABLE,  # size
    "1043": Verdict.TEMPLATE_REJECTED,  # differs from the template
    "1061": Verdict.UNDELIVERABLE,  # opted out (080)
    "1062": Verdict.RETRY_LATER,  # sender number not registered: our own configuration error
    "2062": Verdict.RETRY_LATER,  # the same
    "3010": Verdict.UNDELIVERABLE,  # bad number
    "3032": Verdict.UNDELIVERABLE,  # not a subscriber
    "3040": Verdict.UNKNOWN,  # no answer in time: may have arrived
    "3043": Verdict.UNDELIVERABLE,  # switched off
    "3055": Verdict.UNDELIVERABLE,  # blocked by the recipient
    "3059": Verdict.RETRY_LATER,  # sender number considered forged: our own configuration error
    "3103": Verdict.TEMPLATE_REJECTED,  # differs from the template
    "3104": Verdict.UNDELIVERABLE,  # not a user of the app
    "3107": Verdict.UNDELIVERABLE,  # blocked, or the app unused
    "3108": Verdict.RETRY_LATER,  # outside the allowed hours
}


def verdict(code: str) -> Verdict:
    """Return the verdict of a code. Unlisted 1xxx: refused on registration, nothing sent: RETRY_LATER. Any other:
    UNKNOWN, never sent again."""
    return CODES.get(code, Verdict.RETRY_LATER if code.startswith("1") and len(code) == 4 else Verdict.UNKNOWN)
