"""NHN's API to hand in Alimtalk templates: register and list under a sender key.

Source: docs.nhncloud.com, KakaoTalk Bizmessage > AlimTalk > API v2.3 Guide, templates. Approved at once, unless the
setting `template_review` makes them wait for the console.
"""

from typing import Any

from aiohttp import web

from sandbox import credentials
from sandbox.faults import Plan
from sandbox.gateways import nhn_shapes as shapes
from sandbox.gateways.nhn import BASE, GATEWAY, authenticate, read_json
from sandbox.gateways.nhn_shapes import Refused
from sandbox.guard import guarded
from sandbox.templates import APPROVED, IN_REVIEW, Template
from sandbox.world import WORLD, World

MAX_NAME, MAX_CONTENT = 150, 1300
_STATUS = {IN_REVIEW: ("TSC01", "요청"), APPROVED: ("TSC03", "승인")}


def add_routes(app: web.Application) -> None:
    path = f"{BASE}/senders/{{sender}}/templates"
    app.router.add_post(path, guarded(GATEWAY, "read", register))
    app.router.add_get(path, guarded(GATEWAY, "read", list_templates))


async def register(request: web.Request, plan: Plan) -> web.Response:
    world = request.app[WORLD]
    try:
        _authenticate(request)
        template = _template(world, await read_json(request))
    except Refused as refused:
        return refused.answer()
    await world.templates.register([template])
    return web.json_response({"header": shapes.SUCCESS})


async def list_templates(request: web.Request, plan: Plan) -> web.Response:
    try:
        _authenticate(request)
    except Refused as refused:
        return refused.answer()
    wanted = request.query.get("templateCode")
    found = [each for each in request.app[WORLD].templates.all("kakaotalk") if wanted in (None, each.code)]
    listed = {"templates": [_template_json(each) for each in found], "totalCount": len(found)}
    return web.json_response({"header": shapes.SUCCESS, "templateListResponse": listed})


def _authenticate(request: web.Request) -> None:
    authenticate(request)
    if request.match_info["sender"] != credentials.NHN_SENDER_KEY:
        raise Refused(-2017, "Not exist plus friend.")


def _template(world: World, body: dict[str, Any]) -> Template:
    shapes.require(body, "templateCode", "templateName", "templateContent")
    longest = world.settings.now.nhn_template_code_max
    limits = {"templateName": MAX_NAME, "templateContent": MAX_CONTENT, "templateCode": longest or None}
    for name, limit in limits.items():
        if limit and len(body[name]) > limit:
            raise Refused(-2000, f"The '{name}' must be at less than or equal to {limit}.")
    title = body.get("templateTitle") or ""
    if title and not body.get("templateSubtitle"):
        message = "The Template which emphasizeType is 'TEXT' must have templateTitle, templateSubtitle."
        raise Refused(-3016, message)
    if world.templates.get("kakaotalk", body["templateCode"]) is not None:
        raise Refused(-3001, "Already exist templateCode or templateName.")
    status = IN_REVIEW if world.settings.now.template_review else APPROVED
    content = body["templateContent"]
    return Template("kakaotalk", body["templateCode"], body["templateName"], title, content, status)


def _template_json(template: Template) -> dict[str, Any]:
    status, status_name = _STATUS[template.status]
    return {
        "senderKey": credentials.NHN_SENDER_KEY,
        "templateCode": template.code,
        "templateName": template.name,
        "templateContent": template.body,
        "templateTitle": template.title or None,
        "templateEmphasizeType": "TEXT" if template.title else "NONE",
        "status": status,
        "statusName": status_name,
    }
