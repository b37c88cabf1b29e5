"""A payment provider and an agency's biller in memory: strict, durable as long as the test, with faults on order."""

import itertools
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from payments.billers.contract import (
    Acknowledged,
    BillerRefused,
    BillerUnavailable,
    Debt,
    DebtState,
    PostedLine,
    Posting,
)
from payments.providers.contract import (
    Begun,
    Callback,
    ForgedCallback,
    Order,
    Outcome,
    ProviderRefused,
    ProviderUnavailable,
    Refunded,
    RefundVerdict,
    Returned,
    SettlementLine,
    Trigger,
    UnreadableCallback,
    Verdict,
)
from secretary.kernel.time.clock import kst_date


class Killed(BaseException):
    """The worker dies here: nothing of ours catches it, as nothing catches kill -9."""


@dataclass
class Account:
    """What the bank knows of one order. This is its own ledger, which ours must equal to the won."""

    order: Order
    vendor_id: str
    token: str
    captured: int = 0
    refunded: int = 0
    approved_at: datetime | None = None
    declined: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    lines: list[SettlementLine] = field(default_factory=list)


class Bank:
    """Fulfils payments.providers.contract.Provider. `faults[call]`: what happens at the next calls of that name.

    begin: refused, down · confirm: down (certainly not captured), lost (not captured, answer lost), taken_lost
    (captured, answer lost), killed_before, killed_after, declined, wrong_amount · poll: silent · refund: lost,
    done_lost, refused
    """

    name: ClassVar[str] = "toss_payments"
    title: ClassVar[Mapping[str, str]] = {"ko": "토스페이", "en": "Toss Pay"}
    confirm_within: ClassVar[timedelta] = timedelta(minutes=10)
    key_window: ClassVar[timedelta] = timedelta(days=15)
    lists_settlements: ClassVar[bool] = True

    def __init__(self, name: str = "toss_payments") -> None:
        self.name = name  # type: ignore[misc]
        self.lists_settlements = name != "kakaopay"  # type: ignore[misc]
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.accounts: dict[str, Account] = {}
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.calls: list[str] = []
        self.at_confirm: Callable[[], object] = lambda: None
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    # ── what the test does ──
    def pay(self, order_id: str) -> dict[str, str]:
        """The citizen pays on the bank's page; what the browser brings back."""
        account = self.accounts[order_id]
        brought = {"token": account.token}
        if self.name != "kakaopay":  # which has named its id at the beginning and does not repeat it
            brought["paymentKey"] = account.vendor_id
        if self.name == "toss_payments":
            brought |= {"orderId": order_id, "amount": str(account.order.amount)}
        return brought

    def total(self) -> int:
        return sum(account.captured - account.refunded for account in self.accounts.values())

    def captured(self) -> list[str]:
        return [name for name, account in self.accounts.items() if account.captured]

    def capture_unseen(self, order_id: str, amount: int | None = None) -> None:
        account = self.accounts[order_id]
        self._capture(account, account.order.amount if amount is None else amount)

    def refund_at_the_console(self, order_id: str, amount: int | None = None) -> int:
        """A net cancel of its own, or a refund at its console: all of the rest or `amount`; returns the amount."""
        account = self.accounts[order_id]
        with self._lock:
            left = account.captured - account.refunded
            back = left if amount is None else min(amount, left)
            if back:
                account.refunded += back
                account.lines.append(SettlementLine(order_id, account.vendor_id, -back, self.now()))
        return back

    # ── the contract ──
    def begin(self, order: Order) -> Begun:
        fault = self._next("begin")
        if fault == "refused":
            raise ProviderRefused("BAD_REQUEST")
        if fault == "down":
            raise ProviderUnavailable
        assert order.order_id not in self.accounts, "an order id is used once"
        assert order.amount > 0 and order.success_url.startswith("http") and len(order.payer) >= 20
        number = next(self._numbers)
        self.accounts[order.order_id] = Account(order, f"{self.name}-{number}", f"token-{number}")
        return Begun(f"https://bank.invalid/{number}", f"{self.name}-{number}" if self.name == "kakaopay" else "")

    def read_return(self, query: Mapping[str, str]) -> Returned:
        amount, token = query.get("amount", ""), query.get("token", "")
        return Returned(
            query.get("orderId", ""), query.get("paymentKey", ""), token,
            int(amount) if amount.isdecimal() else None, query.get("code", "") or ("" if token else "incomplete"),
        )  # fmt: skip

    def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
        self.at_confirm()
        fault = self._next("confirm")
        if fault == "killed_before":
            raise Killed
        if fault == "down":
            return Outcome(Verdict.OPEN, code="CONNECT")
        if fault == "lost":
            return Outcome(Verdict.UNKNOWN, code="TIMEOUT")
        account = self.accounts[order.order_id]
        with self._lock:
            if account.keys.setdefault("confirm", key) != key:
                raise AssertionError("another key for the same order")
            right = (returned.token, returned.vendor_id) == (account.token, account.vendor_id)
            if fault == "declined" or not right:
                account.declined = True
                return Outcome(Verdict.DECLINED, order.order_id, account.vendor_id, code="REJECT_CARD_PAYMENT")
            assert order.amount == account.order.amount, "the amount of a confirm is the one that was shown"
            if not account.captured:
                self._capture(account, order.amount + (1000 if fault == "wrong_amount" else 0))
        if fault == "killed_after":
            raise Killed
        if fault == "taken_lost":
            return Outcome(Verdict.UNKNOWN, code="TIMEOUT")
        return self._paid(account)

    def poll(self, *, order_id: str, vendor_id: str) -> Outcome:
        if self._next("poll") == "silent":
            return Outcome(Verdict.UNKNOWN, code="TIMEOUT")
        account = self.accounts.get(order_id)
        if account is None:
            return Outcome(Verdict.OPEN, order_id, code="NOT_FOUND")
        assert vendor_id in ("", account.vendor_id) and (vendor_id or self.name != "kakaopay")
        if account.captured:
            return self._paid(account)
        return Outcome(Verdict.DECLINED if account.declined else Verdict.OPEN, order_id, account.vendor_id)

    def refund(self, *, order_id: str, vendor_id: str, amount: int, remainder: int, reason: str, key: str) -> Refunded:
        fault, account = self._next("refund"), self.accounts[order_id]
        assert vendor_id == account.vendor_id and reason
        if fault == "refused":
            return Refunded(RefundVerdict.REFUSED, code="NOT_CANCELABLE")
        if fault == "lost":
            return Refunded(RefundVerdict.UNKNOWN, code="TIMEOUT")
        if key not in account.keys:
            if account.captured - account.refunded != remainder or amount > remainder:
                return Refunded(RefundVerdict.REFUSED, code="NOT_MATCHES_REFUNDABLE_AMOUNT")
            account.keys[key] = f"cancel-{vendor_id}-{next(self._numbers)}"
            account.refunded += amount
            account.lines.append(SettlementLine(order_id, vendor_id, -amount, self.now()))
        if fault == "done_lost":
            return Refunded(RefundVerdict.UNKNOWN, code="TIMEOUT")
        return Refunded(RefundVerdict.DONE, account.captured - account.refunded, account.keys[key])

    def receive(self, callback: Callback) -> list[Trigger]:
        if callback.headers.get("x-bank-signature") != "good":
            raise ForgedCallback
        event, _, order_id = callback.body.decode().partition(":")
        if not event:
            raise UnreadableCallback
        return [Trigger(event, order_id, kind="PAYMENT_STATUS_CHANGED")]

    def settlements(self, day: date) -> Sequence[SettlementLine]:
        fault = self._next("settlements")
        if fault == "down":
            raise ProviderUnavailable
        if fault:
            raise ProviderRefused(fault)
        lines = [line for account in self.accounts.values() for line in account.lines]
        return [line for line in lines if kst_date(line.happened_at) == day]

    def _next(self, call: str) -> str:
        self.calls.append(call)
        return self.faults[call].popleft() if self.faults[call] else ""

    def _capture(self, account: Account, amount: int) -> None:
        account.captured, account.approved_at = amount, self.now()
        account.lines.append(SettlementLine(account.order.order_id, account.vendor_id, amount, account.approved_at))

    def _paid(self, account: Account) -> Outcome:
        return Outcome(
            Verdict.PAID, account.order.order_id, account.vendor_id, amount=account.captured,
            balance=account.captured - account.refunded, approved_at=account.approved_at, method="card", code="DONE",
        )  # fmt: skip


