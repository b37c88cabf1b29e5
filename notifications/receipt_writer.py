"""Receipts that come one by one are written together: requests wait a moment for the commit that holds them all.

Nothing is acknowledged before it is committed. One thread per process writes; it also sends at most one wake-up per
WAKE_SECONDS, the last one after the last receipt.
"""

import asyncio
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import OperationalError, close_old_connections, connection

from notifications.channels.contract import Receipt
from notifications.outcomes import Applied
from notifications.receipts import take_receipts
from notifications.wake import wake
from secretary.common.outage import is_outage

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


class ReceiptStore:
    """Writes parcels from one thread, and remembers which tasks are owed a wake-up."""

    def __init__(self) -> None:
        self._stored_at = self._woken_at = 0.0
        self.owed: set[str] = set()

    def store(self, parcels: Sequence[Parcel]) -> None:
        """Commit them. Raises what the database raised."""
        if time.monotonic() - self._stored_at > IDLE_SECONDS:
            close_old_connections()
        try:
            self._take(parcels)
        except Exception as error:
            if not is_outage(error):
                raise
            self._take(parcels)  # it may only have been this connection: a new one tells
        self._stored_at = time.monotonic()

    def _take(self, parcels: Sequence[Parcel]) -> None:
        by_gateway: dict[str, list[Receipt]] = defaultdict(list)
        for parcel in parcels:
            by_gateway[parcel.gateway] += parcel.receipts
        try:
            for gateway, receipts in by_gateway.items():
                self._owe(take_receipts(gateway=gateway, receipts=receipts, now=parcels[0].now))
        except Exception:
            connection.close()
            raise

    def _owe(self, applied: Applied | None) -> None:
        if applied is None:
            self.owed.add("receipts")
        elif applied.free:
            self.owed.add("deliver")

    def wake(self) -> None:
        """Wake who is owed it, unless that was a moment ago."""
        if self.owed and time.monotonic() - self._woken_at >= WAKE_SECONDS:
            for task in self.owed:
                wake(task)
            self._woken_at, self.owed = time.monotonic(), set()


class ReceiptWriter:
    """For threads that wait: requests of gunicorn."""

    def __init__(self) -> None:
        self._parcels: queue.SimpleQueue[tuple[Parcel, Future[None]]] = queue.SimpleQueue()
        self._store = ReceiptStore()
        threading.Thread(target=self._work, name="receipt-writer", daemon=True).start()

    def write(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """Return when the receipts are committed. Raises what the database raised, and when it says nothing."""
        done: Future[None] = Future()
        self._parcels.put((Parcel(gateway, receipts, now), done))
        try:
            done.result(ANSWER_SECONDS)
        except TimeoutError as error:
            raise silence() from error

    def _work(self) -> None:
        while True:
            collected = self._collect(WAKE_SECONDS if self._store.owed else None)
            if collected:
                self._write([parcel for parcel, _ in collected], [done for _, done in collected])
            self._store.wake()

    def _collect(self, wait: float | None) -> list[tuple[Parcel, "Future[None]"]]:
        """What is waiting now and comes meanwhile; blocks for the first, for ever where no wake-up is owed."""
        collected: list[tuple[Parcel, Future[None]]] = []
        try:
            collected.append(self._parcels.get(timeout=wait))
            size, end = len(collected[0][0].receipts), time.monotonic() + GATHER_SECONDS
            while size < MOST_AT_ONCE and time.monotonic() < end:
                collected.append(self._parcels.get(timeout=QUIET_SECONDS))
                size += len(collected[-1][0].receipts)
        except queue.Empty:
            return collected
        return collected

    def _write(self, parcels: list[Parcel], waiting: list["Future[None]"]) -> None:
        try:
            self._store.store(parcels)
        except Exception as error:
            # Every waiting request gets the failure and answers 5xx, so that the gateway sends again.
            for done in waiting:
                done.set_exception(error)
        else:
            for done in waiting:
                done.set_result(None)


class LoopWriter:
    """For an event loop: requests of the receiver. A thread is asked once for each commit, not for each receipt."""

    def __init__(self) -> None:
        self._store = ReceiptStore()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="receipt-writer")
        self._waiting: list[tuple[Parcel, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def commit(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """As `ReceiptWriter.write`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((Parcel(gateway, receipts, now), done))
        self._arrived.set()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        """Until nothing waits and nobody is owed a wake-up."""
        while self._waiting or self._store.owed:
            await self._gather()
            collected, self._waiting = self._waiting, []
            if collected:
                await self._write([parcel for parcel, _ in collected], [done for _, done in collected])
            await self._in_thread(self._store.wake)

    async def _gather(self) -> None:
        """Until something waits and what comes with it has come, or it is time to wake somebody."""
        self._arrived.clear()
        if not self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), WAKE_SECONDS)
        if self._waiting:
            await asyncio.sleep(QUIET_SECONDS)

    async def _write(self, parcels: list[Parcel], waiting: list["asyncio.Future[None]"]) -> None:
        failure: Exception | None = None
        try:
            await asyncio.wait_for(self._in_thread(lambda: self._store.store(parcels)), ANSWER_SECONDS)
        except TimeoutError:
            failure = silence()
        except Exception as error:
            failure = error  # each request that waits raises it and answers 5xx
        for done in waiting:
            if not done.done():  # whoever waited may have gone
                done.set_exception(failure) if failure else done.set_result(None)

    def _in_thread(self, work: Callable[[], None]) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)


def silence() -> OperationalError:
    return OperationalError(f"no commit within {ANSWER_SECONDS:.0f} s")


_starting = threading.Lock()


@cache
def _of_this_process() -> ReceiptWriter:
    return ReceiptWriter()


def receipt_writer() -> ReceiptWriter:
    """The writer of this process, started with the first receipt (after gunicorn has forked), by one thread."""
    with _starting:
        return _of_this_process()
