"""Toss Payments (토스페이먼츠), core API of 2022-11-16 or later and payment window SDK v2.

Source: docs.tosspayments.com/reference (Payment object, confirm, get by orderId, cancel, settlements), /reference/
using-api/authorization (Basic, Idempotency-Key), /reference/using-api/webhook-events, /sdk/v2/js.

The reference publishes no call that opens a window from server to server: `checkout.url` is only in answers. So `begin`
takes no network and hands over what the vendor's script needs (`Window`).

Unverified: which origins besides its own the script talks to; whether an idempotency key that belongs to a 4xx is
answered alike again; that a READY or IN_PROGRESS payment can be queried by orderId (the page speaks of approved ones);
how soon a day's settlements are listed; that the amount of a cancelled line is negative (both are read).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar
from urllib.parse import quote, urlencode

from payments.providers import answers, toss_shapes
from payments.providers.answers import vendor_label
from payments.providers.contract import (
    Begun,
    Callback,
    Order,
    Outcome,
    Refunded,
    Returned,
    SettlementLine,
    Trigger,
    UnreadableCallback,
    Verdict,
    Window,
)
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import code_label, dump, label
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

PAGE = 5000  # settlement lines requested at a time
EVENTS = ("PAYMENT_STATUS_CHANGED", "CANCEL_STATUS_CHANGED", "DEPOSIT_CALLBACK")
TEST_VALUES = {
    "TOSS_PAYMENTS_SECRET_KEY": ("test_sk", "test_gsk"),
    "TOSS_PAYMENTS_CLIENT_KEY": ("test_ck", "test_gck"),
}


@dataclass(frozen=True, slots=True)
class Config:
    secret_key: str = setting("TOSS_PAYMENTS_SECRET_KEY")
    client_key: str = setting("TOSS_PAYMENTS_CLIENT_KEY")  # goes to the browser: not secret
    base_url: str = setting("TOSS_PAYMENTS_BASE_URL", "https://api.tosspayments.com")
    script_url: str = setting("TOSS_PAYMENTS_SCRIPT_URL", "https://js.tosspayments.com/v2/standard")
    origins: str = setting("TOSS_PAYMENTS_ORIGINS", "https://*.tosspayments.com")  # comma-separated


class TossPayments:
    name: ClassVar[str] = "toss_payments"
    title: ClassVar[Mapping[str, str]] = {"ko": "토스페이먼츠", "en": "Toss Payments"}
    confirm_within: ClassVar[timedelta] = timedelta(minutes=10)
    key_window: ClassVar[timedelta] = timedelta(days=15)
    lists_settlements: ClassVar[bool] = True

    def __init__(self, config: Config, *, timing: Timing = USUAL, http: BulkHttp | None = None) -> None:
        self._config = config
        self._http = http or BulkHttp(connections=1, timing=timing)
        self._origins = tuple(origin.strip() for origin in config.origins.split(","))
        basic = base64.b64encode(f"{config.secret_key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}

    def begin(self, order: Order) -> Begun:
        parameters = {
            "clientKey": self._config.client_key,
            "customerKey": hashlib.sha256(order.payer.encode()).hexdigest()[:40],  # 2–50 characters
            "method": "CARD",  # the unified window: cards and simple payments
            "amount": {"currency": "KRW", "value": order.amount},
            "taxFreeAmount": order.amount,  # a charge of the state is no taxable supply
            "windowTarget": "self",  # the whole page: no frame of theirs in ours
            "orderId": order.order_id,
            "orderName": order.name[:100],
            "successUrl": order.success_url,
            "failUrl": order.fail_url,
        }
        return Begun(url="", window=Window(self._config.script_url, self._origins, parameters))

    def read_return(self, query: Mapping[str, str]) -> Returned:
        """`paymentKey, orderId, amount` on success; else `code, message` and, unless the citizen left, `orderId`."""
        payment_key = vendor_label(query.get("paymentKey", ""))
        code = code_label(query.get("code", "")) or ("" if payment_key else "incomplete")
        order_id = label(query.get("orderId", ""), 64)
        return Returned(order_id, payment_key, amount=answers.claimed(query.get("amount", "")), code=code)

    def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
        if returned.code or not returned.vendor_id:
            return Outcome(Verdict.OPEN, order.order_id, code=returned.code or "incomplete")
        body = {"paymentKey": returned.vendor_id, "orderId": order.order_id, "amount": order.amount}
        answer = self._post("/v1/payments/confirm", body, key)
        return answers.of_confirm(answer) or toss_shapes.confirmed(answer, order.order_id)

    def poll(self, *, order_id: str, vendor_id: str) -> Outcome:
        answer = self._get(f"/v1/payments/orders/{quote(order_id, safe='')}")
        return answers.of_poll(answer) or toss_shapes.polled(answer, order_id)

    def refund(self, *, order_id: str, vendor_id: str, amount: int, remainder: int, reason: str, key: str) -> Refunded:
        """`refundableAmount`, as the page advises together with the key: another balance is refused."""
        body = {
            "cancelReason": reason[:200],
            "cancelAmount": amount,
            "taxFreeAmount": amount,
            "refundableAmount": remainder,
        }
        answer = self._post(f"/v1/payments/{quote(vendor_id, safe='')}/cancel", body, key)
        return answers.of_refund(answer) or toss_shapes.refunded(answer, order_id)

    def receive(self, callback: Callback) -> list[Trigger]:
        """Read the order to poll; Toss signs payouts only, not these."""
        body = answers.callback_body(callback.body)
        kind = code_label(body.get("eventType") or "DEPOSIT_CALLBACK")
        if kind not in EVENTS:
            return []
        data = body.get("data", body)  # DEPOSIT_CALLBACK has its fields at the top
        if not isinstance(data, dict) or not isinstance(data.get("orderId"), str):
            raise UnreadableCallback("no orderId")
        event_id = callback.headers.get("tosspayments-webhook-transmission-id", "")
        event_id = label(event_id) or hashlib.sha256(callback.body).hexdigest()
        return [Trigger(event_id, label(data["orderId"], 64), vendor_label(data.get("paymentKey") or ""), kind)]

    def settlements(self, day: date) -> Sequence[SettlementLine]:
        """By the day of sale (`soldDate`), page after page."""
        lines: list[SettlementLine] = []
        page = 1
        while True:
            query = {"startDate": day, "endDate": day, "dateType": "soldDate", "page": page, "size": PAGE}
            found = toss_shapes.settlement_lines(self._get(f"/v1/settlements?{urlencode(query)}"))
            lines += found
            if len(found) < PAGE:
                return lines
            page += 1

    def _post(self, path: str, body: Mapping[str, object], key: str) -> HttpAnswer:
        headers = {**self._headers, "Idempotency-Key": key[:300]}
        return self._http.perform([HttpRequest(f"{self._config.base_url}{path}", headers, dump(body))])[0]

    def _get(self, path: str) -> HttpAnswer:
        return self._http.perform([HttpRequest(f"{self._config.base_url}{path}", self._headers)])[0]


ADAPTER = TossPayments
