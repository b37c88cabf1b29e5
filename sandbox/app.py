"""Serve the sandbox as one process: a plain port, and a TLS port for the gateway that requires certificates."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from sandbox import console, control
from sandbox.agencies import biller, data_go_kr
from sandbox.agencies import control as agencies_control
from sandbox.agencies.book import Book
from sandbox.agencies.data_go_kr import BOOK
from sandbox.gateways import (
    nhn,
    nhn_shapes,
    nhn_sms,
    nhn_sms_shapes,
    sens,
    solapi,
    solapi_shapes,
    toss,
    toss_login,
    twilio,
    twilio_shapes,
)
from sandbox.identity import portone
from sandbox.payments import control as payments_control
from sandbox.payments import kakaopay, naverpay, toss_window
from sandbox.payments import toss as toss_payments
from sandbox.payments.webhooks import WEBHOOKS, Webhooks
from sandbox.phone import page
from sandbox.state.started_by import named
from sandbox.tls import ensure_certificates, server_context
from sandbox.world import WORLD, World

MAX_BODY = 64 * 1024 * 1024
GATEWAYS = (twilio, nhn, nhn_sms, solapi, sens)
PAYMENTS = (toss_payments, toss_window, kakaopay, naverpay, payments_control)
SHUTDOWN_SECONDS = 1.0  # open phone pages and held answers do not keep us


def plain_app(world: World) -> web.Application:
    app = _app(world)
    app[BOOK] = Book(world.data)
    app[WEBHOOKS] = Webhooks(app)
    app.on_shutdown.append(app[WEBHOOKS].stop)
    for module in (*GATEWAYS, *PAYMENTS, portone, data_go_kr, agencies_control, biller, console, control, page):
        module.add_routes(app)
    toss_login.add_page(app)
    return app


def tls_app(world: World) -> web.Application:
    app = _app(world)
    toss.add_routes(app)
    toss_login.add_routes(app)
    return app


@contextlib.asynccontextmanager
async def running(*, data: Path, host: str, port: int, tls_port: int) -> AsyncIterator[World]:
    """Yield a sandbox that listens on both ports while the context is open."""
    world = World.open(data)
    _register_reporters(world)
    runners = [_runner(plain_app(world)), _runner(tls_app(world))]
    try:
        for runner in runners:
            await runner.setup()
        await world.receipts.start()
        await web.TCPSite(runners[0], host, port).start()
        context = server_context(ensure_certificates(data))
        await web.TCPSite(runners[1], host, tls_port, ssl_context=context).start()
        yield world
    finally:
        await world.receipts.stop()
        for runner in runners:
            await runner.cleanup()
        await world.store.close()


def _runner(app: web.Application) -> web.AppRunner:
    return web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)


async def serve(*, data: Path, host: str, port: int, tls_port: int, settings: dict[str, object]) -> None:
    """Wait until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(data=data, host=host, port=port, tls_port=tls_port) as world:
        await world.settings.change(settings)
        print(f"sandbox on http://{host}:{port} (phones: /phone/), https://{host}:{tls_port}", flush=True)
        await stop.wait()


def _app(world: World) -> web.Application:
    app = web.Application(client_max_size=MAX_BODY)
    app[WORLD] = world
    app.on_response_prepare.append(name_the_start)
    return app


async def name_the_start(request: web.Request, response: web.StreamResponse) -> None:
    """Name, as the product does at /healthz, the start of ./run to which this process belongs (.env.example,
    RUN_TOKEN)."""
    response.headers.update(named())


def _register_reporters(world: World) -> None:
    world.receipts.register("twilio", twilio_shapes.reporter(lambda: world.settings.now.twilio_sent_receipt))
    world.receipts.register("nhn", nhn_shapes.reporter(lambda: world.settings.now.callback_base))
    world.receipts.register("nhn_sms", nhn_sms_shapes.reporter(lambda: world.settings.now.callback_base))
    for gateway in solapi_shapes.GATEWAYS:
        world.receipts.register(gateway, solapi_shapes.reporter(gateway, lambda: world.settings.now.callback_base))
