"""Apply planned faults around a gateway's handlers."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import unquote_plus

from aiohttp import web

from sandbox.state.faults import Fault, Plan
from sandbox.world import WORLD

Handler = Callable[[web.Request, Plan], Awaitable[web.StreamResponse]]
GARBAGE = "<html><body><h1>It works!</h1></body></html>"


def guarded(gateway: str, on: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a route handler that meets the faults planned for `gateway`. `on`: send, or read for questions."""

    async def handle(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        world.people.refresh()  # the people out of reach stand in a file that grows
        body = unquote_plus(await request.text()) if world.faults.reads() else ""
        plan = world.faults.plan(gateway, on, body)
        if not plan.faults:
            return await handler(request, plan)
        refusal = await _before(request, plan)
        return refusal or await _after(request, plan, await handler(request, plan))

    return handle


async def _before(request: web.Request, plan: Plan) -> web.StreamResponse | None:
    if "latency" in plan:
        await asyncio.sleep(plan["latency"].seconds)
    if "black_hole" in plan:
        await _until_the_client_goes(request)
    if "reset" in plan or "black_hole" in plan:
        return _reset(request)
    if "rate_limit" in plan:
        return _rate_limited(plan["rate_limit"])
    if "error" in plan:
        return web.Response(status=plan["error"].status, text="upstream error")
    return None


async def _after(request: web.Request, plan: Plan, answer: web.StreamResponse) -> web.StreamResponse:
    if "hold" in plan:
        await request.app[WORLD].faults.held()
    if "lose_answer" in plan:
        return _reset(request)
    if "error_after" in plan:
        return web.Response(status=plan["error_after"].status, text="upstream error")
    if "garbage" in plan:
        return web.Response(text=GARBAGE, content_type="text/html")
    return answer


async def _until_the_client_goes(request: web.Request) -> None:
    await request.read()
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(0.2)


def _rate_limited(fault: Fault) -> web.Response:
    headers = {"Retry-After": str(fault.retry_after)}
    return web.json_response({"message": "Too Many Requests"}, status=429, headers=headers)


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)  # goes nowhere: the connection is gone
