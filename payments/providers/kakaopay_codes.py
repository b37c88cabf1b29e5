"""Map KakaoPay's codes to what each means for the money.

Source: developers.kakaopay.com, /docs/payment/online/payment-detail (status), /docs/payment/online/reference (errors:
`error_code`, `error_message`, `extras.method_result_code`) and /docs/getting-started/api-common-guide/error-code.
The codes of payments themselves are in a spreadsheet (결제 오류코드) that is no page: of it only those below are known
to us, from others who read it.
"""

from collections.abc import Mapping

from payments.providers.contract import Verdict

STATUS: Mapping[str, Verdict] = {  # of the order query
    "READY": Verdict.OPEN,
    "SEND_TMS": Verdict.OPEN,
    "OPEN_PAYMENT": Verdict.OPEN,
    "SELECT_METHOD": Verdict.OPEN,
    "ARS_WAITING": Verdict.OPEN,
    "AUTH_PASSWORD": Verdict.OPEN,
    "SUCCESS_PAYMENT": Verdict.PAID,
    "PART_CANCEL_PAYMENT": Verdict.PAID,
    "CANCEL_PAYMENT": Verdict.PAID,
    "FAIL_AUTH_PASSWORD": Verdict.DECLINED,
    "QUIT_PAYMENT": Verdict.DECLINED,
    "FAIL_PAYMENT": Verdict.DECLINED,
}

APPROVE: Mapping[str, Verdict] = {
    "-400": Verdict.OPEN,  # no Authorization: ours to mend …
    "-401": Verdict.OPEN,  # … wrong secret key
    "-403": Verdict.OPEN,  # … online payment not switched on for our application
    "-404": Verdict.OPEN,  # … address
    "-429": Verdict.OPEN,  # the day's quota
    "-731": Verdict.OPEN,  # cid
    "-702": Verdict.UNKNOWN,  # this tid is paid already
    "-785": Verdict.UNKNOWN,  # the same request is at work
    "-780": Verdict.DECLINED,  # the card or the bank declines; see METHOD
}
# Unlisted codes as well: of 4xx of this provider some mean that the money was captured.
APPROVE_DEFAULT = Verdict.UNKNOWN

METHOD: Mapping[str, Verdict] = {  # `extras.method_result_code` of a -780
    "BANK_FIRM_UNKNOWN": Verdict.UNKNOWN,  # the bank has not reported
    "USER_LOCKED": Verdict.UNKNOWN,  # a transaction of this person is at work, perhaps this one
}


def approve(code: str, method_code: str) -> Verdict:
    verdict = APPROVE.get(code, APPROVE_DEFAULT)
    return METHOD.get(method_code, verdict) if verdict is Verdict.DECLINED else verdict
