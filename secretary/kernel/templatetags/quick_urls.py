"""`{% url %}` for every template, and `address`: look one up once per process where nothing but one number or one code
varies.

Looking it up takes 10 µs, and a list has one in each row. All other forms of the tag are Django's own.
"""

import re
from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode, url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from secretary.kernel.quick_templates.code import Code
from secretary.kernel.quick_templates.expressions import Unknown, is_text, value
from secretary.kernel.quick_templates.nodes import WRITERS

register = template.Library()
SOME_NUMBER, SOME_CODE = 7_777_777_777, "some-code-77"
_is_code = re.compile(r"[A-Za-z0-9_-]+").fullmatch  # written as it is, and taken by `slug` and `str`
_known: dict[tuple[object, ...], list[str] | None] = {}


class QuickURLNode(URLNode):
    """A route of one of our own namespaces, which exist once, with no argument, a whole number or a code."""

    @property
    def is_constant(self) -> bool:
        name = self.view_name.var
        return not self.args and is_text(self.view_name) and ":" in name and not name.startswith("admin:")

    def render(self, context: Any) -> Any:
        name = self.view_name.resolve(context)
        value = self.args[0].resolve(context) if self.args else None
        is_ours = ":" in name and not name.startswith("admin:")
        pieces = (_around(name, value) if self.args else _pieces(name, None)) if is_ours else None
        return super().render(context) if pieces is None else str(value).join(pieces)


def _around(name: str, value: Any) -> list[str] | None:
    """Return what stands before and after such a value in the route's address; None where only Django knows."""
    if type(value) is int:
        return _pieces(name, SOME_NUMBER) if value >= 0 else None
    return _pieces(name, SOME_CODE) if type(value) is str and _is_code(value) else None


def _write(node: QuickURLNode, code: Code) -> None:
    name = node.view_name.var
    if not is_text(node.view_name) or ":" not in name or name.startswith("admin:") or not node.args:
        raise Unknown
    number = value(node.args[0], code)
    pieces = code.fresh()
    code.add(f"{pieces} = {code.keep(_around)}({name!r}, {number})", f"if {pieces} is not None:")
    code.add(f"    write(str({number}).join({pieces}))", "else:")
    code.add(f"    write(rendered({code.keep(node)}, context, {code.names}))")


WRITERS[QuickURLNode] = _write


@register.tag("url")
def quick_url(parser: Parser, token: Token) -> URLNode:
    node = url(parser, token)
    if node.kwargs or node.asvar or len(node.args) > 1:
        return node
    return QuickURLNode(node.view_name, node.args, node.kwargs, node.asvar)


def address(route: str) -> str:
    """Return the address of a route without arguments; "" where there is none."""
    try:
        [found] = _pieces(route, None) or [""]
    except NoReverseMatch:
        return ""
    return found


def _pieces(name: str, sample: int | str | None) -> list[str] | None:
    """Return the address, cut where the sample stands in it; None where the route takes no code: another text may be a
    number or a UUID. Raises NoReverseMatch."""
    key = (name, sample, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
    if key not in _known:
        try:
            found = reverse(name, args=[] if sample is None else [sample])
        except NoReverseMatch:
            if sample != SOME_CODE:
                raise
            _known[key] = None
        else:
            _known[key] = [found] if sample is None else found.split(str(sample))
    return _known[key]
