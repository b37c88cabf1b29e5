"""Make messages and adapters for the tests. All people are invented."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from notifications.channels import registry
from notifications.channels.contract import Callback, Channel, Message, Outcome, Polled
from secretary.kernel.adapters import config
from secretary.kernel.adapters.timing import Timing
from secretary.kernel.adapters.transport import BulkHttp

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CALLBACK_URL = "https://secretary.example/webhooks/gateway/"


def message(number: int = 1, *, template: str = "traffic_fine-due-ko-1", address: str = "", **fields: Any) -> Message:
    values = {"이름": "홍길동", "확인코드": "K7MP-2QX9-3HVC"}
    return Message(
        reference=f"ps-{number}",
        address=address or f"+8210000000{number:02}",
        template_code=template,
        title=fields.get("title", ""),
        text=fields.get("text", f"[국민비서] 홍길동님, 교통과태료 안내 {number}. 확인코드 K7MP-2QX9-3HVC"),
        values=values,
    )


def asked(item: Message, *, vendor_id: str = "", age: timedelta = timedelta(minutes=5)) -> Polled:
    return Polled(item, vendor_id=vendor_id, batch_key="batch-1", started_at=NOW - age, polled_at=NOW)


def build(name: str, base_url: str, *, env: dict[str, str] | None = None, **options: Any) -> Channel:
    """An adapter that talks to `base_url`, with the test's clock. `total_seconds`: of a server that is to be silent."""
    adapter: Any = registry.adapters()[name]
    values = {
        item.name: base_url if item.name.endswith("_BASE_URL") else f"test-{item.name.lower()}"
        for item in registry.env_names(name)
        if item.required or item.name.endswith("_BASE_URL")
    }
    settings = config.load(sys.modules[adapter.__module__].Config, {**values, **(env or {})})
    timing = Timing(connect_seconds=30.0, total_seconds=options.pop("total_seconds", 30.0))
    http = BulkHttp(connections=8, timing=timing)
    if name.startswith("solapi"):
        options.setdefault("now", lambda: NOW)
    if name.startswith("sens"):
        options.setdefault("milliseconds", lambda: int(NOW.timestamp() * 1000))
    channel: Channel = adapter(settings, callback_url=CALLBACK_URL, http=http, **options)
    return channel


def by_reference(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    found = {outcome.reference: outcome for outcome in outcomes}
    assert len(found) == len(outcomes), "two outcomes for one message"
    return found


def callback(body: bytes, url: str = CALLBACK_URL, *, remote: str = "", **headers: str) -> Callback:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Callback("POST", url, names, body, remote)
