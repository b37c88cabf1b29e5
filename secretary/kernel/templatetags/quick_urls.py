"""`{% url %}` for every template: looks an address up once per process where nothing but one number varies.

Looking it up takes 10 µs, and a list has one in each row. All other forms of the tag are Django's own.
"""

from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode, url
from django.urls import get_script_prefix, get_urlconf, reverse

register = template.Library()
SOME_NUMBER = 7_777_777_777
_known: dict[tuple[object, ...], list[str]] = {}


class QuickURLNode(URLNode):
    """A route of one of our own namespaces, which exist once, with no argument or a whole number."""

    def render(self, context: Any) -> Any:
        name = self.view_name.resolve(context)
        value = self.args[0].resolve(context) if self.args else None
        if ":" not in name or name.startswith("admin:") or (self.args and (type(value) is not int or value < 0)):
            return super().render(context)
        key = (name, bool(self.args), get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
        pieces = _known.get(key)
        if pieces is None:
            address = reverse(name, args=[SOME_NUMBER] if self.args else [])
            pieces = _known[key] = address.split(str(SOME_NUMBER))
        return str(value).join(pieces)


@register.tag("url")
def quick_url(parser: Parser, token: Token) -> URLNode:
    node = url(parser, token)
    if node.kwargs or node.asvar or len(node.args) > 1:
        return node
    return QuickURLNode(node.view_name, node.args, node.kwargs, node.asvar)
