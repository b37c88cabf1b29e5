"""Write single receipts together: requests wait a moment for the commit that holds them all.

Nothing is acknowledged before it is committed. One thread per process writes; it also enqueues a task at most once per
`receipt_store.ENQUEUE_SECONDS`, for the last time after the last receipt.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from django.db import OperationalError

from notifications.channels.contract import Receipt
from notifications.receipts.receipt_store import ENQUEUE_SECONDS, Parcel, ReceiptStore

# After the first receipt others share its commit, as long as they keep arriving, and for a limited time.
QUIET_SECONDS, GATHER_SECONDS = 0.004, 0.02
MOST_AT_ONCE = 2000
ANSWER_SECONDS = 10.0


class ReceiptWriter:
    """The writer for threads that wait: requests of gunicorn."""

    def __init__(self) -> None:
        self._parcels: queue.SimpleQueue[tuple[Parcel, Future[None]]] = queue.SimpleQueue()
        self._store = ReceiptStore()
        threading.Thread(target=self._work, name="receipt-writer", daemon=True).start()

    def write(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """Return when the receipts are committed. Raises the database's error, or a time-out."""
        done: Future[None] = Future()
        self._parcels.put((Parcel(gateway, receipts, now), done))
        try:
            done.result(ANSWER_SECONDS)
        except TimeoutError as error:
            raise silence() from error

    def _work(self) -> None:
        while True:
            collected = self._collect(ENQUEUE_SECONDS if self._store.owed else None)
            failure: Exception | None = None
            try:
                if collected:
                    self._store.store([parcel for parcel, _ in collected])
            except Exception as error:
                failure = error  # each waiting request raises it and answers 5xx, so that the gateway sends again
            for _, done in collected:
                done.set_exception(failure) if failure else done.set_result(None)
            self._store.enqueue()

    def _collect(self, wait: float | None) -> list[tuple[Parcel, "Future[None]"]]:
        """Collect the waiting receipts and those that arrive meanwhile; block for the first, without a limit where no
        task must be enqueued."""
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


class LoopWriter:
    """The writer for an event loop: requests of the receiver. A thread is called once per commit, not per receipt."""

    def __init__(self) -> None:
        self._store = ReceiptStore()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="receipt-writer")
        self._waiting: list[tuple[Parcel, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def commit(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """Return when the receipts are committed, as `ReceiptWriter.write`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((Parcel(gateway, receipts, now), done))
        self._arrived.set()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        """Wait until no receipt waits and no task must be enqueued."""
        while self._waiting or self._store.owed:
            await self._gather()
            collected, self._waiting = self._waiting, []
            if collected:
                await self._write([parcel for parcel, _ in collected], [done for _, done in collected])
            await self._in_thread(self._store.enqueue)

    async def _gather(self) -> None:
        """Wait until there are receipts to write and those close behind have arrived, or a task must be enqueued."""
        self._arrived.clear()
        if not self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), ENQUEUE_SECONDS)
        if self._waiting:
            await asyncio.sleep(QUIET_SECONDS)

    async def _write(self, parcels: list[Parcel], waiting: list["asyncio.Future[None]"]) -> None:
        failure: Exception | None = None
        try:
            await asyncio.wait_for(self._in_thread(lambda: self._store.store(parcels)), ANSWER_SECONDS)
        except TimeoutError:
            failure = silence()
        except Exception as error:
            failure = error  # each waiting request raises it and answers 5xx
        for done in waiting:
            if not done.done():  # the waiting request may have ended
                done.set_exception(failure) if failure else done.set_result(None)

    def _in_thread(self, work: Callable[[], None]) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)


def silence() -> OperationalError:
    return OperationalError(f"no commit within {ANSWER_SECONDS:.0f} s")


_starting = threading.Lock()
_of_this_process: ReceiptWriter | None = None


def receipt_writer() -> ReceiptWriter:
    """Return the writer of this process, started by one thread with the first receipt (after gunicorn has forked)."""
    global _of_this_process
    with _starting:
        _of_this_process = _of_this_process or ReceiptWriter()
        return _of_this_process
