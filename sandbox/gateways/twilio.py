"""Serve Twilio's Messages resource: create, fetch, list.

Source: https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/api/errors.
Not imitated: queueing at one message a second and number, segments' prices, scheduling, media.
"""

import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from sandbox.gateways.twilio_shapes import OUTCOMES, message_json, parse_instant
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan
from sandbox.state.messages import DELIVERED, FAILED, Entry
from sandbox.state.mobile import national
from sandbox.world import WORLD, World

GATEWAY = "twilio"
MAX_BODY = 1600
PAGE_SIZE = 50
_BASIC = b"Basic " + b64encode(f"{credentials.TWILIO_ACCOUNT_SID}:{credentials.TWILIO_AUTH_TOKEN}".encode())
_LANDLINE = ("+822", "+823", "+824", "+825", "+826")


class Refused(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> web.Response:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": self.message, "more_info": more, "status": self.status}
        return web.json_response(body, status=self.status)


def add_routes(app: web.Application) -> None:
    base = "/2010-04-01/Accounts/{account}/Messages"
    app.router.add_post(f"{base}.json", guarded(GATEWAY, "send", create))
    app.router.add_get(f"{base}.json", guarded(GATEWAY, "read", list_messages))
    app.router.add_get(f"{base}/{{sid}}.json", guarded(GATEWAY, "read", fetch))


async def create(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        _authenticate(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        entry = _entry(world, form, plan)
    except Refused as refused:
        return refused.answer()
    await world.accept([entry], plan)
    return web.json_response(message_json(entry, entry.received_at), status=201)


async def fetch(request: web.Request, plan: Plan) -> web.Response:
    try:
        _authenticate(request)
        found = request.app[WORLD].messages.find(gateway=GATEWAY, vendor_id=request.match_info["sid"], limit=1)
        if not found:
            raise Refused(404, 20404, f"The requested resource {request.path} was not found")
    except Refused as refused:
        return refused.answer()
    return web.json_response(message_json(found[0]))


async def list_messages(request: web.Request, plan: Plan) -> web.Response:
    """Newest first. Filters To, From and DateSent (also with < and >); pages by PageToken."""
    try:
        _authenticate(request)
        filters = _filters(request)
    except Refused as refused:
        return refused.answer()
    size = min(int(request.query.get("PageSize", PAGE_SIZE)), 1000)
    found = request.app[WORLD].messages.find(gateway=GATEWAY, limit=size + 1, newest_first=True, **filters)
    return web.json_response(_page(request, found, size))


def _authenticate(request: web.Request) -> None:
    given = request.headers.get("Authorization", "").encode()
    if not secrets.compare_digest(given, _BASIC):
        raise Refused(401, 20003, "Authenticate")
    if request.match_info["account"] != credentials.TWILIO_ACCOUNT_SID:
        raise Refused(404, 20404, f"The requested resource {request.path} was not found")


def _entry(world: World, form: dict[str, str], plan: Plan) -> Entry:
    person = _recipient(form)
    _check_rest(form)
    why = world.handsets.lets_through(person, "sms")
    callback = form.get("StatusCallback", "")
    now, final_at = world.times(plan)
    return Entry(
        seq=world.messages.next_seq(),
        gateway=GATEWAY,
        vendor_id="SM" + secrets.token_hex(16),
        batch_key="",
        reference=_reference(callback),
        address=form["To"],
        person=person,
        template="",
        title="",
        text=form["Body"],
        received_at=now,
        outcome=FAILED if OUTCOMES[why] else DELIVERED,
        code=OUTCOMES[why],
        final_at=final_at,
        callback=callback,
        settled=world.settled(plan, has_callback=bool(callback)),
    )


def _recipient(form: dict[str, str]) -> str:
    to = form.get("To", "")
    if not to:
        raise Refused(400, 21604, "A 'To' phone number is required.")
    person = national(to)
    if person is None or not to.startswith("+"):
        if to.startswith(_LANDLINE):
            raise Refused(400, 21614, "'To' number is not a valid mobile number")
        raise Refused(400, 21211, "Invalid 'To' Phone Number")
    return person


def _check_rest(form: dict[str, str]) -> None:
    if not form.get("From"):
        raise Refused(400, 21603, "A 'From' phone number is required.")
    if form["From"] != credentials.TWILIO_FROM:
        raise Refused(400, 21606, f"The From phone number {form['From']} is not a valid phone number for your account")
    if not form.get("Body"):
        raise Refused(400, 21602, "Message body is required.")
    if len(form["Body"]) > MAX_BODY:
        raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    callback = form.get("StatusCallback")
    if callback and urlsplit(callback).scheme not in ("http", "https"):
        raise Refused(400, 21609, "The 'StatusCallback' URL is not a valid URL.")


def _reference(callback: str) -> str:
    """Our caller's own reference, only for the messages's readers: Twilio has no such field, its URL carries it."""
    return parse_qs(urlsplit(callback).query).get("ref", [""])[0]


def _filters(request: web.Request) -> dict[str, Any]:
    query = request.query
    to = national(query["To"]) if "To" in query else None
    if "To" in query and to is None:
        raise Refused(400, 21211, "Invalid 'To' Phone Number")
    day = query.get("DateSent")
    since = query.get("DateSent>") or query.get("DateSent>=") or day
    until = query.get("DateSent<") or query.get("DateSent<=") or (f"{day}T23:59:59Z" if day else None)
    before = query.get("PageToken", "")
    return {
        "person": to,
        "since": parse_instant(since) if since else None,
        "until": parse_instant(until) if until else None,
        "before": int(before.removeprefix("PA")) if before else None,
    }


def _page(request: web.Request, found: list[Entry], size: int) -> dict[str, Any]:
    shown = found[:size]
    following = None
    if len(found) > size:
        following = str(request.rel_url.update_query(PageToken=f"PA{shown[-1].seq}"))
    return {
        "messages": [message_json(entry) for entry in shown],
        "page_size": size,
        "uri": str(request.rel_url),
        "first_page_uri": str(request.rel_url.without_query_params("PageToken")),
        "next_page_uri": following,
        "previous_page_uri": None,
        "page": 0,
        "start": 0,
        "end": max(len(shown) - 1, 0),
    }
