"""Receipts that come one by one are written together: requests wait a moment for the commit that holds them all.

Nothing is acknowledged before it is committed. One thread per process writes; it also sends at most one wake-up per
WAKE_SECONDS, the last one after the last receipt.
"""

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import OperationalError, close_old_connections, connection

from notifications.channels.contract import Receipt
from notifications.receipts import take_receipts
from notifications.wake import wake

GATHER_SECONDS = 0.005  # between the first receipt and the statement: others come meanwhile and share its commit
WAKE_SECONDS = 0.25
IDLE_SECONDS = 5.0  # a connection that has rested so long is looked at before it is used
MOST_AT_ONCE = 2000
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Parcel:
    gateway: str
    receipts: Sequence[Receipt]
    now: datetime
    done: Future[None]


class ReceiptWriter:
    def __init__(self) -> None:
        self._parcels: queue.SimpleQueue[Parcel] = queue.SimpleQueue()
        self._stored_at = 0.0
        threading.Thread(target=self._work, name="receipt-writer", daemon=True).start()

    def write(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """Return when the receipts are committed. Raises what the database raised, and when it says nothing."""
        parcel = Parcel(gateway, receipts, now, Future())
        self._parcels.put(parcel)
        try:
            parcel.done.result(ANSWER_SECONDS)
        except TimeoutError as error:
            raise OperationalError(f"no commit within {ANSWER_SECONDS:.0f} s") from error

    def _work(self) -> None:
        woken_at, owed = 0.0, set[str]()
        while True:
            owed |= self._store(self._collect(WAKE_SECONDS if owed else None))
            if owed and time.monotonic() - woken_at >= WAKE_SECONDS:
                for task in owed:
                    wake(task)
                woken_at, owed = time.monotonic(), set()

    def _collect(self, wait: float | None) -> list[Parcel]:
        """What is waiting now; blocks for the first, for ever where no wake-up is owed."""
        parcels: list[Parcel] = []
        try:
            parcels.append(self._parcels.get(timeout=wait))
            time.sleep(GATHER_SECONDS)
            size = len(parcels[0].receipts)
            while size < MOST_AT_ONCE:
                parcels.append(self._parcels.get_nowait())
                size += len(parcels[-1].receipts)
        except queue.Empty:
            return parcels
        return parcels

    def _store(self, parcels: list[Parcel]) -> set[str]:
        """Commit them; the tasks that have something to do because of it."""
        try:
            owed = self._take(parcels)
        except Exception as error:
            # Every waiting request gets the failure and answers 5xx, so that the gateway sends again.
            connection.close()
            for parcel in parcels:
                parcel.done.set_exception(error)
            return set()
        self._stored_at = time.monotonic()
        for parcel in parcels:
            parcel.done.set_result(None)
        return owed

    def _take(self, parcels: list[Parcel]) -> set[str]:
        by_gateway: dict[str, list[Receipt]] = defaultdict(list)
        for parcel in parcels:
            by_gateway[parcel.gateway] += parcel.receipts
        if by_gateway and time.monotonic() - self._stored_at > IDLE_SECONDS:
            close_old_connections()
        owed = set()
        for gateway, receipts in by_gateway.items():
            applied = take_receipts(gateway=gateway, receipts=receipts, now=parcels[0].now)
            if applied is None:
                owed.add("receipts")
            elif applied.free:
                owed.add("deliver")
        return owed


_starting = threading.Lock()


@cache
def _of_this_process() -> ReceiptWriter:
    return ReceiptWriter()


def receipt_writer() -> ReceiptWriter:
    """The writer of this process, started with the first receipt (after gunicorn has forked), by one thread."""
    with _starting:
        return _of_this_process()
