"""Read KakaoPay's answers."""

from payments.providers import answers, kakaopay_codes
from payments.providers.answers import KST, Body, vendor_label, web_address, won
from payments.providers.contract import Begun, Outcome, Refunded, RefundVerdict, Verdict
from secretary.kernel.adapters.exchange import HttpAnswer
from secretary.kernel.adapters.reading import UNREADABLE, code_label, instant, mapping


def begun(body: Body) -> Begun:
    """Read the answer to `ready`: the pages and the `tid`. Raises one of UNREADABLE."""
    tid = vendor_label(body["tid"])
    if not tid:
        raise ValueError("no tid")
    mobile = web_address(body["next_redirect_mobile_url"])
    return Begun(web_address(body["next_redirect_pc_url"]), tid, mobile)


def approved(answer: HttpAnswer, order_id: str) -> Outcome:
    try:
        body = mapping(answer.body)
        if not answers.succeeded(answer):
            return _refused(body, order_id)
        if body["partner_order_id"] != order_id:
            return Outcome(Verdict.UNKNOWN, order_id, code="other-order")
        total = won(body["amount"]["total"])
        return _paid(body, order_id, total, total)
    except UNREADABLE:
        return answers.unreadable(answer)


def polled(answer: HttpAnswer, order_id: str) -> Outcome:
    try:
        body = mapping(answer.body)
        if not answers.succeeded(answer):
            return Outcome(Verdict.UNKNOWN, order_id, code=code_label(body["error_code"]))
        if body["partner_order_id"] != order_id:
            return Outcome(Verdict.UNKNOWN, order_id, code="other-order")
        status = code_label(body["status"])
        verdict = kakaopay_codes.STATUS.get(status, Verdict.UNKNOWN)
        if verdict is not Verdict.PAID:
            return Outcome(verdict, order_id, vendor_label(body["tid"]), code=status)
        return _paid(body, order_id, won(body["amount"]["total"]), _left(body))
    except UNREADABLE:
        return answers.unreadable(answer)


def earlier_refund(answer: HttpAnswer, order_id: str, *, key: str, remainder: int) -> Refunded | None:
    """Return what the order query reports of a refund before it is made: made already, impossible, or (None) to be
    made."""
    unanswered = answers.of_refund(answer)
    if unanswered is not None:
        return unanswered
    try:
        body = mapping(answer.body)
        if not answers.succeeded(answer):
            return Refunded(RefundVerdict.UNKNOWN, code=code_label(body["error_code"]))
        if body["partner_order_id"] != order_id:
            return Refunded(RefundVerdict.REFUSED, code="other-order")
        return _earlier(body, key[:200], remainder)
    except UNREADABLE:
        return Refunded(RefundVerdict.UNKNOWN, code=answers.unreadable(answer).code)


def cancelled(answer: HttpAnswer, order_id: str) -> Refunded:
    """Poll after a refusal, which is no proof that nothing happened (kakaopay_codes.py)."""
    try:
        body = mapping(answer.body)
        if not answers.succeeded(answer):
            return Refunded(RefundVerdict.UNKNOWN, code=code_label(body["error_code"]))
        if body["partner_order_id"] != order_id:
            return Refunded(RefundVerdict.UNKNOWN, code="other-order")
        return Refunded(RefundVerdict.DONE, _left(body), vendor_label(body["aid"]))
    except UNREADABLE:
        return Refunded(RefundVerdict.UNKNOWN, code=answers.unreadable(answer).code)


def _earlier(body: Body, payload: str, remainder: int) -> Refunded | None:
    made = [
        action
        for action in body.get("payment_action_details") or ()
        if action.get("payment_action_type") == "CANCEL" and action.get("payload") == payload
    ]
    if made:
        return Refunded(RefundVerdict.DONE, _left(body), vendor_label(made[0]["aid"]))
    if _left(body) != remainder:
        return Refunded(RefundVerdict.REFUSED, _left(body), code="other-balance")
    return None


def _refused(body: Body, order_id: str) -> Outcome:
    code = code_label(body["error_code"])
    method = code_label((body.get("extras") or {}).get("method_result_code") or "")
    return Outcome(kakaopay_codes.approve(code, method), order_id, code=code_label(f"{code} {method}".strip()))


def _left(body: Body) -> int:
    return won(body["cancel_available_amount"]["total"])


def _paid(body: Body, order_id: str, amount: int, balance: int) -> Outcome:
    return Outcome(
        Verdict.PAID,
        order_id,
        vendor_label(body["tid"]),
        amount=amount,
        balance=balance,
        approved_at=instant(body.get("approved_at"), KST),
        method=code_label(body.get("payment_method_type") or ""),
    )
