"""Serve agencies' APIs in the style of data.go.kr: GET /agencies/{agency}/records.

Parameters serviceKey, pageNo, numOfRows (≤ 1,000), and `_type` (also `type`, `resultType`) = json; XML
otherwise. Errors of the gateway come as XML with HTTP 200 for every `_type`. `changedAfter` and each
item's `changeNo` are these two agencies' own: items whose change number is greater, oldest change first.
Source: data.go.kr, error code pop-up; single and empty items as the portal's XML-to-JSON conversion leaves
them.
"""

import hmac
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from sandbox.agencies.book import Book, flat
from sandbox.guard import guarded
from sandbox.state import credentials
from sandbox.state.faults import Plan

GATEWAY = "data_go_kr"
AGENCIES = ("koroad", "kosaf")
MAX_ROWS = 1000
BOOK = web.AppKey("book", Book)
_GATEWAY_ERRORS = {
    "10": "INVALID_REQUEST_PARAMETER_ERROR",
    "12": "NO_OPENAPI_SERVICE_ERROR",
    "30": "SERVICE_KEY_IS_NOT_REGISTERED_ERROR",
}


def add_routes(app: web.Application) -> None:
    app.router.add_get("/agencies/{agency}/records", guarded(GATEWAY, "read", get_records))


async def get_records(request: web.Request, plan: Plan) -> web.Response:
    query = request.query
    if not hmac.compare_digest(query.get("serviceKey", "").encode(), credentials.DATA_GO_KR_SERVICE_KEY.encode()):
        return _gateway_error("30")
    if request.match_info["agency"] not in AGENCIES:
        return _gateway_error("12")
    try:
        page, rows = int(query.get("pageNo", 1)), int(query.get("numOfRows", 10))
        after = int(query.get("changedAfter") or 0)
    except ValueError:
        return _gateway_error("10")
    if page < 1 or not 1 <= rows <= MAX_ROWS:
        return _gateway_error("10")
    book, feed = request.app[BOOK], f"{request.match_info['agency']}-pull"
    found = book.page(feed, after=after, offset=(page - 1) * rows, limit=rows)
    items = [{"changeNo": number, **flat(record)} for number, record in found]
    body = {"items": items, "numOfRows": rows, "pageNo": page, "totalCount": book.total(feed, after=after)}
    wants_json = "json" in (query.get("_type"), query.get("type"), query.get("resultType"))
    return _json(body) if wants_json else _xml(body)


def _json(body: dict[str, Any]) -> web.Response:
    items = body["items"]
    if len(items) > 1:
        shown: Any = {"item": items}
    else:
        shown = {"item": items[0]} if items else ""
    header = {"resultCode": "00", "resultMsg": "NORMAL SERVICE."}
    return web.json_response({"response": {"header": header, "body": {**body, "items": shown}}})


def _xml(body: dict[str, Any]) -> web.Response:
    root = Element("response")
    header = SubElement(root, "header")
    SubElement(header, "resultCode").text = "00"
    SubElement(header, "resultMsg").text = "NORMAL SERVICE."
    shown = SubElement(root, "body")
    items = SubElement(shown, "items")
    for item in body["items"]:
        element = SubElement(items, "item")
        for name, value in item.items():
            SubElement(element, name).text = str(value)
    for name in ("numOfRows", "pageNo", "totalCount"):
        SubElement(shown, name).text = str(body[name])
    return _as_xml(root)


def _gateway_error(code: str) -> web.Response:
    root = Element("OpenAPI_ServiceResponse")
    header = SubElement(root, "cmmMsgHeader")
    SubElement(header, "errMsg").text = "SERVICE ERROR"
    SubElement(header, "returnAuthMsg").text = _GATEWAY_ERRORS[code]
    SubElement(header, "returnReasonCode").text = code
    return _as_xml(root)


def _as_xml(root: Element) -> web.Response:
    content = tostring(root, encoding="utf-8", xml_declaration=True)
    return web.Response(body=content, content_type="application/xml", charset="utf-8")
