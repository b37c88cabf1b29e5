"""Serve the phone pages: /phone/ lists the sample people, /phone/{n} is the phone of person n, updated live."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.state.messages import DELIVERED, Entry
from sandbox.state.mobile import e164
from sandbox.state.people import NAMED, Person, national_number
from sandbox.world import WORLD, World

FOLDER = Path(__file__).parent
CHANNELS = {
    **dict.fromkeys(("twilio", "portone", "nhn_sms", "solapi_sms", "sens_sms"), "sms"),
    **dict.fromkeys(("nhn", "solapi_alimtalk", "sens_alimtalk"), "kakaotalk"),
    "solapi": "naver",
    "toss": "toss",
}
CARRIERS_APP = "PASS"  # as in identity/portone.py: a question in the carriers' app
SHOWN_MESSAGES, SHOWN_PEOPLE = 100, 40
HEARTBEAT_SECONDS = 10


def add_routes(app: web.Application) -> None:
    app.router.add_get("/", redirect)
    app.router.add_get("/phone", redirect)
    app.router.add_get("/phone/", people_page)
    app.router.add_get("/phone/{number:\\d+}", phone_page)
    app.router.add_get("/phone/api/people", find_people)
    app.router.add_get("/phone/api/{number:\\d+}", get_phone)
    app.router.add_get("/phone/api/{number:\\d+}/events", events)
    app.router.add_static("/phone/static/", FOLDER / "static")


async def redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/phone/")


async def people_page(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(FOLDER / "people.html")


async def phone_page(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(FOLDER / "phone.html")


async def find_people(request: web.Request) -> web.Response:
    """`?q=` part of a name or of a phone number; without it the named sample people."""
    query = request.query.get("q", "").strip()
    digits = "".join(each for each in query if each.isdecimal())
    people = request.app[WORLD].people.all()
    if query:
        found = [each for each in people if query in each.name or (digits and digits in each.national)]
    else:
        found = people[: len(NAMED)]
    shown = [_person_json(each) for each in found[:SHOWN_PEOPLE]]
    return web.json_response({"people": shown, "found": len(found), "total": len(people)})


async def get_phone(request: web.Request) -> web.Response:
    """Return the person, what the phone lets through, and the newest messages, oldest first."""
    world, person = request.app[WORLD], _national(request)
    known = world.people.get(person)
    newest = world.messages.find(person=person, outcome=DELIVERED, newest_first=True, limit=SHOWN_MESSAGES)
    return web.json_response(
        {
            "person": _person_json(known) if known else {"number": int(person[3:]), "name": "", "phone": person},
            "handset": world.handsets.of(person).as_json(),
            "messages": [_message_json(entry) for entry in reversed(newest) if entry.final_at <= time.time()],
        }
    )


async def events(request: web.Request) -> web.StreamResponse:
    """Server-sent events, one a message; a page that was away names the last one it has seen."""
    world, person = request.app[WORLD], _national(request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    async with world.phones.watch(person) as queue:
        try:
            for entry in _missed(world, person, request.headers.get("Last-Event-ID") or request.query.get("after")):
                await response.write(_event(entry))
            while True:
                await response.write(await _next_event(queue))
        except ConnectionError:  # the page was closed
            return response


async def _next_event(queue: "asyncio.Queue[Entry]") -> bytes:
    try:
        return _event(await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS))
    except TimeoutError:
        return b": still here\n\n"


def _missed(world: World, person: str, last_seen: str | None) -> list[Entry]:
    if last_seen is None or not last_seen.isdecimal():
        return []
    return world.messages.find(person=person, outcome=DELIVERED, after=int(last_seen))


def _event(entry: Entry) -> bytes:
    return f"id: {entry.seq}\ndata: {json.dumps(_message_json(entry), ensure_ascii=False)}\n\n".encode()


def _message_json(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "channel": "pass" if entry.template == CARRIERS_APP else CHANNELS[entry.gateway],
        "question": entry.reference if entry.template == CARRIERS_APP else "",
        "sender": "본인확인" if entry.gateway == "portone" else "국민비서",
        "title": entry.title,
        "text": entry.text,
        "at": entry.final_at * 1000,
    }


def _person_json(person: Person) -> dict[str, Any]:
    return {
        "number": int(person.national[3:]),
        "name": person.name,
        "phone": person.national,
        "e164": e164(person.national),
        "birth_date": person.birth_date,
        "identity_number": person.birth_date.replace("-", "")[2:] + person.sex_digit,
        "carrier": person.carrier,
        "channels": person.channels,
        "handset": person.handset,
        "registered_by": person.registered_by,
    }


def _national(request: web.Request) -> str:
    """/phone/7 and /phone/01000000007 are the same phone."""
    text = request.match_info["number"]
    return text if len(text) > 8 else national_number(int(text))
