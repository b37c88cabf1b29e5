"""Serve the agencies' side of the control API: add records, push what is pending, drop files."""

import json
from typing import Any

from aiohttp import web

from sandbox.agencies.book import Book
from sandbox.agencies.catalogue import FEEDS
from sandbox.agencies.data_go_kr import BOOK
from sandbox.agencies.files import FEEDS as FILE_FEEDS
from sandbox.agencies.files import drop_pending
from sandbox.agencies.push import FEED as PUSH_FEED
from sandbox.agencies.push import NotAcknowledged, push_pending
from sandbox.world import WORLD


def add_routes(app: web.Application) -> None:
    app.router.add_get("/control/agencies", get_agencies)
    app.router.add_post("/control/agencies/{agency}/records", post_records)
    app.router.add_post("/control/agencies/{agency}/push", post_push)
    app.router.add_post("/control/agencies/{agency}/drop", post_drop)


async def get_agencies(request: web.Request) -> web.Response:
    """{agency: {feed, records, pending}}; pending only where the agency is the one that delivers."""
    book = request.app[BOOK]
    return web.json_response({agency: _state(book, feed) for agency, feed in FEEDS.items()})


async def post_records(request: web.Request) -> web.Response:
    """Canonical records, one or a list, that the agency will deliver or offer."""
    body = json.loads(await request.read())
    records = body if isinstance(body, list) else [body]
    if not all(isinstance(record, dict) for record in records):
        return web.json_response({"error": "a record is an object"}, status=400)
    added = request.app[BOOK].add(_feed(request), records)
    return web.json_response({"added": added}, status=201)


async def post_push(request: web.Request) -> web.Response:
    """Push everything pending; `{"url": …}` overrides the console's callback base."""
    if _feed(request) != PUSH_FEED:
        raise web.HTTPNotFound
    raw = await request.read()
    base = (json.loads(raw) if raw else {}).get("url") or request.app[WORLD].settings.now.callback_base
    if not base:
        return web.json_response({"error": "no callback base is set"}, status=409)
    try:
        pushed = await push_pending(request.app[BOOK], base.rstrip("/"))
    except NotAcknowledged as error:
        return web.json_response({"error": str(error)}, status=502)
    return web.json_response({"pushed": pushed})


async def post_drop(request: web.Request) -> web.Response:
    feed = _feed(request)
    if feed not in FILE_FEEDS:
        raise web.HTTPNotFound
    paths = drop_pending(request.app[BOOK], request.app[WORLD].data, feed)
    return web.json_response({"files": [str(path) for path in paths]})


def _feed(request: web.Request) -> str:
    feed = FEEDS.get(request.match_info["agency"])
    if feed is None:
        raise web.HTTPNotFound
    return feed


def _state(book: Book, feed: str) -> dict[str, Any]:
    delivers = feed == PUSH_FEED or feed in FILE_FEEDS
    return {
        "feed": feed,
        "records": book.total(feed),
        "pending": book.pending_count(feed) if delivers else 0,
    }
