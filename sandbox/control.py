"""Serve the control API under /control: messages received, faults, people out of reach. See README.md."""

import json
import time
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.state.faults import RECEIPT_FAULTS, REQUEST_FAULTS
from sandbox.state.messages import Entry, state_of
from sandbox.state.mobile import national
from sandbox.world import WORLD

FILTERS = ("gateway", "vendor_id", "reference", "batch_key", "template")
MAX_ROWS = 5000


def add_routes(app: web.Application) -> None:
    router = app.router
    router.add_get("/control/health", health)
    router.add_get("/control/messages", get_messages)
    router.add_delete("/control/messages", delete_messages)
    router.add_get("/control/faults", get_faults)
    router.add_post("/control/faults", post_fault)
    router.add_delete("/control/faults", delete_faults)
    router.add_delete("/control/faults/{id}", delete_faults)
    router.add_post("/control/faults/release", release_held)
    router.add_get("/control/settings", get_settings)
    router.add_patch("/control/settings", patch_settings)
    router.add_get("/control/people/{phone}", get_handset)
    router.add_patch("/control/people/{phone}", patch_handset)


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def get_messages(request: web.Request) -> web.Response:
    """Answer `{counts: {gateway: {state: n}}, duplicates, rows, next}`; the next page is `?after=next`."""
    messages, query = request.app[WORLD].messages, request.query
    filters: dict[str, Any] = {name: query[name] for name in FILTERS if name in query}
    if "phone" in query:
        filters["person"] = national(query["phone"]) or query["phone"]
    limit = max(0, min(int(query.get("limit", 100)), MAX_ROWS))
    counts: dict[str, dict[str, int]] = {}
    for row in messages.counts(**filters):
        counts.setdefault(row["gateway"], {})[row["state"]] = row["n"]
    found = messages.find(limit=limit + 1, after=int(query.get("after", 0)), **filters) if limit else []
    answer = {
        "counts": counts,
        "total": sum(sum(states.values()) for states in counts.values()),
        "duplicates": [dict(row) for row in messages.duplicates()],
        "rows": [_row(entry) for entry in found[:limit]],
        "next": found[limit - 1].seq if len(found) > limit else None,
    }
    return web.json_response(answer)


async def delete_messages(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    world.receipts.forget()
    world.keys.forget_all()
    world.toss_calls.clear()
    await world.messages.erase()
    return web.Response(status=204)


async def get_faults(request: web.Request) -> web.Response:
    rules = [rule.as_json() for rule in request.app[WORLD].faults.rules]
    return web.json_response({"faults": rules, "kinds": {**REQUEST_FAULTS, **RECEIPT_FAULTS}})


async def post_fault(request: web.Request) -> web.Response:
    try:
        fault = request.app[WORLD].faults.add(**await _json(request))
    except (TypeError, ValueError) as error:
        return _bad(error)
    return web.json_response(fault.as_json(), status=201)


async def delete_faults(request: web.Request) -> web.Response:
    id = request.match_info.get("id")
    request.app[WORLD].faults.remove(int(id) if id else None)
    return web.Response(status=204)


async def release_held(request: web.Request) -> web.Response:
    request.app[WORLD].faults.release()
    return web.Response(status=204)


async def get_settings(request: web.Request) -> web.Response:
    return web.json_response(asdict(request.app[WORLD].settings.now))


async def patch_settings(request: web.Request) -> web.Response:
    try:
        return web.json_response(await request.app[WORLD].settings.change(await _json(request)))
    except ValueError as error:
        return _bad(error)


async def get_handset(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].handsets.of(_person(request)).as_json())


async def patch_handset(request: web.Request) -> web.Response:
    """Any of blocked, not_a_user (lists of channels) and off."""
    try:
        handset = await request.app[WORLD].handsets.change(_person(request), **await _json(request))
    except (TypeError, ValueError) as error:
        return _bad(error)
    return web.json_response(handset.as_json())


def _person(request: web.Request) -> str:
    """Return the phone in the path, in any usual form, or the bare number of a sample person."""
    text = request.match_info["phone"]
    return national(text) or (f"010{int(text):08d}" if text.isdecimal() and len(text) <= 8 else text)


def _row(entry: Entry) -> dict[str, Any]:
    row = entry._asdict()
    now = time.time()
    row["state"] = state_of(entry, now)
    row["states"] = [{"state": "accepted", "at": entry.received_at}]
    if row["state"] != "accepted":
        row["states"].append({"state": entry.outcome, "at": entry.final_at, "code": entry.code})
    return row


async def _json(request: web.Request) -> dict[str, Any]:
    body = json.loads(await request.read())
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body


def _bad(error: Exception) -> web.Response:
    return web.json_response({"error": str(error)}, status=400)
