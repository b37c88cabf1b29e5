"""Map the codes by which NHN Cloud's Alimtalk answers to verdicts. Kakao's own results of a message: kakao.py.

Source: docs.nhncloud.com, Notification > KakaoTalk Bizmessage > Error Codes (API response codes).
"""

from collections.abc import Mapping

from notifications.channels.codes import kakao
from notifications.channels.contract import Verdict

# Codes that reject a value of one record. They count for that message only, until several records have them
# (contract.py: value_codes). A banned word may stand in the template or in a value, and is treated the same.
VALUES = frozenset(("-2019", "-2032", "-3048", "-8008")) | kakao.VALUES

# About our account, for every template and recipient: a new one may send no value over 14 characters
# ("템플릿 변수가 치환될 때 그 차이가 14개 글자를 초과하는 부분이 있는 경우(최초 사용자 제한)", error codes as of 2026).
ACCOUNT = frozenset(("-1028",))

# In the answer to a send: nothing was sent for any code but 0.
API: Mapping[str, Verdict] = {
    "0": Verdict.ACCEPTED,
    "-1000": Verdict.RETRY_LATER,  # app key: our own configuration error
    "-1001": Verdict.RETRY_LATER,  # secret key
    "-1005": Verdict.UNKNOWN,  # idempotency key repeated within 10 minutes: an earlier request was accepted
    "-1006": Verdict.RETRY_LATER,  # sender key
    "-1014": Verdict.RETRY_LATER,  # sender profile not active
    "-1027": Verdict.RETRY_LATER,  # sender profile blocked
    "-1028": Verdict.UNDELIVERABLE,  # a value over 14 characters (restriction of new accounts)
    "-2019": Verdict.UNDELIVERABLE,  # body over 1,000 characters
    "-2032": Verdict.UNDELIVERABLE,  # title over 50 characters
    "-3003": Verdict.TEMPLATE_REJECTED,  # no such template
    "-3004": Verdict.TEMPLATE_REJECTED,  # template parameters
    "-3005": Verdict.TEMPLATE_REJECTED,  # template not approved
    "-3010": Verdict.TEMPLATE_REJECTED,  # body differs from the template
    "-3011": Verdict.TEMPLATE_REJECTED,  # buttons differ
    "-3042": Verdict.TEMPLATE_REJECTED,
    "-3043": Verdict.TEMPLATE_REJECTED,
    "-3046": Verdict.TEMPLATE_REJECTED,
    "-3048": Verdict.UNDELIVERABLE,  # parameters too long
    "-3049": Verdict.TEMPLATE_REJECTED,  # parameters differ from the template
    "-4019": Verdict.UNDELIVERABLE,  # recipient number
    "-5000": Verdict.UNDELIVERABLE,  # recipient number
    "-8008": Verdict.UNDELIVERABLE,  # banned word
}
API_DEFAULT = Verdict.RETRY_LATER  # unlisted: refused, nothing sent; retried, and reviewed by an operator


def listed(status: str, code: str) -> Verdict:
    """Return the verdict of `messageStatus` (COMPLETED, FAILED, CANCEL) and `resultCode` of the list query.

    The guide names no status for a message in transit: it has no code and none of the three.
    """
    if status == "CANCEL":
        return Verdict.RETRY_LATER
    if not code:
        return {"COMPLETED": Verdict.DELIVERED, "FAILED": Verdict.UNDELIVERABLE}.get(status, Verdict.ACCEPTED)
    return kakao.CODES.get(code, kakao.DEFAULT)
