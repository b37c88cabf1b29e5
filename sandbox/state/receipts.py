"""Post delivery reports to our endpoints: soon after, in batches where the vendor batches, until acknowledged."""

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sandbox.state.faults import Plan
from sandbox.state.messages import GIVEN_UP, OWED, Entry, Messages
from sandbox.state.outbox import Outbox, Post

log = logging.getLogger("sandbox.receipts")
RETRY_SECONDS = (0.5, 1, 2, 4, 8, 16, 30, 60)
BATCH = 500


@dataclass(frozen=True)
class Report:
    """Posts that go out one after the other; when all are acknowledged, the messages `seqs` are settled."""

    posts: Sequence[Post]
    seqs: Sequence[int]


Reporter = Callable[[Sequence[Entry]], Iterable[Report]]  # a gateway's: its own shapes and signatures


@dataclass(order=True)
class _Scheduled:
    at: float
    order: int
    entries: Sequence[Entry] = field(compare=False)
    plan: Plan = field(compare=False)


class Receipts:
    """Register a reporter per gateway, `start`, then `schedule` what was accepted."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._reporters: dict[str, Reporter] = {}
        self._heap: list[_Scheduled] = []
        self._order = itertools.count()
        self._pushed = asyncio.Event()
        self._slots = asyncio.Semaphore(32)
        self._tasks: set[asyncio.Task[None]] = set()
        self._outbox: Outbox | None = None

    def register(self, gateway: str, reporter: Reporter) -> None:
        self._reporters[gateway] = reporter

    async def start(self) -> None:
        """Also takes up what a killed process left behind."""
        self._outbox = Outbox()
        for entry in self._messages.owed():
            self.schedule([entry], Plan())
        self._spawn(self._run())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._outbox is not None:
            self._outbox.close()

    def schedule(self, entries: Sequence[Entry], plan: Plan) -> None:
        """Schedule receipts; all entries of one call fall due together."""
        owed = [entry for entry in entries if entry.settled == OWED]
        if owed:
            heapq.heappush(self._heap, _Scheduled(owed[0].final_at, next(self._order), owed, plan))
            self._pushed.set()

    async def deliver_now(self, entries: Sequence[Entry], plan: Plan) -> None:
        """Report before anything else happens; what is not acknowledged at once is retried later."""
        for report in self._reports(entries, plan):
            if not await self._attempt(report):
                self._spawn(self._deliver(report, first_delay=RETRY_SECONDS[0]))

    def forget(self) -> None:
        self._heap.clear()

    async def _run(self) -> None:
        while True:
            await self._sleep_until_due()
            for plan, entries in self._take_due():
                for report in self._reports(entries, plan):
                    self._spawn(self._deliver(report))

    async def _sleep_until_due(self) -> None:
        while not self._heap or self._heap[0].at > time.time():
            self._pushed.clear()
            timeout = self._heap[0].at - time.time() if self._heap else None
            try:
                await asyncio.wait_for(self._pushed.wait(), timeout)
            except TimeoutError:
                return

    def _take_due(self) -> list[tuple[Plan, list[Entry]]]:
        """Due messages, those of one plan together (most have the empty plan)."""
        now = time.time()
        taken: dict[int, tuple[Plan, list[Entry]]] = {}
        while self._heap and self._heap[0].at <= now:
            due = heapq.heappop(self._heap)
            taken.setdefault(id(due.plan) if due.plan.faults else 0, (due.plan, []))[1].extend(due.entries)
        return list(taken.values())

    def _reports(self, entries: Sequence[Entry], plan: Plan) -> list[Report]:
        by_gateway: dict[str, list[Entry]] = {}
        for entry in entries:
            by_gateway.setdefault(entry.gateway, []).append(entry)
        reports: list[Report] = []
        for gateway, group in by_gateway.items():
            if "receipts_reordered" in plan:
                group.reverse()
            for start in range(0, len(group), BATCH):
                reports += self._reporters[gateway](group[start : start + BATCH])
        return [_disturbed(report, plan) for report in reports]

    async def _deliver(self, report: Report, first_delay: float = 0) -> None:
        for delay in (first_delay, *RETRY_SECONDS):
            await asyncio.sleep(delay)
            async with self._slots:
                if await self._attempt(report):
                    return
        log.warning("given up on receipts of %d messages", len(report.seqs))
        await self._messages.settle(report.seqs, GIVEN_UP)

    async def _attempt(self, report: Report) -> bool:
        """Return whether every post was acknowledged; the first that is not ends it."""
        assert self._outbox is not None, "receipts go out once the sandbox runs"
        for post in report.posts:
            if not 200 <= await self._outbox.post(post) < 300:
                return False
        await self._messages.settle(report.seqs)
        return True

    def _spawn(self, coroutine: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _disturbed(report: Report, plan: Plan) -> Report:
    posts = list(report.posts)
    if "receipts_reordered" in plan:
        posts.reverse()
    if "receipts_duplicate" in plan:
        posts = [post for post in posts for _ in range(plan["receipts_duplicate"].times)]
    return replace(report, posts=posts)
