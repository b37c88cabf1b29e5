"""Push as an agency does: signed batches to {callback base}/api/agencies/v1/records until all are acknowledged.

Signature: Standard Webhooks, `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. A batch that is
not acknowledged is repeated under the same id, as the standard requires.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.agencies.book import Book
from sandbox.state import credentials
from sandbox.state.started_by import HEADER, named

FEED = "knpa-push"
PATH = "/api/agencies/v1/records"
BATCH = 1000
RETRY_SECONDS = (0.5, 1, 2, 4, 8, 15)
REFUSED = frozenset({400, 401, 403, 404, 413, 422})  # repeating the same would not help


class NotAcknowledged(Exception):
    """A batch was refused, or no answer came in time; the rest stays pending."""


@dataclass
class Progress:
    pushed: int
    total: int


async def push_pending(book: Book, base: str, report: Callable[[Progress], None] = lambda _: None) -> int:
    """Return how many records were acknowledged. Raises NotAcknowledged."""
    progress = Progress(0, book.pending_count(FEED))
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        await _refuse_strangers(session, base)
        while pending := book.pending(FEED, BATCH):
            numbers = [number for number, _ in pending]
            body = _body([record for _, record in pending])
            await _until_acknowledged(session, base, f"knpa-{numbers[0]}-{numbers[-1]}", body)
            book.mark_sent(FEED, numbers)
            progress.pushed += len(numbers)
            report(progress)
    return progress.pushed


def headers(message_id: str, body: bytes, at: int, secret: str = credentials.AGENCY_PUSH_SECRET) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
        "x-agency-key": credentials.AGENCY_PUSH_KEY_ID,
    }


async def _refuse_strangers(session: aiohttp.ClientSession, base: str) -> None:
    """Refuse products of another start: one ./run signs records for its own only. Raises NotAcknowledged."""
    ours = named().get(HEADER, "")
    if not ours:
        return
    try:
        async with session.get(f"{base}/healthz") as answer:
            theirs = answer.headers.get(HEADER, "")
    except (aiohttp.ClientError, TimeoutError, OSError):
        return  # there is no server yet, or none any more: no record reaches one
    if theirs != ours:
        raise NotAcknowledged(f"another server answers at {base}: stop it, then start ./run anew")


async def _until_acknowledged(session: aiohttp.ClientSession, base: str, message_id: str, body: bytes) -> None:
    for delay in (0, *RETRY_SECONDS):
        await asyncio.sleep(delay)
        status = await _attempt(session, base + PATH, message_id, body)
        if status is not None and 200 <= status < 300:
            return
        if status in REFUSED:
            raise NotAcknowledged(f"{message_id} was refused with {status}")
    raise NotAcknowledged(f"{message_id} was never acknowledged")


async def _attempt(session: aiohttp.ClientSession, url: str, message_id: str, body: bytes) -> int | None:
    """Return the status, or None when there was no answer."""
    signed = headers(message_id, body, int(time.time()))
    try:
        async with session.post(url, data=body, headers=signed) as response:
            await response.read()
            return response.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None


def _body(records: list[dict[str, Any]]) -> bytes:
    return json.dumps({"records": records}, ensure_ascii=False).encode()
