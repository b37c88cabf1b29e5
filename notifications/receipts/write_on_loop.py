"""Write receipts for an event loop: a thread is called once per commit, not per receipt."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from notifications.receipts.receive import (
    ANSWER_SECONDS,
    ENQUEUE_SECONDS,
    QUIET_SECONDS,
    Parcel,
    ReceiptStore,
    silence,
)

Written = Callable[[Exception | None], None]
# A gateway that reports one by one says no more before it is answered: where as many wait as of late, all are there.
FORGOTTEN = 0.1  # of how many they were, with each commit of fewer


class LoopWriter:
    """The writer of receipts for an event loop."""

    def __init__(self) -> None:
        self._store = ReceiptStore()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="receipt-writer")
        self._waiting: list[tuple[Parcel, Written]] = []
        self._usual = 1  # parcels of a commit
        self._arrived, self._all_are_there = asyncio.Event(), asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def put(self, parcel: Parcel, written: Written) -> None:
        """Call `written` when the receipts are committed, with the database's error where they are not."""
        self._waiting.append((parcel, written))
        self._arrived.set()
        if len(self._waiting) >= self._usual:
            self._all_are_there.set()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write_all())

    async def commit(self, parcel: Parcel) -> None:
        """Return when the receipts are committed, as `ReceiptWriter.write`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def written(failure: Exception | None) -> None:
            if not done.done():  # the waiting request may have ended
                done.set_exception(failure) if failure else done.set_result(None)

        self.put(parcel, written)
        await done

    async def _write_all(self) -> None:
        """Wait until no receipt waits and no task must be enqueued."""
        while self._waiting or self._store.owed:
            await self._gather()
            collected, self._waiting = self._waiting, []
            if collected:
                self._usual = max(len(collected), int(self._usual * (1 - FORGOTTEN)))
                failure = await self._failure_of([parcel for parcel, _ in collected])
                for _, written in collected:
                    written(failure)
            if self._store.owed:
                await self._in_thread(self._store.enqueue)

    async def _gather(self) -> None:
        """Wait until there are receipts to write and those close behind have arrived, or a task must be enqueued."""
        self._arrived.clear()
        self._all_are_there.clear()
        if not self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), ENQUEUE_SECONDS)
        if 0 < len(self._waiting) < self._usual:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_are_there.wait(), QUIET_SECONDS)

    async def _failure_of(self, parcels: list[Parcel]) -> Exception | None:
        """Write; return the error of the database, with which each waiting request is answered."""
        try:
            await asyncio.wait_for(self._in_thread(lambda: self._store.store(parcels)), ANSWER_SECONDS)
        except TimeoutError:
            return silence()
        except Exception as error:
            return error
        return None

    def _in_thread(self, work: Callable[[], None]) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)
