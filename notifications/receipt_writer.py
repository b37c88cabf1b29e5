"""Receipts that come one by one are written together: requests wait a moment for the commit that holds them all.

Nothing is acknowledged before it is committed. One thread per process writes; it also sends at most one wake-up per
WAKE_SECONDS, the last one after the last receipt.
"""

import asyncio
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

# After the first receipt others come and share its commit: while they follow upon one another, and not for long.
QUIET_SECONDS, GATHER_SECONDS = 0.004, 0.02
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
        try:
            self._put(gateway, receipts, now).result(ANSWER_SECONDS)
        except TimeoutError as error:
            raise _silence() from error

    async def commit(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """As `write`, for an event loop."""
        try:
            await asyncio.wait_for(asyncio.wrap_future(self._put(gateway, receipts, now)), ANSWER_SECONDS)
        except TimeoutError as error:
            raise _silence() from error

    def _put(self, gateway: str, receipts: Sequence[Receipt], now: datetime) -> "Future[None]":
        parcel = Parcel(gateway, receipts, now, Future())
        self._parcels.put(parcel)
        return parcel.done

    def _work(self) -> None:
        woken_at, owed = 0.0, set[str]()
        while True:
            owed |= self._store(self._collect(WAKE_SECONDS if owed else None))
            if owed and time.monotonic() - woken_at >= WAKE_SECONDS:
                for task in owed:
                    wake(task)
                woken_at, owed = time.monotonic(), set()

    def _collect(self, wait: float | None) -> list[Parcel]:
        """What is waiting now and comes meanwhile; blocks for the first, for ever where no wake-up is owed."""
        parcels: list[Parcel] = []
        try:
            parcels.append(self._parcels.get(timeout=wait))
            size, end = len(parcels[0].receipts), time.monotonic() + GATHER_SECONDS
            while size < MOST_AT_ONCE and time.monotonic() < end:
                parcels.append(self._parcels.get(timeout=QUIET_SECONDS))
                size += len(parcels[-1].receipts)
        except queue.Empty:
            return parcels
        return parcels

    def _store(self, parcels: list[Parcel]) -> set[str]:
        """Commit them; the tasks that have something to do because of it."""
        waiting = [parcel.done for parcel in parcels if parcel.done.set_running_or_notify_cancel()]
        try:
            owed = self._take(parcels)
        except Exception as error:
            # Every waiting request gets the failure and answers 5xx, so that the gateway sends again.
            connection.close()
            for done in waiting:
                done.set_exception(error)
            return set()
        self._stored_at = time.monotonic()
        for done in waiting:
            done.set_result(None)
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


def _silence() -> OperationalError:
    return OperationalError(f"no commit within {ANSWER_SECONDS:.0f} s")


_starting = threading.Lock()


@cache
def _of_this_process() -> ReceiptWriter:
    return ReceiptWriter()


def receipt_writer() -> ReceiptWriter:
    """The writer of this process, started with the first receipt (after gunicorn has forked), by one thread."""
    with _starting:
        return _of_this_process()
