"""Naver Pay (네이버페이), payments of the 결제형 kind: reserve, apply, history, cancel.

Source: developers.pay.naver.com, /docs/v1/api/payments (reservation from server to server, `v2/reserve`), /docs/v2/api
(address of the payment page, `v2.2/apply/payment`, `v2.2/list/history`, `v1/cancel`), and the pages on authentication,
idempotency and HTTP status codes, which also ship in Naver's own repository NaverPayDev/agent-payments-integration.

One address takes all returns, with `resultCode`. A payment can be polled only by `paymentId`, which the browser brings:
without it nothing was applied for, so nothing was captured.

Unverified: that the newer hosts (pay.paygate.naver.com) still take `v2/reserve`, which the newer pages replace by their
script; that the history names each cancellation with a positive amount (both signs are read); how long an idempotency
key is kept; the largest page of the history (50 was documented once). No callbacks are published for this kind.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from payments.providers import answers, naverpay_codes, naverpay_shapes
from payments.providers.answers import vendor_label, web_address
from payments.providers.contract import (
    Begun,
    Callback,
    ForgedCallback,
    Order,
    Outcome,
    ProviderUnavailable,
    Refunded,
    Returned,
    SettlementLine,
    Trigger,
    Verdict,
)
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

KEY_CHARS = 64
ROWS = 50
JSON, FORM = "application/json", "application/x-www-form-urlencoded;charset=utf-8"
TEST_VALUES = {
    "NAVERPAY_BASE_URL": ("https://dev-pay.", "https://dev-pub.", "https://dev."),
    "NAVERPAY_PAGE_URL": ("https://test-",),
}


@dataclass(frozen=True, slots=True)
class Config:
    client_id: str = setting("NAVERPAY_CLIENT_ID")
    client_secret: str = setting("NAVERPAY_CLIENT_SECRET")
    chain_id: str = setting("NAVERPAY_CHAIN_ID")
    partner_id: str = setting("NAVERPAY_PARTNER_ID")  # the first part of every path
    base_url: str = setting("NAVERPAY_BASE_URL", "https://pay.paygate.naver.com")
    page_url: str = setting("NAVERPAY_PAGE_URL", "https://m.pay.naver.com")


class NaverPay:
    name: ClassVar[str] = "naverpay"
    title: ClassVar[Mapping[str, str]] = {"ko": "네이버페이", "en": "Naver Pay"}
    confirm_within: ClassVar[timedelta] = timedelta(minutes=10)
    key_window: ClassVar[timedelta] = timedelta(days=1)  # not published; `expectedRestAmount` refuses a second one too
    lists_settlements: ClassVar[bool] = True

    def __init__(self, config: Config, *, timing: Timing = USUAL, http: BulkHttp | None = None) -> None:
        self._config = config
        self._http = http or BulkHttp(connections=1, timing=timing)
        self._headers = {
            "X-Naver-Client-Id": config.client_id,
            "X-Naver-Client-Secret": config.client_secret,
            "X-NaverPay-Chain-Id": config.chain_id,
        }

    def begin(self, order: Order) -> Begun:
        """Drop the reservation's own number, which is good for the page only."""
        answer = self._post("v2/reserve", dump(_reservation(order)), JSON, key=f"reserve-{order.order_id}")
        body = naverpay_shapes.result(answer)
        try:
            reserve_id = vendor_label(body["reserveId"])
            if not reserve_id:
                raise ValueError("no reserveId")
            return Begun(web_address(f"{self._config.page_url}/payments/{reserve_id}"))
        except UNREADABLE:
            raise ProviderUnavailable("unreadable") from None

    def read_return(self, query: Mapping[str, str]) -> Returned:
        """`resultCode` and `paymentId`; else `resultMessage`, which is not used."""
        result = code_label(query.get("resultCode", ""))
        payment_id = vendor_label(query.get("paymentId", ""))
        if result == naverpay_codes.SUCCESS:
            return Returned("", payment_id, code="" if payment_id else "incomplete")
        return Returned("", payment_id, code=result or "incomplete")

    def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
        if returned.code or not returned.vendor_id:
            return Outcome(Verdict.OPEN, order.order_id, code=returned.code or "incomplete")
        answer = self._post("v2.2/apply/payment", _form(paymentId=returned.vendor_id), FORM, key=key)
        return answers.of_confirm(answer) or naverpay_shapes.applied(answer, order.order_id)

    def poll(self, *, order_id: str, vendor_id: str) -> Outcome:
        if not vendor_id:
            return Outcome(Verdict.OPEN, order_id, code="not-applied-for")
        answer = self._history({"paymentId": vendor_id, "approvalType": "ALL"})
        return answers.of_poll(answer) or naverpay_shapes.polled(answer, order_id, vendor_id)

    def refund(self, *, order_id: str, vendor_id: str, amount: int, remainder: int, reason: str, key: str) -> Refunded:
        """`expectedRestAmount` with `doCompareRest`: another balance is refused."""
        body = _form(
            paymentId=vendor_id,
            cancelAmount=amount,
            cancelReason=reason.encode()[:256].decode(errors="ignore"),
            cancelRequester=2,  # the merchant
            taxScopeAmount=0,
            taxExScopeAmount=amount,
            doCompareRest=1,
            expectedRestAmount=remainder - amount,
        )
        answer = self._post("v1/cancel", body, FORM, key=key)
        return answers.of_refund(answer) or naverpay_shapes.cancelled(answer, vendor_id)

    def receive(self, callback: Callback) -> list[Trigger]:
        """Refuse every callback: none is published for these payments."""
        raise ForgedCallback

    def settlements(self, day: date) -> Sequence[SettlementLine]:
        """Return the history of a day, page after page: the settlement lists are an API of their own, with other
        keys."""
        period = {"startTime": f"{day:%Y%m%d}000000", "endTime": f"{day:%Y%m%d}235959", "approvalType": "ALL"}
        lines: list[SettlementLine] = []
        page = pages = 1
        while page <= pages:
            answer = self._history({**period, "pageNumber": page, "rowsPerPage": ROWS})
            found, pages = naverpay_shapes.history_page(answer)
            lines += found
            page += 1
        return lines

    def _history(self, body: Mapping[str, Any]) -> HttpAnswer:
        return self._post("v2.2/list/history", dump(body), JSON, repeatable=True)

    def _post(self, action: str, body: bytes, kind: str, *, key: str = "", repeatable: bool = False) -> HttpAnswer:
        url = f"{self._config.base_url}/{self._config.partner_id}/naverpay/payments/{action}"
        headers = {**self._headers, "Content-Type": kind}
        if key:
            headers["X-NaverPay-Idempotency-Key"] = _short(key)
        return self._http.perform([HttpRequest(url, headers, body, repeatable)])[0]


ADAPTER = NaverPay


def _reservation(order: Order) -> dict[str, Any]:
    item = {"categoryType": "ETC", "categoryId": "ETC", "uid": order.order_id, "name": order.name[:128], "count": 1}
    return {
        "modelVersion": "2",
        "merchantUserKey": order.payer[:50],
        "merchantPayKey": order.order_id,
        "productName": order.name[:128],
        "productCount": 1,
        "totalPayAmount": order.amount,
        "taxScopeAmount": 0,
        "taxExScopeAmount": order.amount,  # a charge of the state is no taxable supply
        "returnUrl": order.success_url,
        "productItems": [item],
    }


def _form(**fields: object) -> bytes:
    return urlencode(fields).encode()


def _short(key: str) -> str:
    return key if len(key) <= KEY_CHARS else hashlib.sha256(key.encode()).hexdigest()
