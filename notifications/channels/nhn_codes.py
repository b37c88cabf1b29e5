"""NHN Cloud's and Kakao's result codes and what each means for a delivery.

Source: docs.nhncloud.com, Notification > KakaoTalk Bizmessage > Error Codes (API response codes; AlimTalk
sending result codes). 3018–3020 are in Kakao's list as other dealers give it (NAVER Cloud SENS), no longer in
NHN's.
"""

from collections.abc import Mapping

from notifications.channels.contract import Verdict

# Codes that find fault with what one record has in it. They are about that person's message, until several records
# have them (contract.py: value_codes). A banned word may stand in the wording or in a value: the same.
VALUES = frozenset(("-2019", "-2032", "-3048", "-8008", "3014", "3025", "3029"))

# About our account, for every wording and every person: a new one may send no value over 14 characters
# ("템플릿 변수가 치환될 때 그 차이가 14개 글자를 초과하는 부분이 있는 경우(최초 사용자 제한)", error codes as of 2026).
ACCOUNT = frozenset(("-1028",))

# In the answer to a send: nothing was sent for any code but 0.
API: Mapping[str, Verdict] = {
    "0": Verdict.ACCEPTED,
    "-1000": Verdict.LATER,  # app key: ours to mend
    "-1001": Verdict.LATER,  # secret key
    "-1005": Verdict.UNKNOWN,  # idempotency key repeated within 10 minutes: an earlier request was taken
    "-1006": Verdict.LATER,  # sender key
    "-1014": Verdict.LATER,  # sender profile not active
    "-1027": Verdict.LATER,  # sender profile blocked
    "-1028": Verdict.PERSON,  # a value over 14 characters (restriction of new accounts)
    "-2019": Verdict.PERSON,  # body over 1,000 characters
    "-2032": Verdict.PERSON,  # title over 50 characters
    "-3003": Verdict.WORDING,  # no such template
    "-3004": Verdict.WORDING,  # template parameters
    "-3005": Verdict.WORDING,  # template not approved
    "-3010": Verdict.WORDING,  # body differs from the template
    "-3011": Verdict.WORDING,  # buttons differ
    "-3042": Verdict.WORDING,
    "-3043": Verdict.WORDING,
    "-3046": Verdict.WORDING,
    "-3048": Verdict.PERSON,  # parameters too long
    "-3049": Verdict.WORDING,  # parameters differ from the template
    "-4019": Verdict.PERSON,  # recipient number
    "-5000": Verdict.PERSON,  # recipient number
    "-8008": Verdict.PERSON,  # banned word
}
API_DEFAULT = Verdict.LATER  # unlisted: refused, nothing sent; an operator looks, the sweeper tries again

# Kakao's result for one message, in a hook or in the list query.
KAKAO: Mapping[str, Verdict] = {
    "1000": Verdict.DELIVERED,
    "MRC01": Verdict.DELIVERED,  # the list query's filter value for success; as a field value unverified
    "MRC02": Verdict.PERSON,  # the same for failure, without a reason
    "1003": Verdict.LATER,  # sender profile key
    "1006": Verdict.LATER,  # sender profile deleted …
    "1007": Verdict.LATER,  # … blocked
    "1021": Verdict.LATER,  # channel blocked …
    "1022": Verdict.LATER,  # … closed
    "1023": Verdict.LATER,  # … deleted
    "1024": Verdict.LATER,  # … about to be deleted
    "1025": Verdict.LATER,  # … sanctioned
    "1020": Verdict.PERSON,  # phone number invalid
    "2003": Verdict.PERSON,  # channel not added (test server)
    "3005": Verdict.UNKNOWN,  # sent, receipt not confirmed: can still arrive within 3 days. Not a failure
    "3006": Verdict.LATER,  # Kakao's internal error, sending failed
    "3008": Verdict.PERSON,  # phone number error
    "3012": Verdict.UNKNOWN,  # communication with Kakao failed: on the way there or back
    "3014": Verdict.PERSON,  # length
    "3015": Verdict.WORDING,  # no template
    "3016": Verdict.WORDING,  # differs from template
    "3018": Verdict.PERSON,  # cannot be sent to this person
    "3019": Verdict.PERSON,  # not a KakaoTalk user
    "3020": Verdict.PERSON,  # has blocked notices
    "3025": Verdict.PERSON,  # variable too long
    "3027": Verdict.WORDING,  # buttons
    "3028": Verdict.WORDING,  # emphasised title
    "3029": Verdict.PERSON,  # its length
    "3030": Verdict.WORDING,  # message type
    "4132": Verdict.WORDING,  # template variables
    "4133": Verdict.WORDING,  # template stopped
    "4134": Verdict.WORDING,  # template changed
    "4121": Verdict.PERSON,  # target
    "4143": Verdict.LATER,  # request expired
    "4161": Verdict.ACCEPTED,  # in processing
    "9998": Verdict.UNKNOWN,  # system under review
    "9999": Verdict.UNKNOWN,  # system error
}
# Unlisted: what is not known not to have been sent is not sent again.
KAKAO_DEFAULT = Verdict.UNKNOWN


def api(code: str) -> Verdict:
    return API.get(code, API_DEFAULT)


def kakao(code: str) -> Verdict:
    return KAKAO.get(code, KAKAO_DEFAULT)


def listed(status: str, code: str) -> Verdict:
    """`messageStatus` (COMPLETED, FAILED, CANCEL) and `resultCode` of the list query.

    The guide names no status for a message that is still on its way: no code and none of the three.
    """
    if status == "CANCEL":
        return Verdict.LATER
    if not code:
        return {"COMPLETED": Verdict.DELIVERED, "FAILED": Verdict.PERSON}.get(status, Verdict.ACCEPTED)
    return kakao(code)
