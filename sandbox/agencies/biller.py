"""Serve an agency's biller (docs/agency-biller.md): what a debt is today, postings of payments, their list of a day.

A debt is the newest version of the agency's record; the control API may set another state, amount or version for it:
`PATCH /control/agencies/{agency}/debts/{external_id}` with `{"state", "amount", "version", "unknown"}`, null to unset.
"""

import hmac
import json
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.agencies.book import Book
from sandbox.agencies.catalogue import FEEDS
from sandbox.agencies.data_go_kr import BOOK
from sandbox.agencies.push import headers as signed_headers
from sandbox.agencies.records import KST
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.world import WORLD, World

GATEWAY = "biller"
TOLERANCE_SECONDS, PAGE = 300, 500
STATES = ("open", "paid", "withdrawn", "objection")
KINDS = {"paid": 1, "refunded": -1}
TEXTS = ("posting_id", "external_id", "kind", "happened_at", "receipt_number", "provider")


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def add_routes(app: web.Application) -> None:
    base = "/agencies/{agency}/biller/v1"
    app.router.add_get(base + "/debts/{external_id}", guarded(GATEWAY, "read", _answering(get_debt)))
    app.router.add_post(base + "/postings", guarded(GATEWAY, "send", _answering(post_posting)))
    app.router.add_get(base + "/postings", guarded(GATEWAY, "read", _answering(get_postings)))
    app.router.add_patch("/control/agencies/{agency}/debts/{external_id}", patch_debt)
    app.router.add_get("/control/agencies/{agency}/postings", control_postings)


def _answering(
    work: Callable[[web.Request, bytes], Awaitable[dict[str, Any]]],
) -> Callable[[web.Request, Plan], Awaitable[web.Response]]:
    async def handle(request: web.Request, plan: Plan) -> web.Response:
        try:
            body = await request.read()
            _authenticate(request, body)
            if "refuse" in plan:
                raise Refused(409, plan["refuse"].code)
            return web.json_response(await work(request, body))
        except Refused as refused:
            return web.json_response({"code": refused.code}, status=refused.status)

    return handle


async def get_debt(request: web.Request, body: bytes) -> dict[str, Any]:
    return _debt(request.app[WORLD], request.app[BOOK], request.match_info["external_id"])


async def post_posting(request: web.Request, body: bytes) -> dict[str, Any]:
    """Post once by `posting_id`; a repetition gets the same reference."""
    world, posting = request.app[WORLD], _posting(body)
    if request.headers["webhook-id"] != posting["posting_id"]:
        raise Refused(400, "another_id")
    known = _row(world, posting["posting_id"])
    if known is not None:
        if json.loads(known["body"]) != posting:
            raise Refused(409, "another_posting")
        return {"reference": _reference(known["seq"])}
    _debt(world, request.app[BOOK], posting["external_id"])
    row = (posting["posting_id"], request.match_info["agency"], time.time(), json.dumps(posting))
    sql = "INSERT OR IGNORE INTO postings (posting_id, agency, posted_at, body) VALUES (?, ?, ?, ?)"
    await world.store.commit((sql, [row]))
    made = _row(world, posting["posting_id"])
    assert made is not None, "just committed"
    return {"reference": _reference(made["seq"])}


async def get_postings(request: web.Request, body: bytes) -> dict[str, Any]:
    """`?day=2026-11-25&after=…`: what was posted on a day of Korea, and `next` where there is more."""
    try:
        day, after = date.fromisoformat(request.query["day"]), int(request.query.get("after", 0))
    except (KeyError, ValueError):
        raise Refused(400, "bad_query") from None
    first = datetime(day.year, day.month, day.day, tzinfo=KST)
    rows = request.app[WORLD].store.read(
        "SELECT * FROM postings WHERE agency = ? AND posted_at >= ? AND posted_at < ? AND seq > ? ORDER BY seq LIMIT ?",
        [request.match_info["agency"], first.timestamp(), (first + timedelta(days=1)).timestamp(), after, PAGE + 1],
    )
    following = rows[PAGE - 1]["seq"] if len(rows) > PAGE else None
    return {"postings": [_line(row) for row in rows[:PAGE]], "next": following and str(following)}


