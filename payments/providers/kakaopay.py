"""KakaoPay (카카오페이) online payment, single: ready, approve, order, cancel.

Source: developers.kakaopay.com/docs/payment/online/single-payment, …/payment-detail, …/cancellation, …/reference.
Paths, methods, the header and the required fields agree with KakaoPay's own client (npm @kakaopay-develop/
agent-toolkit 0.1.2, typescript/src/shared).

There is no idempotency key, no callback and no query by our order number: all goes by `tid`, which `begin` returns.
So a refund first queries whether this very refund was made already: `payload` carries our key, and the order query
repeats it. KakaoPay itself gives up a request after 11 seconds (…/reference): wait longer than that.

Unverified: times without an offset are Korea's; `payload` of a cancellation comes back in `payment_action_details`;
the error codes (kakaopay_codes.py). No list of settlements is published for merchants' servers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from payments.providers import answers, kakaopay_shapes
from payments.providers.contract import (
    Begun,
    Callback,
    ForgedCallback,
    Order,
    Outcome,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    Returned,
    SettlementLine,
    Trigger,
    Verdict,
)
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump, label
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

TEST_VALUES = {"KAKAOPAY_CID": ("TC0", "TCSUB")}  # TC0ONETIME and its like: no money moves


@dataclass(frozen=True, slots=True)
class Config:
    secret_key: str = setting("KAKAOPAY_SECRET_KEY")
    cid: str = setting("KAKAOPAY_CID")  # 가맹점 코드, 10 characters
    base_url: str = setting("KAKAOPAY_BASE_URL", "https://open-api.kakaopay.com")


class KakaoPay:
    name: ClassVar[str] = "kakaopay"
    title: ClassVar[Mapping[str, str]] = {"ko": "카카오페이", "en": "KakaoPay"}
    confirm_within: ClassVar[timedelta] = timedelta(minutes=15)  # a tid lives so long after ready
    key_window: ClassVar[timedelta] = timedelta(days=1)  # by `payload`, see above, not by the provider
    lists_settlements: ClassVar[bool] = False

    def __init__(self, config: Config, *, timing: Timing = USUAL, http: BulkHttp | None = None) -> None:
        self._config = config
        self._http = http or BulkHttp(connections=1, timing=timing)
        self._headers = {"Authorization": f"SECRET_KEY {config.secret_key}", "Content-Type": "application/json"}

    def begin(self, order: Order) -> Begun:
        answer = self._post(
            "ready",
            partner_order_id=order.order_id,
            partner_user_id=order.payer[:100],
            item_name=order.name[:100],
            quantity=1,
            total_amount=order.amount,
            tax_free_amount=order.amount,  # a charge of the state is no taxable supply
            approval_url=order.success_url,
            cancel_url=order.cancel_url,
            fail_url=order.fail_url,
        )
        body = answers.body_of(answer, lambda body: str(body["error_code"]))
        try:
            return kakaopay_shapes.begun(body)
        except UNREADABLE:
            raise ProviderUnavailable("unreadable") from None

    def read_return(self, query: Mapping[str, str]) -> Returned:
        """`pg_token` on success; the other two addresses get nothing that is documented."""
        token = label(query.get("pg_token", ""))
        code = "" if token else code_label(query.get("error_code", "")) or "incomplete"
        return Returned("", "", token=token, code=code)

    def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
        if not returned.vendor_id or not returned.token:
            return Outcome(Verdict.OPEN, order.order_id, code=returned.code or "incomplete")
        answer = self._post(
            "approve",
            tid=returned.vendor_id,
            partner_order_id=order.order_id,
            partner_user_id=order.payer[:100],
            pg_token=returned.token,
            total_amount=order.amount,  # not required; with it another amount is refused there too
        )
        return answers.of_confirm(answer) or kakaopay_shapes.approved(answer, order.order_id)

    def poll(self, *, order_id: str, vendor_id: str) -> Outcome:
        if not vendor_id:
            return Outcome(Verdict.UNKNOWN, order_id, code="no-tid")
        answer = self._question(vendor_id)
        return answers.of_poll(answer) or kakaopay_shapes.polled(answer, order_id)

    def refund(self, *, order_id: str, vendor_id: str, amount: int, remainder: int, reason: str, key: str) -> Refunded:
        question = self._question(vendor_id)
        known = kakaopay_shapes.earlier_refund(question, order_id, key=key, remainder=remainder)
        if known is not None:
            return known
        answer = self._post(
            "cancel",
            tid=vendor_id,
            cancel_amount=amount,
            cancel_tax_free_amount=amount,
            cancel_available_amount=remainder,  # another balance is refused
            payload=key[:200],
        )
        return answers.of_refund(answer) or kakaopay_shapes.cancelled(answer, order_id)

    def receive(self, callback: Callback) -> list[Trigger]:
        """Refuse every callback: KakaoPay sends none."""
        raise ForgedCallback

    def settlements(self, day: date) -> Sequence[SettlementLine]:
        raise ProviderRefused("not_published")

    def _question(self, tid: str) -> HttpAnswer:
        return self._http.perform([self._request("order", {"tid": tid}, repeatable=True)])[0]

    def _post(self, action: str, **fields: Any) -> HttpAnswer:
        return self._http.perform([self._request(action, fields)])[0]

    def _request(self, action: str, fields: Mapping[str, Any], *, repeatable: bool = False) -> HttpRequest:
        url = f"{self._config.base_url}/online/v1/payment/{action}"
        return HttpRequest(url, self._headers, dump({"cid": self._config.cid, **fields}), repeatable)


ADAPTER = KakaoPay
