"""Pass messages on to the open pages of phones as they become visible."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sandbox.state.messages import DELIVERED, Entry


class PhoneHub:
    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Queue[Entry]]] = {}

    def publish(self, entries: Sequence[Entry]) -> None:
        """Show delivered messages on the pages that are open, once they are due."""
        if not self._watchers:
            return
        loop = asyncio.get_running_loop()
        for entry in entries:
            if entry.outcome == DELIVERED and entry.person in self._watchers:
                loop.call_later(max(0.0, entry.final_at - time.time()), self._show, entry)

    @asynccontextmanager
    async def watch(self, person: str) -> AsyncIterator["asyncio.Queue[Entry]"]:
        queue: asyncio.Queue[Entry] = asyncio.Queue(maxsize=500)
        self._watchers.setdefault(person, set()).add(queue)
        try:
            yield queue
        finally:
            self._watchers[person].discard(queue)
            if not self._watchers[person]:
                del self._watchers[person]

    def _show(self, entry: Entry) -> None:
        for queue in self._watchers.get(entry.person, ()):
            if not queue.full():  # a page that reads too slowly catches up when it is loaded again
                queue.put_nowait(entry)
