"""Commit parcels of receipts together, by one thread of a process, on its own connection."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import close_old_connections, connection

from notifications.channels.contract import Receipt
from notifications.receipts.receipts import take_receipts
from secretary.kernel.database.outage import is_outage
from secretary.kernel.enqueue import enqueue

ENQUEUE_SECONDS = 0.25
IDLE_SECONDS = 5.0  # a connection that was idle for so long is checked before it is used


@dataclass(frozen=True, slots=True)
class Parcel:
    gateway: str
    receipts: Sequence[Receipt]
    now: datetime


class ReceiptStore:
    """Writes parcels from one thread, and remembers which tasks must be enqueued."""

    def __init__(self) -> None:
        self._stored_at = self._enqueued_at = 0.0
        self.owed: set[str] = set()

    def store(self, parcels: Sequence[Parcel]) -> None:
        """Commit the parcels. Raises the database's error."""
        if time.monotonic() - self._stored_at > IDLE_SECONDS:
            close_old_connections()
        try:
            self._take(parcels)
        except Exception as error:
            if not is_outage(error):
                raise
            self._take(parcels)  # perhaps only this connection failed: a new one is tried
        self._stored_at = time.monotonic()

    def _take(self, parcels: Sequence[Parcel]) -> None:
        by_gateway: dict[str, list[Receipt]] = defaultdict(list)
        for parcel in parcels:
            by_gateway[parcel.gateway] += parcel.receipts
        try:
            for gateway, receipts in by_gateway.items():
                applied = take_receipts(gateway=gateway, receipts=receipts, now=parcels[0].now)
                if applied is None:
                    self.owed.add("receipts")
                elif applied.free:
                    self.owed.add("deliver")
        except Exception:
            connection.close()
            raise

    def enqueue(self) -> None:
        """Enqueue the tasks that must be, unless they were enqueued a moment ago."""
        if self.owed and time.monotonic() - self._enqueued_at >= ENQUEUE_SECONDS:
            for task in self.owed:
                enqueue(task)
            self._enqueued_at, self.owed = time.monotonic(), set()
