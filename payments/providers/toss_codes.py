"""Map Toss Payments' error codes to what each means for the money.

Source: docs.tosspayments.com/reference/error-codes, "결제 승인", "결제 취소" and the list of all codes.
"""

from collections.abc import Mapping

from payments.providers.contract import RefundVerdict, Verdict

_OURS_TO_MEND = (  # nothing was captured; the order can still be confirmed once this is mended
    "INVALID_REQUEST",
    "INVALID_API_KEY",
    "UNAUTHORIZED_KEY",
    "INCORRECT_BASIC_AUTH_FORMAT",
    "INVALID_IDEMPOTENCY_KEY",
    "NOT_REGISTERED_BUSINESS",
    "NOT_FOUND_TERMINAL_ID",
)
_MAY_BE_CAPTURED = (
    "ALREADY_PROCESSED_PAYMENT",
    "ALREADY_COMPLETED_PAYMENT",
    "DUPLICATED_ORDER_ID",
    "DUPLICATED_REQUEST",
    "IDEMPOTENT_REQUEST_PROCESSING",  # 409: the first request under this key is still at work
    "PROVIDER_ERROR",
    "CARD_PROCESSING_ERROR",
    "COMMON_ERROR",
    "UNKNOWN_PAYMENT_ERROR",
    "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
    "FAILED_INTERNAL_SYSTEM_PROCESSING",
)
_REFUSED = (
    "REJECT_CARD_PAYMENT",
    "REJECT_CARD_COMPANY",
    "REJECT_ACCOUNT_PAYMENT",
    "REJECT_TOSSPAY_INVALID_ACCOUNT",
    "FORBIDDEN_REQUEST",
    "FDS_ERROR",
    "INVALID_REJECT_CARD",
    "INVALID_STOPPED_CARD",
    "INVALID_CARD_EXPIRATION",
    "INVALID_CARD_LOST_OR_STOLEN",
    "INVALID_CARD_NUMBER",
    "INVALID_CARD_INSTALLMENT_PLAN",
    "INVALID_AUTHORIZE_AUTH",
    "INVALID_ACCOUNT_INFO_RE_REGISTER",
    "INVALID_PASSWORD",
    "NOT_ALLOWED_POINT_USE",
    "NOT_AVAILABLE_BANK",
    "NOT_AVAILABLE_PAYMENT",
    "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT",
    "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN",
    "RESTRICTED_TRANSFER_ACCOUNT",
    "BELOW_MINIMUM_AMOUNT",
    "EXCEED_MAX_AMOUNT",
    "EXCEED_MAX_AUTH_COUNT",
    "EXCEED_MAX_CARD_INSTALLMENT_PLAN",
    "EXCEED_MAX_DAILY_PAYMENT_COUNT",
    "EXCEED_MAX_ONE_DAY_AMOUNT",
    "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT",
    "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT",
    "EXCEED_MAX_PAYMENT_AMOUNT",
    "NOT_FOUND_PAYMENT",
    "NOT_FOUND_PAYMENT_SESSION",  # later than ten minutes after the citizen came back
    "UNAPPROVED_ORDER_ID",
)
CONFIRM: Mapping[str, Verdict] = {
    **dict.fromkeys(_OURS_TO_MEND, Verdict.OPEN),
    **dict.fromkeys(_MAY_BE_CAPTURED, Verdict.UNKNOWN),
    **dict.fromkeys(_REFUSED, Verdict.DECLINED),
}
CONFIRM_DEFAULT = Verdict.UNKNOWN  # codes are added without notice: an unknown one is polled

# An order that was never opened, or not yet: Toss keeps nothing of it.
NOT_FOUND = ("NOT_FOUND_PAYMENT", "NOT_FOUND")

STATUS: Mapping[str, Verdict] = {  # `Payment.status`
    "READY": Verdict.OPEN,
    "IN_PROGRESS": Verdict.OPEN,
    "WAITING_FOR_DEPOSIT": Verdict.OPEN,
    "DONE": Verdict.PAID,
    "PARTIAL_CANCELED": Verdict.PAID,
    "CANCELED": Verdict.PAID,
    "ABORTED": Verdict.DECLINED,
    "EXPIRED": Verdict.DECLINED,
}

_CANNOT_BE_REFUNDED = (
    "INVALID_REQUEST",
    "FORBIDDEN_REQUEST",
    "NOT_FOUND_PAYMENT",
    "NOT_CANCELABLE_AMOUNT",
    "NOT_CANCELABLE_PAYMENT",
    "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER",
    "NOT_ALLOWED_PARTIAL_REFUND",
    "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT",
    "EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT",
    "EXCEED_MAX_REFUND_DUE",
    "INVALID_BANK",
    "INVALID_REFUND_ACCOUNT_INFO",
    "INVALID_REFUND_ACCOUNT_NUMBER",
    "REFUND_REJECTED",
)
CANCEL: Mapping[str, RefundVerdict] = dict.fromkeys(_CANNOT_BE_REFUNDED, RefundVerdict.REFUSED)
# Among the rest: ALREADY_CANCELED_PAYMENT, ALREADY_REFUND_PAYMENT and NOT_MATCHES_REFUNDABLE_AMOUNT, which may be the
# trace of our own first attempt.
CANCEL_DEFAULT = RefundVerdict.UNKNOWN
