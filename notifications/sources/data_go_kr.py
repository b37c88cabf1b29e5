"""Read replies of data.go.kr-style APIs (공공데이터포털) and map their result codes.

Success: `response.header.resultCode` 00 and `response.body` with totalCount, pageNo, numOfRows, items.item.
Errors of the portal's gateway arrive as XML (`OpenAPI_ServiceResponse.cmmMsgHeader.returnReasonCode`) with
HTTP status 200 even where JSON was requested, so the first byte decides the format. Newer ones reportedly have status
400 or 403 (second-hand, unverified): the envelope is read there too.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from notifications.sources import ks_x_1001, strict_json
from notifications.sources.contract import SourceRefused, SourceUnavailable
from notifications.sources.strict_json import MAX_DEPTH, NotStrict

# Codes 01–31 and 99: data.go.kr, error code pop-up (selectErrCodePopupView). 02, 11, 21, 32, 33: older guides
# of single services, unverified. Seconds: our own choice, the portal publishes none.
_TRY_AGAIN = {
    "01": ("application error", 60.0),
    "02": ("database error", 60.0),
    "04": ("HTTP error", 60.0),
    "05": ("the service timed out", 60.0),
    "21": ("the key is suspended for a while", 3600.0),
    "22": ("the day's number of calls is used up", 3600.0),
    "23": ("too many calls in a second", 2.0),
    "99": ("unknown error", 60.0),
}
_REFUSED = {
    "10": "an invalid parameter",
    "11": "a parameter is missing",
    "12": "there is no such service",
    "20": "access denied",
    "29": "our address is not registered",
    "30": "the key is not registered",
    "31": "the key has expired",
    "32": "our address is not registered",
    "33": "the call is not signed",
}
_NO_DATA = "03"
# Expat reads Korean only in Unicode, so another declared character set is decoded before parsing (XML 1.0, 4.3.3).
_DECLARATION = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")


@dataclass(frozen=True, slots=True)
class Reply:
    """One page of the source's answer; `page` and `rows` are None where it does not repeat them."""

    items: list[Any]
    total: int
    page: int | None
    rows: int | None


def read_reply(body: bytes) -> Reply:
    """Parse a reply. Raises SourceUnavailable for temporary codes, SourceRefused for others and unreadable replies."""
    body = body.removeprefix(codecs.BOM_UTF8).lstrip()
    root = _parse_xml(body) if body.startswith(b"<") else _parse_json(body)
    root = _unwrap(root, "OpenAPI_ServiceResponse")
    gateway = root.get("cmmMsgHeader")
    if isinstance(gateway, dict):
        raise _failure(_code(gateway.get("returnReasonCode")))
    response = _unwrap(root, "response")
    code = _code(_mapping(response.get("header"), "header").get("resultCode"))
    if code == _NO_DATA:
        return Reply([], 0, None, None)
    if code != "00":
        raise _failure(code)
    return _read_body(_mapping(response.get("body"), "body"))


def failure_in(body: bytes) -> SourceRefused | SourceUnavailable | None:
    """Return the error in the envelope of an HTTP error; None where it has no readable envelope."""
    try:
        read_reply(body)
    except (SourceRefused, SourceUnavailable) as error:
        return error if error.code.startswith("result_") else None
    return None


def _parse_json(body: bytes) -> dict[str, Any]:
    try:
        return _mapping(strict_json.whole(strict_json.decode(body)), "the reply")
    except NotStrict as error:
        raise SourceRefused(error.code, f"the reply at character {error.at}") from None


def _parse_xml(body: bytes) -> dict[str, Any]:
    try:
        root = ElementTree.fromstring(_decoded(body), forbid_dtd=True)
    except DefusedXmlException:
        raise SourceRefused("forbidden_xml", "the reply declares a document type or entities") from None
    except (ParseError, ValueError, LookupError):  # LookupError: an encoding unknown to Python
        raise SourceRefused("not_xml", "the reply is not readable XML") from None
    plain = _plain(root, 1)
    return plain if isinstance(plain, dict) else {}


def _decoded(body: bytes) -> bytes | str:
    declared = _DECLARATION.match(body)
    if declared is None or declared[1].decode().lower() not in ks_x_1001.NAMES:
        return body
    return ks_x_1001.decode(body[declared.end() :])


def _plain(element: Element, level: int) -> Any:
    """Return an element as JSON: text, or an object in which a repeated name becomes a list."""
    if level > MAX_DEPTH:
        raise SourceRefused("too_deep", f"more than {MAX_DEPTH} elements within one another")
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    repeated: set[str] = set()
    for child in element:
        value = _plain(child, level + 1)
        if child.tag in repeated:
            found[child.tag].append(value)
        elif child.tag in found:
            found[child.tag] = [found[child.tag], value]
            repeated.add(child.tag)
        else:
            found[child.tag] = value
    return found


def _unwrap(root: dict[str, Any], name: str) -> dict[str, Any]:
    inner = root.get(name)
    return inner if isinstance(inner, dict) else root


def _read_body(body: dict[str, Any]) -> Reply:
    total = _number(body, "totalCount")
    if total is None:
        raise SourceRefused("wrong_shape", "the reply has no totalCount")
    return Reply(_items(body.get("items")), total, _number(body, "pageNo"), _number(body, "numOfRows"))


def _items(items: Any) -> list[Any]:
    """Return the items. `items` is "" or null when there are none, and `item` no list when there is one."""
    if isinstance(items, dict):
        items = items.get("item", [])
    if items == "" or items is None:
        return []
    return items if isinstance(items, list) else [items]


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SourceRefused("wrong_shape", f"{name} is no object")
    return value


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise SourceRefused("wrong_shape", f"{name} is no count")
    return int(text)


def _code(value: Any) -> str:
    """Return the code; 0, "0" and "0000", which some services answer, as "00"."""
    text = str(value).strip()
    if type(value) is bool or not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise SourceRefused("wrong_shape", "the reply has no result code")
    return f"{int(text):02d}"


def _failure(code: str) -> SourceRefused | SourceUnavailable:
    if code in _TRY_AGAIN:
        meaning, seconds = _TRY_AGAIN[code]
        return SourceUnavailable(f"result_{code}", meaning, retry_after=seconds)
    return SourceRefused(f"result_{code}", _REFUSED.get(code, "a code that is in no table of ours"))
