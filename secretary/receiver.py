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
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from http import HTTPStatus
from types import MappingProxyType

import django
from aiohttp import web

from secretary import env

env.process = "receiver"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
django.setup()

from django.conf import settings  # noqa: E402  (these need the applications)
from django.db import connection  # noqa: E402

from notifications.channels.registry import adapters  # noqa: E402
from notifications.receipts.receive import CALLBACK_PATH, Parcel, read_callback  # noqa: E402
from notifications.receipts.write_on_loop import LoopWriter  # noqa: E402
from payments.checkout.receive_callback import receive_callback  # noqa: E402
from payments.providers.contract import Callback  # noqa: E402
from secretary.checks import refuse_unsafe_start, refuse_wrong_clock  # noqa: E402
from secretary.kernel import log_ids  # noqa: E402
from secretary.kernel.database.outage import RETRY_AFTER, is_outage  # noqa: E402
from secretary.kernel.database.retry import is_busy  # noqa: E402
from secretary.kernel.log_ids import bound  # noqa: E402
from secretary.kernel.request_ids import HEADER, request_id  # noqa: E402
from secretary.kernel.time import clock  # noqa: E402
from secretary.lean_http import Answer, Lean, Plain  # noqa: E402
from secretary.listeners import inherited  # noqa: E402

logger = logging.getLogger(__name__)
_payments = ThreadPoolExecutor(4, thread_name_prefix="payment-callback")
PAYMENT_PATH = re.compile(r"/webhooks/payments/([-a-zA-Z0-9_]+)/")
BACKLOG = 1024  # connections that may wait to be taken up when all workers of a gateway report at once
STOP_SECONDS = 10.0  # for requests under way
GARBAGE_OBJECTS = 50_000
FINISHED_SECONDS = 0.05  # between two looks at what is under way
LINGER_SECONDS = 2.0  # for requests that gateways are just sending over kept connections, as gunicorn has it


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


def take(request: Plain, respond: Answer) -> None:
    """Answer a plain callback of a gateway as `answer` does, without a task of its own."""
    made = request_id(request.headers.get(HEADER.lower(), ""))

    def end(status: HTTPStatus, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        respond(status, {HEADER: made, **headers})

    def written(failure: Exception | None) -> None:
        if failure is None:
            end(HTTPStatus.OK)
            return
        with bound(request=made):
            if is_outage(failure) or is_busy(failure):
                logger.warning("a callback is not stored: %s", type(failure).__name__)
                end(HTTPStatus.SERVICE_UNAVAILABLE, RETRY_AFTER)
            else:
                logger.error("a callback is not stored", exc_info=failure)
                end(HTTPStatus.INTERNAL_SERVER_ERROR)

    token = log_ids.begin(request=made)  # a context manager costs three times as much
    try:
        receipts = read_callback(**request._asdict())
    except Exception as error:
        written(error)
    else:
        if isinstance(receipts, HTTPStatus):
            end(receipts)
        else:
            _writer.put(Parcel(request.gateway, receipts, clock.now()), written)
    finally:
        log_ids.end(token)


async def _receipts(gateway: str, request: web.BaseRequest, body: bytes) -> HTTPStatus:
    peer, path = request.remote or "", request.raw_path
    receipts = read_callback(gateway=gateway, path=path, headers=_headers(request), body=body, peer=peer)
    if isinstance(receipts, HTTPStatus):
        return receipts
    await _writer.commit(Parcel(gateway, receipts, clock.now()))
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

    others = web.Server(answer_or_part, access_log=None)
    alive: set[Lean] = set()
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: Lean(take, others, alive=alive), sock=listener, backlog=BACKLOG)
        for listener in listeners
    ]
    await stopped.wait()
    for server in servers:
        server.close()
    for each in alive:
        each.part()
    await asyncio.sleep(LINGER_SECONDS)
    for each in list(alive):
        each.finish()
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            while any(each.busy for each in alive):
                await asyncio.sleep(FINISHED_SECONDS)
    others.pre_shutdown()
    await others.shutdown(STOP_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    options = parser.parse_args()
    refuse_unsafe_start()
    refuse_wrong_clock()
    adapters()  # imported now, and not while the first gateway waits
    gc.freeze()  # both as in secretary/celery.py
    gc.set_threshold(GARBAGE_OBJECTS)
    address = (options.host, options.port)
    asyncio.run(serve(inherited() or [socket.create_server(address, backlog=BACKLOG)]))


if __name__ == "__main__":
    main()
