"""Hold everything of one running sandbox, and the one way in which a gateway accepts messages."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from sandbox.state.faults import Faults, Plan
from sandbox.state.handsets import Handsets
from sandbox.state.hub import PhoneHub
from sandbox.state.idempotency import IdempotencyKeys
from sandbox.state.messages import NO_RECEIPT, OWED, Entry, Messages
from sandbox.state.people import People
from sandbox.state.provider_stub import ProviderStub
from sandbox.state.receipts import Receipts
from sandbox.state.settings import KeptSettings
from sandbox.state.store import Statement, Store
from sandbox.state.templates import Templates


@dataclass
class World:
    data: Path
    store: Store
    messages: Messages
    settings: KeptSettings
    keys: IdempotencyKeys
    templates: Templates
    handsets: Handsets
    people: People
    faults: Faults
    receipts: Receipts
    phones: PhoneHub
    provider_stub: ProviderStub
    # Codes and tokens of Toss's login: whose (national digits), and until when; a restart forgets them.
    toss_logins: dict[str, tuple[str, float]] = field(default_factory=dict)
    toss_calls: dict[str, deque[float]] = field(default_factory=dict)  # of each user key: when, by time.monotonic()
    toss_connected: set[int] = field(default_factory=set)  # user keys that have logged in to the mini-app

    @classmethod
    def open(cls, data: Path) -> "World":
        store = Store(data / "sandbox.sqlite3")
        messages, handsets = Messages(store), Handsets(store)
        return cls(
            data=data,
            store=store,
            messages=messages,
            settings=KeptSettings(store),
            keys=IdempotencyKeys(store),
            templates=Templates(store),
            handsets=handsets,
            people=People(data, handsets),
            faults=Faults(),
            receipts=Receipts(messages),
            phones=PhoneHub(),
            provider_stub=ProviderStub(store),
        )

    def times(self, plan: Plan) -> tuple[float, float]:
        """(now, when the outcome becomes known), in seconds since the epoch."""
        now = time.time()
        late = plan["receipts_late"].seconds if "receipts_late" in plan else 0
        return now, now if "receipts_early" in plan else now + self.settings.now.receipt_delay + late

    def settled(self, plan: Plan, *, has_callback: bool) -> int:
        return OWED if has_callback and "receipts_none" not in plan else NO_RECEIPT

    async def accept(self, entries: Sequence[Entry], plan: Plan, *more: Statement) -> None:
        """Durable when it returns. Receipts are on their way (or, when they come early, have arrived)."""
        if not entries:
            return
        await self.messages.append(entries, *more)
        self.phones.publish(entries)
        if "receipts_early" in plan:
            await self.receipts.deliver_now([entry for entry in entries if entry.settled == OWED], plan)
        else:
            self.receipts.schedule(entries, plan)


WORLD = web.AppKey("world", World)
