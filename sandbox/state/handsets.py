"""Keep what each person's phone lets through: missing apps, blocked senders, a phone that is off."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.state.store import Store

CHANNELS = ("sms", "kakaotalk", "naver", "toss")
REACHED, BLOCKED, NOT_A_USER, OFF = "reached", "blocked", "not_a_user", "off"


@dataclass
class Handset:
    blocked: set[str] = field(default_factory=set)  # channels whose messages the person refuses
    not_a_user: set[str] = field(default_factory=set)  # apps that the person does not have
    off: bool = False

    def lets_through(self, channel: str) -> str:
        """REACHED, or why not."""
        if channel in self.not_a_user:
            return NOT_A_USER
        if channel in self.blocked:
            return BLOCKED
        return OFF if self.off else REACHED

    def as_json(self) -> dict[str, Any]:
        return {name: sorted(value) if isinstance(value, set) else value for name, value in asdict(self).items()}


class Handsets:
    """Settings that were changed here win over the ones that `people.jsonl` gives the sample people."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sampled: dict[str, Handset] = {}
        rows = store.read("SELECT person, state FROM handsets")
        self._changed = {row["person"]: from_json(json.loads(row["state"])) for row in rows}

    def sample(self, person: str, state: dict[str, Any]) -> None:
        self._sampled[person] = from_json(state)

    def of(self, person: str) -> Handset:
        return self._changed.get(person) or self._sampled.get(person) or _ORDINARY

    def lets_through(self, person: str, channel: str) -> str:
        handset = self._changed.get(person) or self._sampled.get(person)
        return REACHED if handset is None else handset.lets_through(channel)

    async def change(self, person: str, **values: Any) -> Handset:
        """Replace the named settings of one phone. Raises ValueError for an unknown channel or setting."""
        handset = from_json({**self.of(person).as_json(), **values})
        row = (person, json.dumps(handset.as_json()))
        await self._store.commit(("INSERT OR REPLACE INTO handsets VALUES (?, ?)", [row]))
        self._changed[person] = handset
        return handset


def from_json(state: dict[str, Any]) -> Handset:
    unknown = (set(state) - {"blocked", "not_a_user", "off"}) | (
        (set(state.get("blocked", ())) | set(state.get("not_a_user", ()))) - set(CHANNELS)
    )
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return Handset(
        blocked=set(state.get("blocked", ())),
        not_a_user=set(state.get("not_a_user", ())),
        off=bool(state.get("off", False)),
    )


_ORDINARY = Handset()
