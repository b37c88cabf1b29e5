"""Map NHN Cloud's and Kakao's result codes to verdicts.

Source: docs.nhncloud.com, Notification > KakaoTalk Bizmessage > Error Codes (API response codes; AlimTalk
sending result codes). 3018–3020 are in Kakao's list as other dealers give it (NAVER Cloud SENS), no longer in
NHN's.
"""

from collections.abc import Mapping

from notifications.channels.contract import Verdict

# Codes that reject a value of one record. They count for that message only, until several records have them
# (contract.py: value_codes). A banned word may stand in the template or in a value, and is treated the same.
VALUES = frozenset(("-2019", "-2032", "-3048", "-8008", "3014", "3025", "3029"))

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

# Kakao's result for one message, in a webhook or in the list query.
KAKAO: Mapping[str, Verdict] = {
    "1000": Verdict.DELIVERED,
    "MRC01": Verdict.DELIVERED,  # the list query's filter value for success; as a field value unverified
    "MRC02": Verdict.UNDELIVERABLE,  # the same for failure, without a reason
    "1003": Verdict.RETRY_LATER,  # sender profile key
    "1006": Verdict.RETRY_LATER,  # sender profile deleted …
    "1007": Verdict.RETRY_LATER,  # … blocked
    "1021": Verdict.RETRY_LATER,  # channel blocked …
    "1022": Verdict.RETRY_LATER,  # … closed
    "1023": Verdict.RETRY_LATER,  # … deleted
    "1024": Verdict.RETRY_LATER,  # … about to be deleted
    "1025": Verdict.RETRY_LATER,  # … sanctioned
    "1020": Verdict.UNDELIVERABLE,  # phone number invalid
    "2003": Verdict.UNDELIVERABLE,  # channel not added (test server)
    "3005": Verdict.UNKNOWN,  # sent, receipt not confirmed: can still arrive within 3 days. Not a failure
    "3006": Verdict.RETRY_LATER,  # Kakao's internal error, sending failed
    "3008": Verdict.UNDELIVERABLE,  # phone number error
    "3012": Verdict.UNKNOWN,  # communication with Kakao failed, before or after it was sent
    "3014": Verdict.UNDELIVERABLE,  # length
    "3015": Verdict.TEMPLATE_REJECTED,  # no template
    "3016": Verdict.TEMPLATE_REJECTED,  # differs from template
    "3018": Verdict.UNDELIVERABLE,  # cannot be sent to this recipient
    "3019": Verdict.UNDELIVERABLE,  # not a KakaoTalk user
    "3020": Verdict.UNDELIVERABLE,  # has blocked notices
    "3025": Verdict.UNDELIVERABLE,  # variable too long
    "3027": Verdict.TEMPLATE_REJECTED,  # buttons
    "3028": Verdict.TEMPLATE_REJECTED,  # emphasised title
    "3029": Verdict.UNDELIVERABLE,  # its length
    "3030": Verdict.TEMPLATE_REJECTED,  # message type
    "4132": Verdict.TEMPLATE_REJECTED,  # template variables
    "4133": Verdict.TEMPLATE_REJECTED,  # template stopped
    "4134": Verdict.TEMPLATE_REJECTED,  # template changed
    "4121": Verdict.UNDELIVERABLE,  # target
    "4143": Verdict.RETRY_LATER,  # request expired
    "4161": Verdict.ACCEPTED,  # in processing
    "9998": Verdict.UNKNOWN,  # system under review
    "9999": Verdict.UNKNOWN,  # system error
}
# Unlisted: not resent, as it may have been sent.
KAKAO_DEFAULT = Verdict.UNKNOWN


def api(code: str) -> Verdict:
    return API.get(code, API_DEFAULT)


def kakao(code: str) -> Verdict:
    return KAKAO.get(code, KAKAO_DEFAULT)


def listed(status: str, code: str) -> Verdict:
    """Return the verdict of `messageStatus` (COMPLETED, FAILED, CANCEL) and `resultCode` of the list query.

    The guide names no status for a message in transit: it has no code and none of the three.
    """
    if status == "CANCEL":
        return Verdict.RETRY_LATER
    if not code:
        return {"COMPLETED": Verdict.DELIVERED, "FAILED": Verdict.UNDELIVERABLE}.get(status, Verdict.ACCEPTED)
    return kakao(code)
