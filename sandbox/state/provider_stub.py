"""Keep the payment providers' books: payments captured and refunded; durable, movements add up to the won."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sandbox.state.store import Statement, Store

KST = timezone(timedelta(hours=9))
READY, AUTHORISED, PAID, FAILED, EXPIRED = "ready", "authorised", "paid", "failed", "expired"


@dataclass
class Refund:
    amount: int
    at: float
    reference: str
    key: str
    reason: str


@dataclass
class Payment:
    """One order at one provider. `page` is the secret part of its payment page's address."""

    provider: str
    vendor_id: str  # paymentKey, tid, paymentId
    order_id: str
    page: str
    amount: int
    name: str
    payer: str
    success_url: str
    cancel_url: str
    fail_url: str
    created_at: float
    status: str = READY
    authorised_at: float = 0.0
    approved_at: float = 0.0
    reference: str = ""  # of the charge
    token: str = ""  # pg_token
    refusal: str = ""  # with which the confirmation will be refused, chosen on the page
    code: str = ""  # why it failed
    refunds: list[Refund] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds)

    @property
    def balance(self) -> int:
        return self.amount - self.refunded


class ProviderStub:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def held(self, payment: Payment) -> AsyncIterator[Payment]:
        """Yield the payment as it is now, locked against concurrent changes."""
        async with self._locks[f"{payment.provider}:{payment.vendor_id}"]:
            yield self.get(payment.provider, payment.vendor_id) or payment

    def get(self, provider: str, vendor_id: str) -> Payment | None:
        return self._one("provider = ? AND vendor_id = ?", provider, vendor_id)

    def of_page(self, provider: str, page: str) -> Payment | None:
        return self._one("provider = ? AND page = ?", provider, page)

    def of_order(self, provider: str, order_id: str) -> Payment | None:
        """Return the captured payment, or else the newest."""
        found = self._find("provider = ? AND order_id = ?", provider, order_id)
        return max(found, key=lambda each: (each.status == PAID, each.created_at), default=None)

    def all(self, provider: str, order_id: str) -> list[Payment]:
        """Of all providers where `provider` is empty, of all orders where `order_id` is."""
        where = "(? IN ('', provider)) AND (? IN ('', order_id))"
        return self._find(where, provider, order_id)

    async def keep(self, payment: Payment, *more: Statement) -> None:
        """Durable when it returns."""
        row = (payment.provider, payment.vendor_id, payment.order_id, payment.page, json.dumps(asdict(payment)))
        await self._store.commit(("INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?, ?)", [row]), *more)

    async def charge(self, payment: Payment, reference: str, *more: Statement) -> None:
        payment.status, payment.approved_at, payment.reference = PAID, time.time(), reference
        moved = _movement(payment, payment.amount, payment.approved_at, reference)
        await self.keep(payment, moved, *more)

    async def refund(self, payment: Payment, refund: Refund, *more: Statement) -> None:
        payment.refunds.append(refund)
        await self.keep(payment, _movement(payment, -refund.amount, refund.at, refund.reference), *more)

    def movements(self, *, provider: str = "", order_id: str = "", day: date | None = None) -> list[dict[str, Any]]:
        """Return what went in (positive) and out, in order; `day` is one of Korea."""
        first = datetime(day.year, day.month, day.day, tzinfo=KST) if day else datetime(2000, 1, 1, tzinfo=UTC)
        after = first + timedelta(days=1) if day else datetime(3000, 1, 1, tzinfo=UTC)
        rows = self._store.read(
            "SELECT * FROM movements WHERE (? IN ('', provider)) AND (? IN ('', order_id)) AND at >= ? AND at < ?"
            " ORDER BY seq",
            [provider, order_id, first.timestamp(), after.timestamp()],
        )
        return [dict(row) for row in rows]

    def totals(self) -> dict[str, dict[str, int]]:
        """Return {provider: {charges, charged, refunds, refunded, net}}."""
        rows = self._store.read(
            "SELECT provider, sum(amount > 0) AS charges, sum(max(amount, 0)) AS charged, sum(amount < 0) AS refunds,"
            " -sum(min(amount, 0)) AS refunded, sum(amount) AS net FROM movements GROUP BY provider"
        )
        return {row["provider"]: {name: row[name] for name in row.keys() if name != "provider"} for row in rows}  # noqa: SIM118

    async def erase(self) -> None:
        tables = ("payments", "movements", "payment_answers", "postings", "debts")
        await self._store.commit(*[(f"DELETE FROM {table}", [()]) for table in tables])  # noqa: S608

    def answer(self, name: str, seconds: float) -> tuple[int, str] | None:
        """Return what was answered to the first request under this idempotency key, within its window."""
        sql = "SELECT status, body FROM payment_answers WHERE name = ? AND at > ?"
        found = self._store.read(sql, [name, time.time() - seconds])
        return (found[0]["status"], found[0]["body"]) if found else None

    async def remember(self, name: str, status: int, body: str) -> None:
        row = (name, status, body, time.time())
        await self._store.commit(("INSERT OR REPLACE INTO payment_answers VALUES (?, ?, ?, ?)", [row]))

    def _one(self, where: str, *arguments: str) -> Payment | None:
        return next(iter(self._find(where, *arguments)), None)

    def _find(self, where: str, *arguments: str) -> list[Payment]:
        rows = self._store.read(f"SELECT state FROM payments WHERE {where}", arguments)  # noqa: S608
        return [_payment(json.loads(row["state"])) for row in rows]


def _payment(state: dict[str, Any]) -> Payment:
    return Payment(**{**state, "refunds": [Refund(**each) for each in state["refunds"]]})


def _movement(payment: Payment, amount: int, at: float, reference: str) -> Statement:
    columns = "provider, vendor_id, order_id, amount, at, reference"
    row: Sequence[Any] = (payment.provider, payment.vendor_id, payment.order_id, amount, at, reference)
    return f"INSERT INTO movements ({columns}) VALUES (?, ?, ?, ?, ?, ?)", [row]  # noqa: S608
