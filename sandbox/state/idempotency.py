"""Remember recent idempotency keys: in memory for speed, in the store so that a killed process remembers."""

import time
from collections.abc import Sequence

from sandbox.state.store import Statement, Store


class IdempotencyKeys:
    def __init__(self, store: Store) -> None:
        self._used: dict[str, float] = {
            row["name"]: row["used_at"] for row in store.read("SELECT name, used_at FROM idempotency_keys")
        }

    def claim(self, name: str, seconds: float) -> bool:
        """Claim `name`. False if it was claimed within the last `seconds`."""
        now = time.time()
        if self._used.get(name, 0) > now - seconds:
            return False
        self._used[name] = now
        return True

    def release(self, name: str) -> None:
        """Release the key of a failed request."""
        self._used.pop(name, None)

    def forget_all(self) -> None:
        self._used.clear()

    def remember(self, name: str) -> Sequence[Statement]:
        """To be committed together with what the request did."""
        return [("INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?)", [(name, self._used[name])])]
