"""Map Kakao's own result of one Alimtalk message to verdicts: every dealer hands these codes on.

Source: docs.nhncloud.com, Notification > KakaoTalk Bizmessage > Error Codes (AlimTalk sending result codes). 3018–3020
and 0000 are in Kakao's list as NAVER Cloud SENS gives it (api.ncloud-docs.com/docs/sens-alimtalk-get), and no longer
in NHN's.
"""

from collections.abc import Mapping

from notifications.channels.contract import Verdict

# About a value of one record (contract.py: value_codes), until several records have them.
VALUES = frozenset(("3014", "3025", "3029"))

CODES: Mapping[str, Verdict] = {
    "1000": Verdict.DELIVERED,  # as NHN and Kakao report success
    "0000": Verdict.DELIVERED,  # as SENS reports it
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
DEFAULT = Verdict.UNKNOWN
