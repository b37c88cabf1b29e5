"""Build what Naver Pay answers. Shapes: developers.pay.naver.com/docs/v2/api."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.state.provider_stub import KST, PAID, Payment, Refund

MESSAGES = {"Fail": "요청을 처리할 수 없습니다.", "InvalidMerchant": "유효하지 않은 가맹점입니다."}
LARGEST_PAGE, USUAL_PAGE = 50, 20
LONGEST_PERIOD = timedelta(days=31)


class Refused(Exception):
    def __init__(self, code: str, status: int = 200) -> None:
        super().__init__(code)
        self.code, self.status = code, status

    def answer(self) -> web.Response:
        body = {"code": self.code, "message": MESSAGES.get(self.code, self.code), "body": None}
        return web.json_response(body, status=self.status)


def success(body: Mapping[str, Any]) -> web.Response:
    return web.json_response({"code": "Success", "message": "성공", "body": dict(body)})


def detail_json(payment: Payment, refund: Refund | None) -> dict[str, Any]:
    """Return a charge, or one cancellation of it."""
    amount = refund.amount if refund else payment.amount
    return {
        "paymentId": payment.vendor_id,
        "payHistId": refund.reference if refund else payment.reference,
        "merchantId": "sandbox",
        "merchantName": "국민비서",
        "merchantPayKey": payment.order_id,
        "merchantUserKey": payment.payer,
        "admissionTypeCode": _kind(payment, refund),
        "admissionYmdt": _when(refund.at if refund else payment.approved_at),
        "tradeConfirmYmdt": _when(refund.at if refund else payment.approved_at),
        "admissionState": "SUCCESS",
        "totalPayAmount": amount,
        "primaryPayAmount": amount,
        "npointPayAmount": 0,
        "primaryPayMeans": "BANK",
        "productName": payment.name,
        "settleExpected": True,
        "settleExpectAmount": amount - amount * 15 // 1000,
        "payCommissionAmount": amount * 15 // 1000,
    }


def history_json(payments: Iterable[Payment], body: Mapping[str, Any]) -> dict[str, Any]:
    """Of one payment, where one is named; else of a period of 31 days at most. Raises Refused."""
    paid = [each for each in payments if each.status == PAID]
    items = [detail_json(each, refund) for each in paid for refund in (None, *each.refunds)]
    if body.get("paymentId"):
        found = [item for item in items if item["paymentId"] == body["paymentId"]]
        return _page(found, 1, max(len(found), 1))
    first, last = _period(body)
    number, rows = int(body.get("pageNumber", 1)), int(body.get("rowsPerPage", USUAL_PAGE))
    if number < 1 or not 1 <= rows <= LARGEST_PAGE:
        raise Refused("Fail")
    found = [item for item in items if first <= item["admissionYmdt"] <= last]
    return _page(sorted(found, key=lambda item: item["admissionYmdt"]), number, rows)


def _period(body: Mapping[str, Any]) -> tuple[str, str]:
    try:
        first, last = str(body["startTime"]), str(body["endTime"])
        length = datetime.strptime(last, "%Y%m%d%H%M%S") - datetime.strptime(first, "%Y%m%d%H%M%S")
    except (KeyError, ValueError):
        raise Refused("TimeConditionError") from None
    if not timedelta(0) <= length <= LONGEST_PERIOD:
        raise Refused("TimeConditionError")
    return first, last


def _page(items: list[dict[str, Any]], number: int, rows: int) -> dict[str, Any]:
    shown = items[(number - 1) * rows : number * rows]
    return {
        "list": shown,
        "totalCount": len(items),
        "responseCount": len(shown),
        "totalPageCount": -(-len(items) // rows),
        "currentPageNumber": number,
    }


def _kind(payment: Payment, refund: Refund | None) -> str:
    if refund is None:
        return "01"
    return "03" if refund.amount == payment.amount else "04"


def _when(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, KST):%Y%m%d%H%M%S}"
