"""Keep the provider's own record of each identity verification; durable, and without the resident number."""

import json
import time
from dataclasses import asdict, dataclass

from sandbox.state.store import Store

CODE_SECONDS, MAX_ATTEMPTS = 180, 5
APP_SECONDS = 300  # unpublished: how long the app's question can be answered


@dataclass
class Verification:
    id: str
    person: str  # national digits of a known person's phone
    name: str
    operator: str
    custom_data: str | None
    code: str  # six digits, on its way to the phone
    sent_at: float
    requested_at: float
    attempts: int = 0
    verified_at: float | None = None
    method: str = "SMS"
    approved_at: float | None = None  # in the app

    @property
    def expired(self) -> bool:
        return time.time() > self.sent_at + CODE_SECONDS

    @property
    def app_expired(self) -> bool:
        return time.time() > self.sent_at + APP_SECONDS


class Verifications:
    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, id: str) -> Verification | None:
        rows = self._store.read("SELECT state FROM verifications WHERE id = ?", [id])
        return Verification(**json.loads(rows[0]["state"])) if rows else None

    async def keep(self, verification: Verification) -> None:
        row = (verification.id, json.dumps(asdict(verification)))
        await self._store.commit(("INSERT OR REPLACE INTO verifications VALUES (?, ?)", [row]))
