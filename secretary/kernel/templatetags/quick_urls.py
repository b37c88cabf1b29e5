"""`{% url %}` for every template, and `address`: look one up once per process where nothing but one number varies.

Looking it up takes 10 µs, and a list has one in each row. All other forms of the tag are Django's own.
"""

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
SOME_NUMBER = 7_777_777_777
_known: dict[tuple[object, ...], list[str]] = {}


class QuickURLNode(URLNode):
    """A route of one of our own namespaces, which exist once, with no argument or a whole number."""

    @property
    def is_constant(self) -> bool:
        name = self.view_name.var
        return not self.args and is_text(self.view_name) and ":" in name and not name.startswith("admin:")

    def render(self, context: Any) -> Any:
        name = self.view_name.resolve(context)
        value = self.args[0].resolve(context) if self.args else None
        if ":" not in name or name.startswith("admin:") or (self.args and (type(value) is not int or value < 0)):
            return super().render(context)
        return str(value).join(_pieces(name, bool(self.args)))


def _write(node: QuickURLNode, code: Code) -> None:
    name = node.view_name.var
    if not is_text(node.view_name) or ":" not in name or name.startswith("admin:") or not node.args:
        raise Unknown
    number = value(node.args[0], code)
    code.add(f"if type({number}) is int and {number} >= 0:")
    code.add(f"    write(str({number}).join({code.keep(_pieces)}({name!r}, True)))", "else:")
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
        return _pieces(route, has_number=False)[0]
    except NoReverseMatch:
        return ""


def _pieces(name: str, has_number: bool) -> list[str]:
    """Return the address, cut at its number."""
    key = (name, has_number, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
    pieces = _known.get(key)
    if pieces is None:
        found = reverse(name, args=[SOME_NUMBER] if has_number else [])
        pieces = _known[key] = found.split(str(SOME_NUMBER))
    return pieces