async def patch_debt(request: web.Request) -> web.Response:
    world, external_id = request.app[WORLD], request.match_info["external_id"]
    kept = {**_set_by_hand(world, external_id), **json.loads(await request.read())}
    values = {name: value for name, value in kept.items() if value is not None}
    if values.get("state", "open") not in STATES or set(values) - {"state", "amount", "version", "unknown"}:
        return web.json_response({"error": f"state is one of {', '.join(STATES)}"}, status=400)
    await world.store.commit(("INSERT OR REPLACE INTO debts VALUES (?, ?)", [(external_id, json.dumps(values))]))
    return web.json_response(values)


async def control_postings(request: web.Request) -> web.Response:
    """Return all that was posted: {"postings": [{posting_id, external_id, kind, amount, …, reference}], "net"}."""
    sql = "SELECT * FROM postings WHERE agency = ? ORDER BY seq"
    rows = request.app[WORLD].store.read(sql, [request.match_info["agency"]])
    postings = [{**json.loads(row["body"]), "reference": _reference(row["seq"])} for row in rows]
    net = sum(KINDS[posting["kind"]] * posting["amount"] for posting in postings)
    return web.json_response({"postings": postings, "net": net})


def _debt(world: World, book: Book, external_id: str) -> dict[str, Any]:
    by_hand, record = _set_by_hand(world, external_id), book.newest(external_id)
    if by_hand.get("unknown") or (record is None and not by_hand):
        raise Refused(404, "unknown_debt")
    state = (record or {}).get("state", "open")
    own = {"state": state if state in STATES else "open", "amount": None, "version": (record or {}).get("version")}
    return {**own, **by_hand}


def _set_by_hand(world: World, external_id: str) -> dict[str, Any]:
    found = world.store.read("SELECT state FROM debts WHERE external_id = ?", [external_id])
    values: dict[str, Any] = json.loads(found[0]["state"]) if found else {}
    return values


def _posting(body: bytes) -> dict[str, Any]:
    try:
        posting = json.loads(body)
        times = datetime.fromisoformat(posting["happened_at"])
        right = all(isinstance(posting[name], str) and posting[name] for name in TEXTS) and times.tzinfo is not None
        right = right and posting["kind"] in KINDS and type(posting["amount"]) is int and posting["amount"] > 0
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise Refused(400, "bad_posting")
    values: dict[str, Any] = posting
    return values


def _row(world: World, posting_id: str) -> Any:
    return next(iter(world.store.read("SELECT * FROM postings WHERE posting_id = ?", [posting_id])), None)


def _line(row: Any) -> dict[str, Any]:
    posting = json.loads(row["body"])
    return {
        "posting_id": posting["posting_id"],
        "external_id": posting["external_id"],
        "amount": KINDS[posting["kind"]] * posting["amount"],
        "posted_at": datetime.fromtimestamp(row["posted_at"], KST).isoformat(),
    }


def _reference(number: int) -> str:
    return f"KNPA-IN-{number:08d}"


def _authenticate(request: web.Request, body: bytes) -> None:
    if request.match_info["agency"] not in FEEDS:
        raise Refused(404, "unknown_agency")
    given = request.headers
    timestamp = given.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused(401, "bad_timestamp")
    signed = body or f"{request.method} {request.raw_path}".encode()
    right = signed_headers(given.get("webhook-id", ""), signed, int(timestamp), credentials.AGENCY_BILLER_SECRET)
    if not hmac.compare_digest(given.get("webhook-signature", "").encode(), right["webhook-signature"].encode()):
        raise Refused(401, "bad_signature")
