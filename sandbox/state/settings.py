"""Keep what can be set while the sandbox runs in its store, so that a restart goes on the same way."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.state.store import Store


@dataclass
class Settings:
    callback_base: str = ""  # where the product's receipt endpoints are, as typed into the vendors' consoles
    receipt_delay: float = 0.2  # seconds between accepting a message and its outcome
    twilio_sent_receipt: bool = True  # Twilio reports "sent" before "delivered", as in life
    nhn_template_code_max: int = 20  # characters, as NHN documents; 0 does not check
    payment_webhook_path: str = "/webhooks/payments/{provider}/"  # under callback_base, as typed into the console


class KeptSettings:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.now = Settings()
        for row in store.read("SELECT name, value FROM settings"):
            if hasattr(self.now, row["name"]):
                setattr(self.now, row["name"], json.loads(row["value"]))

    async def change(self, values: dict[str, Any]) -> dict[str, Any]:
        """Store new values. Raises ValueError for an unknown name or a value of another type."""
        values = {name: _of_its_kind(name, value) for name, value in values.items()}
        rows = [(name, json.dumps(value)) for name, value in values.items()]
        await self._store.commit(("INSERT OR REPLACE INTO settings VALUES (?, ?)", rows))
        for name, value in values.items():
            setattr(self.now, name, value)
        return asdict(self.now)


def _of_its_kind(name: str, value: Any) -> Any:
    """By the kind that was declared: a whole number of seconds given once takes no fraction away from later."""
    kind = next((type(field.default) for field in fields(Settings) if field.name == name), None)
    if kind is float and type(value) is int:
        return float(value)
    if kind is None or type(value) is not kind:
        raise ValueError(f"no such setting, or not of its type: {name}")
    return value
