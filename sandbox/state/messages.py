"""Store every message that a gateway here has accepted: text, recipient, time and outcome."""

import itertools
import time
from collections.abc import Iterable, Sequence
from sqlite3 import Row
from typing import Any, NamedTuple

from sandbox.state.store import Statement, Store

DELIVERED, FAILED, UNCONFIRMED = "delivered", "failed", "unconfirmed"
OWED, ACKNOWLEDGED, NO_RECEIPT, GIVEN_UP = range(4)  # the receipt of a message


class Entry(NamedTuple):
    """One accepted message; its fields are the columns of `messages`.

    `outcome` is decided on arrival and becomes visible at `final_at` (seconds since the epoch): before, the message
    is merely accepted. `callback` is the URL for receipts, where the vendor accepts one per message.
    """

    seq: int
    gateway: str
    vendor_id: str
    batch_key: str
    reference: str
    address: str  # as the caller wrote it
    person: str  # national digits, 01000000001
    template: str
    title: str
    text: str  # filled
    received_at: float
    outcome: str
    code: str  # the vendor's own code of the outcome
    final_at: float
    callback: str
    settled: int


INSERT = f"INSERT INTO messages VALUES ({', '.join('?' * len(Entry._fields))})"  # noqa: S608
_FILTERS = {
    "gateway": "gateway = ?",
    "vendor_id": "vendor_id = ?",
    "reference": "reference = ?",
    "batch_key": "batch_key = ?",
    "person": "person = ?",
    "template": "template = ?",
    "outcome": "outcome = ?",
    "after": "seq > ?",
    "before": "seq < ?",
    "from_vendor_id": "seq <= (SELECT seq FROM messages WHERE vendor_id = ?)",
    "since": "received_at >= ?",
    "until": "received_at <= ?",
}


class Messages:
    def __init__(self, store: Store) -> None:
        self._store = store
        last = int(store.read("SELECT coalesce(max(seq), 0) FROM messages")[0][0])
        self._sequence = itertools.count(last + 1)

    def next_seq(self) -> int:
        return next(self._sequence)

    async def append(self, entries: Sequence[Entry], *more: Statement) -> None:
        """Durable when it returns. `more` belongs to the same transaction."""
        await self._store.commit((INSERT, entries), *more)

    async def settle(self, seqs: Iterable[int], settled: int = ACKNOWLEDGED) -> None:
        rows = [(settled, seq) for seq in seqs]
        await self._store.commit(("UPDATE messages SET settled = ? WHERE seq = ?", rows))

    async def erase(self) -> None:
        await self._store.commit(("DELETE FROM messages", [()]), ("DELETE FROM idempotency_keys", [()]))

    def find(self, *, limit: int = 1000, newest_first: bool = False, **filters: Any) -> list[Entry]:
        """Entries in order of arrival. Filters: the keys of `_FILTERS`; None is no filter."""
        where, arguments = _where(filters)
        order = "DESC" if newest_first else "ASC"
        sql = f"SELECT * FROM messages WHERE {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        return [Entry(*row) for row in self._store.read(sql, [*arguments, limit])]

    def of_vendor_ids(self, prefix: str) -> list[Entry]:
        """Return the messages of one NHN request: their ids are `requestId/recipientSeq`."""
        sql = "SELECT * FROM messages WHERE vendor_id >= ? AND vendor_id < ? ORDER BY seq"
        return [Entry(*row) for row in self._store.read(sql, [prefix, prefix + "\U0010ffff"])]

    def owed(self) -> list[Entry]:
        """Return messages whose receipts were not delivered before the last stop."""
        return [Entry(*row) for row in self._store.read("SELECT * FROM messages WHERE settled = 0 ORDER BY seq")]

    def counts(self, **filters: Any) -> list[Row]:
        """Return rows of gateway, state, n."""
        where, arguments = _where(filters)
        state = "CASE WHEN final_at > ? THEN 'accepted' ELSE outcome END"
        sql = f"SELECT gateway, {state} AS state, count(*) AS n FROM messages WHERE {where} GROUP BY 1, 2"  # noqa: S608
        return self._store.read(sql, [time.time(), *arguments])

    def duplicates(self, limit: int = 100) -> list[Row]:
        """Return references that were accepted more than once: rows of gateway, reference, times."""
        return self._store.read(
            "SELECT gateway, reference, count(*) AS times FROM messages WHERE reference != ''"
            " GROUP BY gateway, reference HAVING count(*) > 1 LIMIT ?",
            [limit],
        )


def state_of(entry: Entry, now: float) -> str:
    return "accepted" if entry.final_at > now else entry.outcome


def _where(filters: dict[str, Any]) -> tuple[str, list[Any]]:
    chosen = {name: value for name, value in filters.items() if value is not None}
    return " AND ".join(_FILTERS[name] for name in chosen) or "1", list(chosen.values())
