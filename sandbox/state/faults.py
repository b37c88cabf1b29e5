"""Inject faults on purpose. Kept in memory: a restart of the sandbox forgets them.

A fault is ordered over the control API and meets requests as they come: at most `count` of them (None
is all), each with `probability`, drawn from a generator of the given `seed`, so that a run can be repeated.
"""

import asyncio
import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REQUEST_FAULTS = {
    "latency": "answer after `seconds`",
    "rate_limit": "429 with Retry-After `retry_after`; nothing is accepted",
    "error": "`status` (5xx); nothing is accepted",
    "reset": "the connection is reset before anything is accepted",
    "lose_answer": "everything is accepted and durable, then the connection is reset without an answer",
    "hold": "everything is accepted; the answer waits for POST /control/faults/release",
    "garbage": "everything is accepted; the answer is 200 with a page of HTML",
    "black_hole": "nothing is accepted and no answer ever comes",
    "error_after": "everything is accepted; the answer is `status` (5xx)",
    "refuse": "a payment provider refuses with its own error `code`; nothing is accepted",
    "half_batch": "the first half of a batch is accepted, the rest refused one by one with the vendor's system error",
}
RECEIPT_FAULTS = {
    "receipts_duplicate": "every receipt is sent `times` times",
    "receipts_reordered": "receipts arrive in reverse order",
    "receipts_early": "the receipt arrives before the answer to the request",
    "receipts_late": "receipts come `seconds` later",
    "receipts_none": "no receipt is ever sent: the outcome shows only to a poll",
}
WRITES = ("send", "begin", "confirm", "cancel")  # what "send" means; the last three are payment providers'
_ids = itertools.count(1)


@dataclass
class Fault:
    """One rule. `gateway`: its name or "any". `on`: send, read or any; of payments also begin, confirm or cancel.
    `words`: only requests whose body has them in it, as a template's code or a part of a text.
    """

    gateway: str
    fault: str
    on: str = "send"
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float = 1.0
    status: int = 503
    retry_after: int = 1
    times: int = 2
    code: str = ""
    words: str = ""
    id: int = field(default_factory=lambda: next(_ids))
    hits: int = 0

    def __post_init__(self) -> None:
        if self.fault not in REQUEST_FAULTS and self.fault not in RECEIPT_FAULTS:
            raise ValueError(f"no such fault: {self.fault}")
        self._random = random.Random(self.seed)

    def takes(self, gateway: str, on: str, body: str) -> bool:
        if self.gateway not in (gateway, "any") or not self._meets(on) or self.words not in body:
            return False
        if self.count is not None and self.hits >= self.count:
            return False
        return self.probability >= 1 or self._random.random() < self.probability

    def _meets(self, on: str) -> bool:
        return self.on in (on, "any") or (self.on == "send" and on in WRITES)

    def as_json(self) -> dict[str, Any]:
        names = (
            "id",
            "gateway",
            "fault",
            "on",
            "count",
            "probability",
            "seed",
            "seconds",
            "status",
            "retry_after",
            "times",
            "code",
            "words",
            "hits",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Plan:
    """What one request will meet: name of the fault → its rule."""

    faults: Mapping[str, Fault] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.faults

    def __getitem__(self, name: str) -> Fault:
        return self.faults[name]

    def accepts(self, position: int, size: int) -> bool:
        """Return whether message `position` (from 0) of a batch of `size` is in the half that is accepted."""
        return "half_batch" not in self.faults or position < size // 2


class Faults:
    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._released = asyncio.Event()

    def add(self, **values: Any) -> Fault:
        """Add a fault. Raises TypeError or ValueError when the values make none."""
        fault = Fault(**values)
        self.rules.append(fault)
        return fault

    def reads(self) -> bool:
        """Return whether any rule needs the text of a body."""
        return any(rule.words for rule in self.rules)

    def plan(self, gateway: str, on: str, body: str = "") -> Plan:
        taken: dict[str, Fault] = {}
        for rule in self.rules:
            if rule.fault not in taken and rule.takes(gateway, on, body):
                rule.hits += 1
                taken[rule.fault] = rule
        return Plan(taken)

    def remove(self, id: int | None = None) -> None:
        """Remove one rule, or all. Held answers go out."""
        self.rules = [rule for rule in self.rules if id is not None and rule.id != id]
        self.release()

    def release(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    async def held(self) -> None:
        await self._released.wait()
