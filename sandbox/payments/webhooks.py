"""Post Toss Payments' events to its merchant: unsigned, again until answered with 200.

Source: docs.tosspayments.com/guides/webhook (body, seven repetitions; ours follow within a minute, not within days).
"""

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from sandbox.state.faults import Plan
from sandbox.state.provider_stub import KST
from sandbox.state.started_by import named
from sandbox.world import WORLD

RETRY_SECONDS = (0.5, 1, 2, 4, 8, 16, 30)


class Webhooks:
    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self, app: web.Application) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, event: Mapping[str, Any], plan: Plan) -> None:
        """Soon after, or (receipts_early) acknowledged before this returns; nowhere without a callback base."""
        url = self.address("toss_payments")
        if not url or "receipts_none" in plan:
            return
        times = plan["receipts_duplicate"].times if "receipts_duplicate" in plan else 1
        delivery = self._deliver(url, event, times, plan["receipts_late"].seconds if "receipts_late" in plan else 0)
        if "receipts_early" in plan:
            await delivery
        else:
            task = asyncio.create_task(delivery)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def address(self, provider: str) -> str:
        settings = self._app[WORLD].settings.now
        base = settings.callback_base.rstrip("/")
        return base + settings.payment_webhook_path.format(provider=provider) if base else ""

    async def _deliver(self, url: str, event: Mapping[str, Any], times: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        transmission = secrets.token_hex(16)
        async with ClientSession(timeout=ClientTimeout(total=10)) as session:
            for _ in range(times):
                await self._until_answered(session, url, event, transmission)

    async def _until_answered(
        self, session: ClientSession, url: str, event: Mapping[str, Any], transmission: str
    ) -> None:
        for tried, delay in enumerate((0, *RETRY_SECONDS)):
            await asyncio.sleep(delay)
            if await post(session, url, event, transmission=transmission, tried=tried) == 200:
                return


WEBHOOKS = web.AppKey("webhooks", Webhooks)


def payment_event(payment: Mapping[str, Any]) -> dict[str, Any]:
    now = datetime.fromtimestamp(time.time(), KST).replace(tzinfo=None).isoformat(timespec="microseconds")
    return {"eventType": "PAYMENT_STATUS_CHANGED", "createdAt": now, "data": payment}


async def post(
    session: ClientSession, url: str, event: Mapping[str, Any], *, transmission: str, tried: int = 0
) -> int | None:
    """Return the status, None without an answer."""
    now = datetime.fromtimestamp(time.time(), KST).isoformat(timespec="seconds")
    headers = {
        "Content-Type": "application/json",
        "tosspayments-webhook-transmission-time": now,
        "tosspayments-webhook-transmission-id": transmission,
        "tosspayments-webhook-transmission-retried-count": str(tried),
        **named(),
    }
    try:
        body = json.dumps(event, ensure_ascii=False).encode()
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status
    except (ClientError, TimeoutError, OSError):
        return None