class Biller:
    """Fulfils billers.contract.Biller.

    Faults: poll: down, refused · report: down, told_lost, refused · posted: down.
    """

    def __init__(self) -> None:
        self.debts: dict[str, Debt] = {}
        self.posted_lines: dict[str, PostedLine] = {}
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.calls: list[str] = []
        self.at_poll: Callable[[], object] = lambda: None
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def total(self) -> int:
        return sum(line.amount for line in self.posted_lines.values())

    def poll(self, external_id: str) -> Debt:
        self.at_poll()
        self._next("poll")
        return self.debts.get(external_id, Debt(DebtState.OPEN))

    def report(self, posting: Posting) -> Acknowledged:
        fault = self._next("report")
        assert posting.amount > 0 and posting.kind in ("paid", "refunded") and posting.receipt_number
        signed = posting.amount if posting.kind == "paid" else -posting.amount
        line = PostedLine(posting.posting_id, posting.external_id, signed, self.now())
        assert self.posted_lines.setdefault(posting.posting_id, line).amount == signed
        if fault == "told_lost":
            raise BillerUnavailable
        return Acknowledged(f"K-{posting.posting_id[-6:]}")

    def posted(self, day: date) -> Sequence[PostedLine]:
        self._next("posted")
        return [line for line in self.posted_lines.values() if kst_date(line.posted_at) == day]

    def _next(self, call: str) -> str:
        self.calls.append(call)
        fault = self.faults[call].popleft() if self.faults[call] else ""
        if fault == "down":
            raise BillerUnavailable
        if fault == "refused":
            raise BillerRefused("UNKNOWN_DEBT")
        return fault
