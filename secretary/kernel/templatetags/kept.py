"""Render once per process what is the same on every page: header, footer, navigation.

    {% kept signed_in display.text_size fill at=session_end.at|unbroken %}…{% endkept %}

The markup between the tags may depend on the language, on the values that are named (of which there are few, and none
is a person's), and on nothing else. What differs from page to page is named after `fill`: its place is kept, and the
value of this page is put there. `csrf_token` and `here_path` are filled by themselves.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from html import escape
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
FILLED_ALWAYS = ("csrf_token", "here_path")
MOST = 200  # of one place, so that a mistake in what is named does not fill the memory
_mark = f"kept{secrets.token_hex(8)}"  # no page's text has it
_MARKED = re.compile(rf"{_mark}_(\w+?)_end")


class KeptNode(template.Node):
    """One place of a template, with what it has been rendered to."""

    def __init__(
        self, nodelist: NodeList, named: list[FilterExpression], filled: Mapping[str, FilterExpression]
    ) -> None:
        self.nodelist, self._named, self._filled = nodelist, named, filled
        self._kept: dict[Hashable, list[str]] = {}

    def render(self, context: Any) -> SafeString:
        key = (get_language(), *(each.resolve(context) for each in self._named))
        pieces = self._kept.get(key)
        if pieces is None:
            pieces = self._pieces(context)
            if len(self._kept) < MOST:
                self._kept[key] = pieces
        if len(pieces) == 1:
            return SafeString(pieces[0])
        written = pieces.copy()
        for place in range(1, len(pieces), 2):
            written[place] = self._put(pieces[place], context)
        return SafeString("".join(written))

    def _pieces(self, context: Any) -> list[str]:
        """Return the markup, cut at the places that are filled: every second piece is the name of one."""
        places = {name: f"{_mark}_{name}_end" for name in (*FILLED_ALWAYS, *self._filled)}
        with context.push(**places):
            return _MARKED.split(self.nodelist.render(context))

    def _put(self, name: str, context: Any) -> str:
        if name == "csrf_token":  # lazy: each look at what it is costs more than the token
            return escape(str(context.get(name, "")))
        value = self._filled[name].resolve(context) if name in self._filled else context.get(name, "")
        value = value() if callable(value) else value
        return escape(value) if type(value) is str else conditional_escape(value)


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    words = token.split_contents()[1:]
    cut = words.index("fill") if "fill" in words else len(words)
    named = [parser.compile_filter(word) for word in words[:cut]]
    filled = token_kwargs(words[cut + 1 :], parser)
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, named, filled)
