"""Stand in for the vendors' consoles, where an operator registers templates and has them approved.

`PUT /console/templates` with `[{"channel", "code", "name", "title", "body"}]` registers approved templates,
again and again with the same result; with `"status": "in_review"` they are not approved yet. `GET` lists them. This is
the sandbox's own: no vendor publishes it.
"""

import json
from typing import Any

from aiohttp import web

from sandbox.state.templates import APPROVED, IN_REVIEW, Template
from sandbox.world import WORLD

CHANNELS = ("kakaotalk", "naver", "toss")
FIELDS = ("channel", "code", "name", "title", "body", "status")


def add_routes(app: web.Application) -> None:
    app.router.add_put("/console/templates", put_templates)
    app.router.add_get("/console/templates", get_templates)


async def put_templates(request: web.Request) -> web.Response:
    try:
        templates = [_template(each) for each in json.loads(await request.read())]
    except (ValueError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=400)
    await request.app[WORLD].templates.register(templates)
    return web.json_response({"registered": len(templates)})


async def get_templates(request: web.Request) -> web.Response:
    found = request.app[WORLD].templates.all(request.query.get("channel"))
    rows = [{name: getattr(each, name) for name in FIELDS} for each in found]
    return web.json_response(rows)


def _template(values: dict[str, Any]) -> Template:
    if set(values) - set(FIELDS) or not all(isinstance(values.get(name, ""), str) for name in FIELDS):
        raise ValueError(f"a template has the texts {', '.join(FIELDS)}")
    if values.get("channel") not in CHANNELS or not values.get("code") or not values.get("body"):
        raise ValueError(f"channel is one of {', '.join(CHANNELS)}; code and body are not empty")
    if values.get("status", APPROVED) not in (APPROVED, IN_REVIEW):
        raise ValueError(f"status is {APPROVED} or {IN_REVIEW}")
    return Template(**{"name": "", "title": "", **values})
