"""Map Naver Pay's result codes to what each means for the money.

Source: developers.pay.naver.com/docs/v2/api, "결제승인" and "결제취소" (`code` beside `message` and `body`, mostly with
HTTP 200), and the page on HTTP status codes: 409 repeats the answer to the first request under the same key.
"""

from collections.abc import Mapping

from payments.providers.contract import RefundVerdict, Verdict

SUCCESS = "Success"

APPLY: Mapping[str, Verdict] = {
    "InvalidMerchant": Verdict.OPEN,  # our keys: nothing was captured
    "MaintenanceOngoing": Verdict.OPEN,
    "TimeExpired": Verdict.DECLINED,  # later than ten minutes after the citizen came back
    "OwnerAuthFail": Verdict.DECLINED,
    "NotEnoughAccountBalance": Verdict.DECLINED,
    "BankMaintenance": Verdict.DECLINED,
    "FaultCheckOngoing": Verdict.DECLINED,  # the card company or bank is down
    "InvalidPaymentId": Verdict.DECLINED,
    "AlreadyOnGoing": Verdict.UNKNOWN,
    "AlreadyComplete": Verdict.UNKNOWN,
    "Fail": Verdict.UNKNOWN,
}
APPLY_DEFAULT = Verdict.UNKNOWN

CANCEL: Mapping[str, RefundVerdict] = {
    "InvalidPaymentId": RefundVerdict.REFUSED,
    "OverRemainAmount": RefundVerdict.REFUSED,
    "CancelDeadlineExpired": RefundVerdict.REFUSED,  # the merchant pays it back by itself
    "TaxScopeAmountError": RefundVerdict.REFUSED,
    "TaxScopeAmtGreaterThanRemainError": RefundVerdict.REFUSED,
    "InvalidDiscountCancelCondition": RefundVerdict.REFUSED,
    "AlreadyCanceled": RefundVerdict.UNKNOWN,  # perhaps by our first attempt …
    "RestAmountDiff": RefundVerdict.UNKNOWN,  # … as here
    "AlreadyOnGoing": RefundVerdict.UNKNOWN,
    "CancelNotComplete": RefundVerdict.UNKNOWN,  # Naver Pay finishes it by itself soon
    "PreCancelNotComplete": RefundVerdict.UNKNOWN,  # an earlier one must be finished first
    "MaintenanceOngoing": RefundVerdict.UNKNOWN,
    "FaultCheckOngoing": RefundVerdict.UNKNOWN,
}
CANCEL_DEFAULT = RefundVerdict.UNKNOWN

APPROVAL, WHOLE_CANCEL, PART_CANCEL = "01", "03", "04"  # `admissionTypeCode` of the history
