"""Build what KakaoPay answers. Shapes: developers.kakaopay.com/docs/payment/online."""

from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.state import credentials
from sandbox.state.provider_stub import AUTHORISED, FAILED, KST, PAID, READY, Payment, Refund

INVALID = -2
_STATUS = {READY: "READY", AUTHORISED: "AUTH_PASSWORD"}


class Refused(Exception):
    def __init__(self, code: int, message: str, method_code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error_code": code, "error_message": message}
        if method_code:
            extras = {"method_result_code": method_code, "method_result_message": "거래를 처리할 수 없습니다."}
            self.body["extras"] = extras

    @classmethod
    def of_text(cls, text: str) -> "Refused":
        """Return a planned refusal: `-780` or `-780 USER_LOCKED`."""
        code, _, method_code = text.partition(" ")
        status = {"-401": 401, "-403": 403, "-404": 404, "-429": 429, "-500": 500, "-503": 503}.get(code, 400)
        return cls(int(code), "refused", method_code, status)

    def answer(self) -> web.Response:
        return web.json_response(self.body, status=self.status)


def ready_json(payment: Payment, base: str) -> dict[str, Any]:
    return {
        "tid": payment.vendor_id,
        "next_redirect_app_url": f"{base}/mobile/{payment.page}",
        "next_redirect_mobile_url": f"{base}/mobile/{payment.page}",
        "next_redirect_pc_url": f"{base}/pc/{payment.page}",
        "android_app_scheme": "",
        "ios_app_scheme": "",
        "created_at": _when(payment.created_at),
    }


def approve_json(payment: Payment) -> dict[str, Any]:
    return {"aid": payment.reference, **_common(payment), "approved_at": _when(payment.approved_at)}


def order_json(payment: Payment) -> dict[str, Any]:
    paid = payment.status == PAID
    return {
        **_common(payment),
        "status": _status(payment),
        "canceled_amount": _amount(payment.refunded),
        "cancel_available_amount": _amount(payment.balance if paid else 0),
        **({"approved_at": _when(payment.approved_at)} if paid else {}),
        **({"canceled_at": _when(payment.refunds[-1].at)} if payment.refunds else {}),
        "payment_action_details": _actions(payment),
    }


def cancel_json(payment: Payment, refund: Refund) -> dict[str, Any]:
    return {
        "aid": refund.reference,
        **_common(payment),
        "status": _status(payment),
        "approved_cancel_amount": _amount(refund.amount),
        "canceled_amount": _amount(payment.refunded),
        "cancel_available_amount": _amount(payment.balance),
        "approved_at": _when(payment.approved_at),
        "canceled_at": _when(refund.at),
        "payload": refund.key,
    }


def _common(payment: Payment) -> dict[str, Any]:
    return {
        "tid": payment.vendor_id,
        "cid": credentials.KAKAOPAY_CID,
        "partner_order_id": payment.order_id,
        "partner_user_id": payment.payer,
        "payment_method_type": "MONEY",
        "item_name": payment.name,
        "quantity": 1,
        "amount": _amount(payment.amount),
        "created_at": _when(payment.created_at),
    }


def _actions(payment: Payment) -> list[dict[str, Any]]:
    if payment.status != PAID:
        return []
    capture = ("PAYMENT", payment.reference, payment.amount, payment.approved_at, "")
    refunds = [("CANCEL", each.reference, each.amount, each.at, each.key) for each in payment.refunds]
    return [
        {
            "aid": reference,
            "approved_at": _when(at),
            "amount": amount,
            "point_amount": 0,
            "discount_amount": 0,
            "payment_action_type": kind,
            "payload": payload,
        }
        for kind, reference, amount, at, payload in (capture, *refunds)
    ]


def _status(payment: Payment) -> str:
    if payment.status == PAID:
        if payment.balance == 0:
            return "CANCEL_PAYMENT"
        return "PART_CANCEL_PAYMENT" if payment.refunds else "SUCCESS_PAYMENT"
    if payment.status == FAILED:
        return "QUIT_PAYMENT" if payment.code == "QUIT" else "FAIL_PAYMENT"
    return _STATUS[payment.status]


def _amount(total: int) -> dict[str, int]:
    return {"total": total, "tax_free": total, "vat": 0, "point": 0, "discount": 0, "green_deposit": 0}


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment, KST).replace(tzinfo=None).isoformat(timespec="seconds")
