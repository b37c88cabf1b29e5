"""Read Naver Pay's answers: `{code, message, body}`, mostly with HTTP 200."""

from datetime import datetime
from typing import Any

from payments.providers import answers, naverpay_codes
from payments.providers.answers import KST, Body, vendor_label, won
from payments.providers.contract import (
    Outcome,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    SettlementLine,
    Verdict,
)
from payments.providers.naverpay_codes import APPROVAL, PART_CANCEL, SUCCESS, WHOLE_CANCEL
from secretary.kernel.adapters.exchange import HttpAnswer
from secretary.kernel.adapters.reading import UNREADABLE, code_label, http_code, label, mapping


def result(answer: HttpAnswer) -> Body:
    """Return `body` of an answer to a call that captures no money. Raises ProviderRefused, ProviderUnavailable."""
    if not answers.explained(answer) or answer.status == 429:
        raise ProviderUnavailable(answer.reason or http_code(answer))
    try:
        code, body = _parts(answer)
    except UNREADABLE:
        raise ProviderUnavailable("unreadable") from None
    if code != SUCCESS:
        raise ProviderRefused(code)
    return body


def applied(answer: HttpAnswer, order_id: str) -> Outcome:
    try:
        code, body = _parts(answer)
        if code != SUCCESS:
            return Outcome(naverpay_codes.APPLY.get(code, naverpay_codes.APPLY_DEFAULT), order_id, code=code)
        if answer.status == 409:  # the first answer once more: the history has what happened to the money since
            return Outcome(Verdict.UNKNOWN, order_id, code="repeated")
        detail = body["detail"]
        if detail["merchantPayKey"] != order_id:
            return Outcome(Verdict.UNKNOWN, order_id, code="other-order")
        if detail["admissionState"] != "SUCCESS":
            return Outcome(Verdict.UNKNOWN, order_id, code=code_label(detail["admissionState"]))
        total = won(detail["totalPayAmount"])
        return _paid(detail, order_id, total, total)
    except UNREADABLE:
        return answers.unreadable(answer)


def polled(answer: HttpAnswer, order_id: str, payment_id: str) -> Outcome:
    """From the history of one payment: its approval, less what was cancelled of it."""
    try:
        code, body = _parts(answer)
        if code != SUCCESS:
            return Outcome(Verdict.UNKNOWN, order_id, code=code)
        items = [item for item in body["list"] if item["paymentId"] == payment_id]
        if any(item["merchantPayKey"] != order_id for item in items):
            return Outcome(Verdict.UNKNOWN, order_id, code="other-order")
        return _balance([item for item in items if item["admissionState"] == "SUCCESS"], order_id, payment_id)
    except UNREADABLE:
        return answers.unreadable(answer)


def cancelled(answer: HttpAnswer, payment_id: str) -> Refunded:
    try:
        code, body = _parts(answer)
        if code != SUCCESS:
            return Refunded(naverpay_codes.CANCEL.get(code, naverpay_codes.CANCEL_DEFAULT), code=code)
        if body["paymentId"] != payment_id:
            return Refunded(RefundVerdict.UNKNOWN, code="other-order")
        return Refunded(RefundVerdict.DONE, won(body["totalRestAmount"]), vendor_label(body["payHistId"]))
    except UNREADABLE:
        return Refunded(RefundVerdict.UNKNOWN, code=answers.unreadable(answer).code)


def history_page(answer: HttpAnswer) -> tuple[list[SettlementLine], int]:
    """(lines, number of pages). Raises ProviderRefused, ProviderUnavailable."""
    body = result(answer)
    try:
        items = [item for item in body["list"] if item["admissionState"] == "SUCCESS"]
        return [_line(item) for item in items], int(body["totalPageCount"])
    except UNREADABLE:
        raise ProviderUnavailable("unreadable") from None


def _parts(answer: HttpAnswer) -> tuple[str, Body]:
    """Read a 409 like any other answer: it carries the one to the first request under the same key."""
    whole = mapping(answer.body)
    code = code_label(whole["code"])
    if code == SUCCESS and not (answers.succeeded(answer) or answer.status == 409):
        raise ValueError("success with an error status")
    return code, whole["body"] if code == SUCCESS else {}


def _balance(items: list[dict[str, Any]], order_id: str, payment_id: str) -> Outcome:
    approvals = [item for item in items if item["admissionTypeCode"] == APPROVAL]
    cancels = [item for item in items if item["admissionTypeCode"] in (WHOLE_CANCEL, PART_CANCEL)]
    if not approvals:
        return Outcome(Verdict.OPEN, order_id, payment_id, code="not-applied-for")
    total = won(approvals[0]["totalPayAmount"])
    return _paid(approvals[0], order_id, total, total - sum(abs(won(item["totalPayAmount"])) for item in cancels))


def _paid(item: Body, order_id: str, amount: int, balance: int) -> Outcome:
    return Outcome(
        Verdict.PAID,
        order_id,
        vendor_label(item["paymentId"]),
        amount=amount,
        balance=balance,
        approved_at=_time(item["admissionYmdt"]),
        method=code_label(item.get("primaryPayMeans") or ""),
    )


def _line(item: dict[str, Any]) -> SettlementLine:
    amount = abs(won(item["totalPayAmount"]))
    is_capture = item["admissionTypeCode"] == APPROVAL
    fee = won(item["payCommissionAmount"]) if item.get("settleExpected") is True else 0
    return SettlementLine(
        order_id=label(item["merchantPayKey"], 64),
        vendor_id=vendor_label(item["paymentId"]),
        amount=amount if is_capture else -amount,
        happened_at=_time(item["admissionYmdt"]),
        fee=fee,
    )


def _time(value: object) -> datetime:
    return datetime.strptime(str(value), "%Y%m%d%H%M%S").replace(tzinfo=KST)
