"""Receive callbacks on a port of their own: `python -m secretary.receiver --port 8001`.

A gateway that takes no batches reports each message by a request of its own, thousands a second. A thread that waits
for each commit costs four times what one event loop does. The web application answers the same addresses, so that this
process is for volume: send all of /webhooks/ here, or let the gateways call it (CALLBACK_BASE_URL). Payment providers'
callbacks are few: threads answer them.
"""

import argparse
import asyncio
import gc
import logging
import os
import re
import signal
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from datetime import datetime
from http import HTTPStatus

import django
from aiohttp import web

from secretary import env

env.process = "receiver"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
django.setup()

from django.conf import settings  # noqa: E402  (these need the applications)
from django.db import connection  # noqa: E402

from notifications.channels.contract import Receipt  # noqa: E402
from notifications.channels.registry import adapters  # noqa: E402
from notifications.receipts.receive import (  # noqa: E402
    ANSWER_SECONDS,
    CALLBACK_PATH,
    ENQUEUE_SECONDS,
    QUIET_SECONDS,
    Parcel,
    ReceiptStore,
    read_callback,
    silence,
)
from payments.checkout.receive_callback import receive_callback  # noqa: E402
from payments.providers.contract import Callback  # noqa: E402
from secretary.checks import refuse_unsafe_start, refuse_wrong_clock  # noqa: E402
from secretary.kernel.database.outage import RETRY_AFTER, is_outage  # noqa: E402
from secretary.kernel.database.retry import is_busy  # noqa: E402
from secretary.kernel.log_ids import bound  # noqa: E402
from secretary.kernel.request_ids import HEADER, request_id  # noqa: E402
from secretary.kernel.time import clock  # noqa: E402
from secretary.listeners import inherited  # noqa: E402

logger = logging.getLogger(__name__)
_payments = ThreadPoolExecutor(4, thread_name_prefix="payment-callback")
PAYMENT_PATH = re.compile(r"/webhooks/payments/([-a-zA-Z0-9_]+)/")
BACKLOG = 1024  # connections that may wait to be taken up when all workers of a gateway report at once
STOP_SECONDS = 10.0  # for requests under way
LINGER_SECONDS = 2.0  # for requests that gateways are just sending over kept connections, as gunicorn has it


class LoopWriter:
    """The writer of receipts for an event loop. A thread is called once per commit, not per receipt."""

    def __init__(self) -> None:
        self._store = ReceiptStore()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="receipt-writer")
        self._waiting: list[tuple[Parcel, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def commit(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """Return when the receipts are committed, as `ReceiptWriter.write`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((Parcel(gateway, receipts, now), done))
        self._arrived.set()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        """Wait until no receipt waits and no task must be enqueued."""
        while self._waiting or self._store.owed:
            await self._gather()
            collected, self._waiting = self._waiting, []
            if collected:
                await self._write([parcel for parcel, _ in collected], [done for _, done in collected])
            await self._in_thread(self._store.enqueue)

    async def _gather(self) -> None:
        """Wait until there are receipts to write and those close behind have arrived, or a task must be enqueued."""
        self._arrived.clear()
        if not self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), ENQUEUE_SECONDS)
        if self._waiting:
            await asyncio.sleep(QUIET_SECONDS)

    async def _write(self, parcels: list[Parcel], waiting: list["asyncio.Future[None]"]) -> None:
        failure: Exception | None = None
        try:
            await asyncio.wait_for(self._in_thread(lambda: self._store.store(parcels)), ANSWER_SECONDS)
        except TimeoutError:
            failure = silence()
        except Exception as error:
            failure = error  # each waiting request raises it and answers 5xx
        for done in waiting:
            if not done.done():  # the waiting request may have ended
                done.set_exception(failure) if failure else done.set_result(None)

    def _in_thread(self, work: Callable[[], None]) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)


_writer = LoopWriter()


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    """Return what `notifications.receipts.receive` and `payments.checkout.receive_callback` answer, and /healthz."""
    if request.path == "/healthz":
        return web.Response(text="ok", headers={"x-run": settings.RUN_TOKEN} if settings.RUN_TOKEN else None)
    payment, receipt = PAYMENT_PATH.fullmatch(request.path), CALLBACK_PATH.fullmatch(request.path)
    if payment is None and receipt is None:
        return _status(HTTPStatus.NOT_FOUND)
    if request.method != "POST":
        return _status(HTTPStatus.METHOD_NOT_ALLOWED)
    body = await _body(request, settings.PAYMENT_CALLBACK_MAX_BYTES if payment else settings.WEBHOOK_MAX_BYTES)
    if body is None:
        return _status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        if payment:
            return _status(await _payment(payment.group(1), request, body))
        assert receipt is not None
        return _status(await _receipts(receipt.group(1), request, body))
    except Exception as error:
        if not (is_outage(error) or is_busy(error)):
            raise
        logger.warning("a callback is not stored: %s", type(error).__name__)
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=RETRY_AFTER)


async def _receipts(gateway: str, request: web.BaseRequest, body: bytes) -> HTTPStatus:
    peer, path = request.remote or "", request.raw_path
    receipts = read_callback(gateway=gateway, path=path, headers=_headers(request), body=body, peer=peer)
    if isinstance(receipts, HTTPStatus):
        return receipts
    await _writer.commit(gateway=gateway, receipts=receipts, now=clock.now())
    return HTTPStatus.OK


async def _payment(provider: str, request: web.BaseRequest, body: bytes) -> HTTPStatus:
    callback = Callback(headers=_headers(request), body=body, query=dict(request.query))

    def take() -> HTTPStatus:
        try:
            return receive_callback(provider=provider, callback=callback, now=clock.now())
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_payments, copy_context().run, take)


def _headers(request: web.BaseRequest) -> dict[str, str]:
    """By lower-case names. One that stands several times (X-Forwarded-For) is put together, as gunicorn does."""
    names = {name.lower() for name in request.headers}
    return {name: ",".join(request.headers.getall(name)) for name in names}


async def _body(request: web.BaseRequest, longest: int) -> bytes | None:
    """Return the whole body; None where it is longer than that."""
    if (request.content_length or 0) > longest:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > longest:
            return None
    return bytes(body)


def _status(status: HTTPStatus) -> web.Response:
    return web.Response(status=status)


async def serve(listeners: Sequence[socket.socket]) -> None:
    """Wait until SIGTERM or SIGINT; what is under way is finished, and new connections are left to who comes next."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    async def answer_or_part(request: web.BaseRequest) -> web.StreamResponse:
        made = request_id(request.headers.get(HEADER, ""))
        with bound(request=made):
            response = await answer(request)
        response.headers[HEADER] = made
        if stopped.is_set():
            response.force_close()
        return response

    runner = web.ServerRunner(web.Server(answer_or_part, access_log=None), shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    sites = [web.SockSite(runner, listener, backlog=BACKLOG) for listener in listeners]
    for site in sites:
        await site.start()
    await stopped.wait()
    for site in sites:
        await site.stop()
    await asyncio.sleep(LINGER_SECONDS)
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    options = parser.parse_args()
    refuse_unsafe_start()
    refuse_wrong_clock()
    adapters()  # imported now, and not while the first gateway waits
    gc.freeze()  # as in secretary/celery.py
    address = (options.host, options.port)
    asyncio.run(serve(inherited() or [socket.create_server(address, backlog=BACKLOG)]))


if __name__ == "__main__":
    main()
