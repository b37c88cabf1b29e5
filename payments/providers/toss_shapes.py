"""Read Toss Payments' answers: Payment, Settlement and error objects."""

import json
from typing import Any

from payments.providers import answers, toss_codes
from payments.providers.answers import KST, Body, vendor_label, won
from payments.providers.contract import (
    Outcome,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    SettlementLine,
    Verdict,
)
from secretary.kernel.adapters.exchange import HttpAnswer
from secretary.kernel.adapters.reading import UNREADABLE, code_label, http_code, instant, label, mapping


def confirmed(answer: HttpAnswer, order_id: str) -> Outcome:
    try:
        body = mapping(answer.body)
        if answers.succeeded(answer):
            return _payment(body, order_id)
        code = code_label(body["code"])
        return Outcome(toss_codes.CONFIRM.get(code, toss_codes.CONFIRM_DEFAULT), order_id, code=code)
    except UNREADABLE:
        return answers.unreadable(answer)


def polled(answer: HttpAnswer, order_id: str) -> Outcome:
    try:
        body = mapping(answer.body)
        if answers.succeeded(answer):
            return _payment(body, order_id)
        code = code_label(body["code"])
        verdict = Verdict.OPEN if code in toss_codes.NOT_FOUND else Verdict.UNKNOWN
        return Outcome(verdict, order_id, code=code)
    except UNREADABLE:
        return answers.unreadable(answer)


def refunded(answer: HttpAnswer, order_id: str) -> Refunded:
    try:
        body = mapping(answer.body)
        if not answers.succeeded(answer):
            code = code_label(body["code"])
            return Refunded(toss_codes.CANCEL.get(code, toss_codes.CANCEL_DEFAULT), code=code)
        if body["orderId"] != order_id:
            return Refunded(RefundVerdict.UNKNOWN, code="other-order")
        reference = vendor_label(body.get("lastTransactionKey") or "")
        return Refunded(RefundVerdict.DONE, won(body["balanceAmount"]), reference)
    except UNREADABLE:
        return Refunded(RefundVerdict.UNKNOWN, code=answers.unreadable(answer).code)


def settlement_lines(answer: HttpAnswer) -> list[SettlementLine]:
    """Read one page of the settlement list. Raises ProviderRefused, ProviderUnavailable."""
    if not answers.succeeded(answer):
        answers.body_of(answer, lambda body: str(body["code"]))
        raise ProviderUnavailable(http_code(answer))
    try:
        return [_line(item) for item in _array(answer.body)]
    except UNREADABLE:
        raise ProviderUnavailable("unreadable") from None


def _array(body: bytes) -> list[Any]:
    """Read a JSON array. Raises ValueError for anything else."""
    value = json.loads(body)
    if not isinstance(value, list):
        raise ValueError("not a JSON array")
    return value


def _payment(body: Body, order_id: str) -> Outcome:
    """Return a Payment object. Its `failure` holds the code of a refusal."""
    if body["orderId"] != order_id:
        return Outcome(Verdict.UNKNOWN, order_id, code="other-order")
    status, payment_key = code_label(body["status"]), vendor_label(body["paymentKey"])
    verdict = toss_codes.STATUS.get(status, Verdict.UNKNOWN)
    if verdict is not Verdict.PAID:
        code = code_label((body.get("failure") or {}).get("code") or status)
        return Outcome(verdict, order_id, payment_key, code=code)
    return Outcome(
        Verdict.PAID,
        order_id,
        payment_key,
        amount=won(body["totalAmount"]),
        balance=won(body["balanceAmount"]),
        approved_at=instant(body.get("approvedAt"), KST),
        method=str(body.get("method") or "")[:40],
        code=status,
    )


def _line(item: dict[str, Any]) -> SettlementLine:
    """Return a Settlement object; one of a cancellation carries `cancel`."""
    cancel = item.get("cancel")
    amount = won(item["amount"])
    happened_at = instant(cancel["canceledAt"] if cancel else item["approvedAt"], KST)
    if happened_at is None:
        raise ValueError("no time")
    return SettlementLine(
        order_id=label(item["orderId"], 64),
        vendor_id=vendor_label(item["paymentKey"]),
        amount=-abs(amount) if cancel else amount,
        happened_at=happened_at,
        fee=sum(won(fee["fee"]) for fee in item.get("fees") or ()),
    )
