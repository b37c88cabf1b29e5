"""Build what Toss Payments answers. Shapes: docs.tosspayments.com/reference, version 2022-11-16."""

import json
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.state.provider_stub import AUTHORISED, EXPIRED, FAILED, KST, PAID, READY, Payment, Refund

MID = "sandboxmid"
UNUSED = (  # null in a card payment
    *("virtualAccount", "transfer", "mobilePhone", "giftCertificate", "cashReceipt", "cashReceipts", "discount"),
    *("secret", "easyPay", "receipt", "checkout", "metadata"),
)
STATUS = {READY: "READY", AUTHORISED: "IN_PROGRESS", FAILED: "ABORTED", EXPIRED: "EXPIRED"}
FORBIDDEN = frozenset(
    {
        "FORBIDDEN_REQUEST", "REJECT_ACCOUNT_PAYMENT", "REJECT_CARD_PAYMENT", "REJECT_CARD_COMPANY",
        "REJECT_TOSSPAY_INVALID_ACCOUNT", "EXCEED_MAX_AUTH_COUNT", "EXCEED_MAX_ONE_DAY_AMOUNT", "NOT_AVAILABLE_BANK",
        "INVALID_PASSWORD", "INCORRECT_BASIC_AUTH_FORMAT", "FDS_ERROR", "NOT_CANCELABLE_AMOUNT",
        "NOT_CANCELABLE_PAYMENT", "FORBIDDEN_CONSECUTIVE_REQUEST", "EXCEED_MAX_REFUND_DUE",
        "NOT_ALLOWED_PARTIAL_REFUND", "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER",
    }
)  # fmt: skip
MESSAGES = {
    "ALREADY_PROCESSED_PAYMENT": "이미 처리된 결제 입니다.",
    "NOT_FOUND_PAYMENT": "존재하지 않는 결제 정보 입니다.",
    "NOT_FOUND_PAYMENT_SESSION": "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다.",
    "UNAUTHORIZED_KEY": "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다.",
    "REJECT_CARD_PAYMENT": "한도초과 혹은 잔액부족으로 결제에 실패했습니다.",
    "REJECT_CARD_COMPANY": "결제 승인이 거절되었습니다.",
    "IDEMPOTENT_REQUEST_PROCESSING": "이전 멱등 요청이 처리중입니다.",
}


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def answer(self) -> web.Response:
        body = {"code": self.code, "message": MESSAGES.get(self.code, "요청을 처리할 수 없습니다.")}
        return web.json_response(body, status=status_of(self.code))


def status_of(code: str) -> int:
    if code in FORBIDDEN:
        return 403
    if code.startswith("NOT_FOUND"):
        return 404
    if code.startswith("FAILED_") or code in ("UNKNOWN_PAYMENT_ERROR", "COMMON_ERROR"):
        return 500
    return {"UNAUTHORIZED_KEY": 401, "IDEMPOTENT_REQUEST_PROCESSING": 409}.get(code, 400)


def payment_json(payment: Payment) -> dict[str, Any]:
    paid = payment.status == PAID
    return {
        **dict.fromkeys(UNUSED),
        "mId": MID,
        "version": "2022-11-16",
        "paymentKey": payment.vendor_id,
        "lastTransactionKey": payment.refunds[-1].reference if payment.refunds else (payment.reference or None),
        "orderId": payment.order_id,
        "orderName": payment.name,
        "currency": "KRW",
        "method": "카드" if payment.status not in (READY, EXPIRED) else None,
        "status": _paid_status(payment) if paid else STATUS[payment.status],
        "requestedAt": when(payment.created_at),
        "approvedAt": when(payment.approved_at) if paid else None,
        "useEscrow": False,
        "cultureExpense": False,
        "card": _card(payment) if paid else None,
        "cancels": [_cancel(payment, number) for number in range(len(payment.refunds))] or None,
        "type": "NORMAL",
        "country": "KR",
        "failure": {"code": payment.code, "message": MESSAGES.get(payment.code, "")} if payment.code else None,
        "isPartialCancelable": True,
        "totalAmount": payment.amount,
        "balanceAmount": payment.balance,
        "suppliedAmount": 0,
        "vat": 0,
        "taxFreeAmount": payment.balance,
        "taxExemptionAmount": 0,
    }


def settlement_json(payment: Payment, refund: Refund | None) -> dict[str, Any]:
    """Return one line: a charge, or a refund with its `cancel`."""
    amount = -refund.amount if refund else payment.amount
    fee = amount * 15 // 1000 if amount > 0 else -(-amount * 15 // 1000)
    day = datetime.fromtimestamp(refund.at if refund else payment.approved_at, KST).date().isoformat()
    return {
        "mId": MID,
        "paymentKey": payment.vendor_id,
        "transactionKey": refund.reference if refund else payment.reference,
        "orderId": payment.order_id,
        "currency": "KRW",
        "method": "카드",
        "amount": amount,
        "interestFee": 0,
        "fees": [{"type": "BASE", "fee": fee}],
        "supplyAmount": fee,
        "vat": 0,
        "payOutAmount": amount - fee,
        "approvedAt": when(payment.approved_at),
        "soldDate": day,
        "paidOutDate": day,
        "card": _card(payment),
        "cancel": _cancel(payment, payment.refunds.index(refund)) if refund else None,
    }


def when(moment: float) -> str:
    return datetime.fromtimestamp(moment, KST).isoformat(timespec="seconds")


def read(raw: bytes) -> dict[str, Any]:
    """Return a JSON object, or Refused."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("INVALID_REQUEST")
    return body


def _paid_status(payment: Payment) -> str:
    if payment.balance == 0:
        return "CANCELED"
    return "PARTIAL_CANCELED" if payment.refunds else "DONE"


def _card(payment: Payment) -> dict[str, Any]:
    return {
        "amount": payment.amount,
        "issuerCode": "00",
        "acquirerCode": "00",
        "number": "00000000****000*",
        "installmentPlanMonths": 0,
        "approveNo": "00000000",
        "useCardPoint": False,
        "cardType": "신용",
        "ownerType": "개인",
        "acquireStatus": "READY",
        "isInterestFree": False,
        "interestPayer": None,
    }


def _cancel(payment: Payment, number: int) -> dict[str, Any]:
    refund = payment.refunds[number]
    left = payment.amount - sum(each.amount for each in payment.refunds[: number + 1])
    return {
        "transactionKey": refund.reference,
        "cancelReason": refund.reason,
        "taxExemptionAmount": 0,
        "canceledAt": when(refund.at),
        "easyPayDiscountAmount": 0,
        "receiptKey": None,
        "cancelAmount": refund.amount,
        "taxFreeAmount": refund.amount,
        "refundableAmount": left,
        "cancelStatus": "DONE",
    }
